#!/usr/bin/env python3
"""The rules of the house that a machine can keep. Prints each breach as `file:line: what`, exit 1.

    tools/check_layers.py [--root DIR] [--update-long-functions]
"""

import argparse
import fnmatch
import re
import sys
from pathlib import Path

# Who may include whom: a floor may reach only the floors named here (and itself).
ARROWS = {
    "scoring": {"scoring"},
    "store": {"scoring", "store"},
    "server/wire": {"scoring", "store", "server/wire"},
    "server/endpoints": {"scoring", "store", "server/wire", "server/endpoints"},
    "server/net": {"store", "server/wire", "server/endpoints", "server/net"},
    "server": {"scoring", "store", "server/wire", "server/endpoints", "server/net", "server"},
    "tools": {"scoring", "store", "server/wire", "server/endpoints", "server", "tools"},
}
FREE_FLOORS = {"tests", "bench"}  # may include everything, but nobody includes them

# The one door to each library: the only files that may include it. Tests and benchmarks are free.
DOORS = [
    ("simdjson", r"simdjson\b", ["server/wire/*"]),
    ("oneTBB", r"(tbb|oneapi)/", ["store/parallel.*"]),
    ("Asio and Beast", r"boost/(asio|beast)\b", ["server/net/*", "server/*.cc", "tools/*"]),
    ("date", r"date/", ["scoring/day_clock.*"]),
    ("NLopt", r"nlopt\b", []),
    ("CLI11", r"CLI/", ["tools/patron/*", "server/options.*"]),
    ("zlib", r"zlib\.h", ["tools/*"]),
    ("SQLite", r"sqlite3\.h", ["store/sqlite_*"]),
]

FUNCTION_LINES_MAX = 60
FILE_LINES_MAX = 500
LONG_FUNCTIONS = "tools/long_functions.txt"

SKIPPED_FOLDERS = {"build", ".git", "node_modules", "__pycache__", "dist"}
CODE = {".cc", ".h"}
TEXT = CODE | {".py", ".cmake", ".md", ".json", ".in", ".toml", ".ts", ".tsx", ".css", ".html", ".yml"}
TEXT_NAMES = {"CMakeLists.txt", "dev", "run", ".clang-format", ".clang-tidy", ".gitignore"}

# Written so that they do not match themselves.
LEFTOVER = re.compile(r"\b(TO[D]O|FIX[M]E|X[X]X)\b")
FOREIGN = re.compile(r"(?<![\w.])/wor[k]/|\.librar[y]\b")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)


class Report:
    def __init__(self):
        self.breaches = []

    def add(self, path, line, what):
        self.breaches.append(f"{path}:{line}: {what}")


def files_under(root):
    for path in sorted(root.rglob("*")):
        relative = path.relative_to(root)
        if path.is_file() and not SKIPPED_FOLDERS & set(relative.parts):
            if path.suffix in TEXT or path.name in TEXT_NAMES:
                yield relative.as_posix(), path.read_text(encoding="utf-8", errors="replace")


def floor_of(path):
    """The floor a path belongs to, None when it is on no floor of the house."""
    parts = path.split("/")
    if parts[0] == "server" and len(parts) > 2:
        floor = f"server/{parts[1]}"
        return floor if floor in ARROWS else None
    return parts[0] if parts[0] in ARROWS or parts[0] in FREE_FLOORS else None


def line_of(text, position):
    return text.count("\n", 0, position) + 1


def check_includes(path, text, report):
    floor = floor_of(path)
    if floor is None:
        report.add(path, 1, "stands on no floor of the house")
        return
    if floor in FREE_FLOORS:
        return
    for match in INCLUDE.finditer(text):
        line, target = line_of(text, match.start()), match[2]
        if match[1] == '"':
            reached = floor_of(target) if "/" in target else None
            if reached is None:
                report.add(path, line, f'"{target}" is not written from the root')
            elif reached not in ARROWS[floor]:
                report.add(path, line, f"{floor} may not include {reached} ({target})")
        for library, pattern, doors in DOORS:
            if re.match(pattern, target) and not any(is_door(path, door) for door in doors):
                report.add(path, line, f"a second door to {library}; the door is {doors or 'none'}")


def is_door(path, door):
    """`folder/*` covers what is below it; a pattern with a suffix names files of that folder only."""
    if door.endswith("/*"):
        return path.startswith(door[:-1])
    return fnmatch.fnmatch(path, door) and path.count("/") == door.count("/")


