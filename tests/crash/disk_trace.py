"""What a process did to a folder, read from strace's words, and what a power cut at any point leaves of it.

A write is on the disk once its file was synced after it, a name once its directory was. Until then any of
them may be there or not: files keep any of their unsynced writes, in part too, directories a beginning of
their unsynced changes.
"""

import re
from dataclasses import dataclass, field

HANDLED = ("openat", "write", "pwrite64", "fsync", "fdatasync", "rename", "renameat", "unlink", "ftruncate",
           "mkdir", "sendto", "sendmsg")
# Nobody may change the folder by these unseen.
REFUSED = ("creat", "writev", "pwritev", "pwritev2", "fallocate", "copy_file_range", "link", "linkat", "symlink",
           "symlinkat", "renameat2", "unlinkat", "rmdir", "mkdirat", "truncate")
SECTOR = 512

UNFINISHED = re.compile(r"^(\d+) +(\w+)\((.*) <unfinished \.\.\.>$", re.S)
RESUMED = re.compile(r"^(\d+) +<\.\.\. (\w+) resumed>(.*)$", re.S)
CALL = re.compile(r"^(\d+) +(\w+)\((.*)\) += (-?\d+)(<[^>]*>)?( .*)?$", re.S)
TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?')
PLACE = re.compile(r"(?:\d+|AT_FDCWD)<((?:\\x[0-9a-f]{2})*)>")


def strace_command(output):
    calls = ",".join(HANDLED + REFUSED)
    return ["strace", "-f", "--seccomp-bpf", "-y", "-xx", "-s", "100000000", "-o", str(output), "-e",
            f"trace={calls}", "-e", "signal=none"]


@dataclass
class Operation:
    """One call that changed the folder, or `answer`: bytes that left through a socket."""
    call: str
    path: str = ""
    to: str = ""
    data: bytes = b""
    offset: int = 0  # -1: at the end
    flags: str = ""


def plain(text):
    return bytes.fromhex(text.replace("\\x", ""))


def whole_lines(lines):
    """Calls that another thread interrupted, put together at their end."""
    begun = {}
    for line in lines:
        line = line.rstrip("\n")
        if match := UNFINISHED.match(line):
            begun[match[1]] = f"{match[1]} {match[2]}({match[3]}"
        elif match := RESUMED.match(line):
            yield begun.pop(match[1]) + match[3]
        else:
            yield line


def read_trace(lines, folder):
    operations = []
    for line in whole_lines(lines):
        match = CALL.match(line)
        if not match or int(match[4]) < 0:
            continue
        operation = operation_of(match[2], match[3], int(match[4]), folder)
        if operation:
            operations.append(operation)
    return operations


def operation_of(call, arguments, result, folder):
    texts = [plain(match[1]) for match in TEXT.finditer(arguments)]
    places = [plain(match[1]).decode() for match in PLACE.finditer(arguments)]
    if call in ("sendto", "sendmsg") or (call == "write" and places and places[0].startswith("socket:")):
        return Operation("answer", data=b"".join(texts))
    if call in ("openat", "rename", "renameat", "unlink", "mkdir", *REFUSED):
        names = [text.decode(errors="replace") for text in texts] or places[:1]
    else:
        names = places[:1]
    if not names or not any(name == folder or name.startswith(folder + "/") for name in names):
        return None
    assert call not in REFUSED, f"the folder is changed by {call}({arguments[:200]})"
    operation = Operation(call, names[0])
    if call == "openat":
        operation.flags = arguments
        return operation if "O_CREAT" in arguments or "O_TRUNC" in arguments else None
    if call in ("rename", "renameat"):
        operation.to = names[1]
    elif call in ("write", "pwrite64"):
        operation.data = texts[0][:result]
        operation.offset = int(arguments.rsplit(",", 1)[1]) if call == "pwrite64" else -1
        assert len(operation.data) == result, f"{call} of {result} bytes, {len(operation.data)} traced"
    elif call == "ftruncate":
        operation.offset = int(arguments.rsplit(",", 1)[1])
    return operation


@dataclass
class File:
    """Content as last synced, and what was done to it since: (offset, data) or (size, None)."""
    synced: bytes = b""
    since: list = field(default_factory=list)
    size: int = 0

    def content(self, changes):
        data = bytearray(self.synced)
        for offset, written in changes:
            if written is None:
                del data[offset:]
                data.extend(bytes(offset - len(data)))
            else:
                data.extend(bytes(max(0, offset - len(data))))
                data[offset:offset + len(written)] = written
        return bytes(data)


@dataclass
class Directory:
    """Names as last synced, and the changes since, each {name: File, Directory or None}."""
    synced: dict = field(default_factory=dict)
    since: list = field(default_factory=list)

    def names(self, changes):
        names = dict(self.synced)
        for change in changes:
            names.update(change)
        return {name: what for name, what in names.items() if what is not None}


class Disk:
    """A folder as the operations leave it; `image` is what a power cut now may leave."""

    def __init__(self, folder):
        self.folder = folder
        self.top = Directory()

    def _directory_of(self, path):
        parts = path[len(self.folder):].strip("/").split("/")
        directory = self.top
        for part in parts[:-1]:
            directory = directory.names(directory.since)[part]
        return directory, parts[-1]

    def _find(self, path):
        if path == self.folder:
            return self.top
        directory, name = self._directory_of(path)
        return directory.names(directory.since).get(name)

    def apply(self, operation):
        getattr(self, f"_{operation.call}")(operation)

    def _answer(self, operation):
        pass

    def _openat(self, operation):
        found = self._find(operation.path)
        if found is None:
            directory, name = self._directory_of(operation.path)
            directory.since.append({name: File()})
        elif "O_TRUNC" in operation.flags:
            self._change(found, 0, None)

    @staticmethod
    def _change(file, offset, data):
        file.since.append((offset, data))
        file.size = offset if data is None else max(file.size, offset + len(data))

    def _pwrite64(self, operation):
        file = self._find(operation.path)
        if file is not None:  # None: unlinked, still open
            self._change(file, operation.offset, operation.data)

    def _write(self, operation):
        file = self._find(operation.path)
        if file is not None:
            self._change(file, file.size, operation.data)

    def _ftruncate(self, operation):
        file = self._find(operation.path)
        if file is not None:
            self._change(file, operation.offset, None)

    def _fsync(self, operation):
        found = self._find(operation.path)
        if isinstance(found, Directory):
            found.synced, found.since = found.names(found.since), []
        elif found is not None:
            found.synced, found.since = found.content(found.since), []

    _fdatasync = _fsync

    def _rename(self, operation):
        file = self._find(operation.path)
        here, name = self._directory_of(operation.path)
        there, new = self._directory_of(operation.to)
        if here is there:
            here.since.append({name: None, new: file})
        else:
            there.since.append({new: file})
            here.since.append({name: None})

    _renameat = _rename

    def _unlink(self, operation):
        directory, name = self._directory_of(operation.path)
        directory.since.append({name: None})

    def _mkdir(self, operation):
        if operation.path != self.folder:
            directory, name = self._directory_of(operation.path)
            directory.since.append({name: Directory()})

    def image(self, mode, random):
        """{path: bytes, or None for a directory}; mode: kept, dropped, torn."""
        files = {}
        self._collect(self.top, "", mode, random, files)
        return files

    def _collect(self, directory, prefix, mode, random, files):
        changes = {"kept": len(directory.since), "dropped": 0,
                   "torn": random.randint(0, len(directory.since))}[mode]
        for name, what in directory.names(directory.since[:changes]).items():
            if isinstance(what, Directory):
                files[prefix + name] = None
                self._collect(what, f"{prefix}{name}/", mode, random, files)
            else:
                files[prefix + name] = what.content(left_of(what.since, mode, random))


def left_of(changes, mode, random):
    if mode == "dropped":
        return []
    if mode == "kept":
        return changes
    left = []
    for offset, data in changes:
        fate = random.random()
        if fate < 0.5:
            left.append((offset, data))
        elif fate < 0.7 and data and len(data) > SECTOR:
            left += torn(offset, data, random)
    return left


def torn(offset, data, random):
    """Some sectors of one write."""
    parts = []
    start = 0
    while start < len(data):
        end = min(len(data), start + SECTOR - (offset + start) % SECTOR)
        if random.random() < 0.5:
            parts.append((offset + start, data[start:end]))
        start = end
    return parts