def check_header(path, text, report):
    """`#pragma once` first, or right after the contract; the contract before any include or code."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    head = []
    for line in lines:
        if not line.startswith("//") and line != "#pragma once":
            break
        head.append(line)
    if "#pragma once" not in head:
        report.add(path, 1, "no #pragma once before the first include")
    contract = " ".join(line.lstrip("/ ") for line in head if line.startswith("//"))
    if len(contract.split()) < 3:
        report.add(path, 1, "no contract comment before the first include")


def check_words(path, text, report):
    for pattern, what in ((LEFTOVER, "leftover"), (FOREIGN, "a path of somebody's machine")):
        for match in pattern.finditer(text):
            report.add(path, line_of(text, match.start()), f"{what}: {match[0]}")


def source_globs(root):
    """What CMake builds, read from CMake itself so that the two cannot drift apart."""
    text = ""
    for file in [root / "CMakeLists.txt", *sorted((root / "tools/cmake").glob("*.cmake"))]:
        if file.exists():
            text += file.read_text(encoding="utf-8")
    globs = re.findall(r"(?<![\w{}])[\w/]+/\*?\w*\.cc\b", text)
    globs += [f"tests/{folder}/*.cc" for folder in re.findall(r"^patron_test_folder\((\w+)", text, re.M)]
    globs += [f"bench/{depth}*_bench.cc" for depth in ("", "*/", "*/*/")]
    return globs


def check_is_built(path, globs, report):
    if not any(fnmatch.fnmatch(path, g) and path.count("/") == g.count("/") for g in globs):
        report.add(path, 1, "no target builds this source")


def blank_out(match):
    return re.sub(r"[^\n]", " ", match[0])


def without_literals(text):
    """The text with comments, strings and preprocessor lines blanked, every line in its place."""
    pattern = (r'R"(\w*)\((?:.|\n)*?\)\1"|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])\'(?:\\.[^\']*|[^\'\\\n])\''
               r"|//[^\n]*|/\*(?:.|\n)*?\*/")
    return re.sub(r"^[ \t]*#(?:.*\\\n)*.*", blank_out, re.sub(pattern, blank_out, text), flags=re.M)


def functions_in(text):
    """(name, first line, lines of the body) of every function outside other functions."""
    code, found = without_literals(text), []
    depth, body_depth, head_start, name, start = 0, None, 0, "", 0
    for match in re.finditer(r"[{};]", code):
        mark, position = match[0], match.start()
        head = code[head_start:position]
        if mark == "{":
            depth += 1
            if body_depth is None and opens_function(head):
                body_depth, name, start = depth, function_name(head), line_of(code, position)
        elif mark == "}":
            if depth == body_depth:
                found.append((name, start, line_of(code, position) - start - 1))
                body_depth = None
            depth -= 1
        head_start = position + 1
    return found


def opens_function(head):
    head = re.sub(r"\b(public|private|protected)\s*:", " ", head).strip()
    is_type = re.match(r"(template\s*<.*>\s*)?(namespace|class|struct|enum|union|extern)\b", head, re.S)
    return ")" in head and not is_type and not re.search(r"=\s*$", head)


def function_name(head):
    match = re.search(r"([\w:~]+|operator\s*\S+?)\s*\(", head)
    return match[1] if match else "?"


def long_functions(sources):
    return {(path, name): lines for path, text in sources if floor_of(path) not in FREE_FLOORS
            for name, _, lines in functions_in(text) if lines > FUNCTION_LINES_MAX}


def check_ratchet(root, sources, report):
    """The list of long functions may only shrink: no new ones, none longer, none listed in vain."""
    listed, file = {}, root / LONG_FUNCTIONS
    for line in file.read_text(encoding="utf-8").splitlines() if file.exists() else []:
        if line and not line.startswith("#"):
            path, name, lines = line.split()
            listed[(path, name)] = int(lines)
    found = long_functions(sources)
    for key, lines in found.items():
        if lines > listed.get(key, 0):
            report.add(key[0], 1, f"{key[1]} has {lines} lines; {FUNCTION_LINES_MAX} are the most")
    for key, lines in listed.items():
        if found.get(key, 0) < lines:
            report.add(LONG_FUNCTIONS, 1, f"{key[0]} {key[1]} is shorter now: lower or drop its line")


def update_ratchet(root, sources):
    head = f"# Functions of more than {FUNCTION_LINES_MAX} lines: file, name, lines. May only shrink.\n"
    rows = [f"{path} {name} {n}\n" for (path, name), n in sorted(long_functions(sources).items())]
    (root / LONG_FUNCTIONS).write_text(head + "".join(rows), encoding="utf-8")


def check(root):
    report, globs, sources = Report(), source_globs(root), []
    for path, text in files_under(root):
        check_words(path, text, report)
        lines = text.count("\n")
        suffix = Path(path).suffix
        if suffix in CODE | {".py", ".cmake"} and lines > FILE_LINES_MAX:
            report.add(path, 1, f"{lines} lines; {FILE_LINES_MAX} are the most")
        if suffix not in CODE:
            continue
        sources.append((path, text))
        check_includes(path, text, report)
        if suffix == ".h":
            check_header(path, text, report)
        else:
            check_is_built(path, globs, report)
    check_ratchet(root, sources, report)
    return report.breaches, sources


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parent.parent)
    parser.add_argument("--update-long-functions", action="store_true")
    arguments = parser.parse_args()
    breaches, sources = check(arguments.root)
    if arguments.update_long_functions:
        update_ratchet(arguments.root, sources)
        breaches, sources = check(arguments.root)
    print("\n".join(breaches + [f"{len(sources)} sources, {len(breaches)} breaches"]))
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
