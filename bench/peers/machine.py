"""What the machine is and what it is doing: cores, foreign work, memory of a process."""

import datetime
import os
import resource
import shlex
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path

SYNC_BYTES, SYNCS = 4096, 300
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
# Columns of /proc/stat's first line that are somebody's work: user, nice, system, steal.
BUSY_COLUMNS = (1, 2, 3, 8)


def model():
    try:
        text = subprocess.run(["lscpu"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return "unknown CPU"
    fields = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
    name, family = fields.get("Model name", "unknown CPU").strip(), fields.get("CPU family", "?").strip()
    return f"{name} (family {family}), {os.cpu_count()} cores"


def report_head():
    return {"date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
            "machine": model(), "command": shlex.join(["python3", *sys.argv])}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def memory_available_bytes():
    with open("/proc/meminfo", encoding="ascii") as file:
        fields = dict(line.split(":", 1) for line in file)
    return int(fields["MemAvailable"].split()[0]) * 1024


def resident_bytes(pid):
    with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as file:
        for line in file:
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
    raise RuntimeError(f"process {pid} has no resident memory")


def descendants(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            children = [int(word) for word in file.read().split()]
    except OSError:
        children = []
    return [pid] + [below for child in children for below in descendants(child)]


def cpu_times_of(pid):
    """(user, system) seconds of a process, its threads and the processes below it, ended ones included."""
    user = system = 0
    for each in descendants(pid):
        try:
            with open(f"/proc/{each}/stat", encoding="ascii", errors="replace") as file:
                fields = file.read().rsplit(")", 1)[1].split()
        except FileNotFoundError:  # ended meanwhile: its parent has its times
            continue
        user += int(fields[11]) + int(fields[13])
        system += int(fields[12]) + int(fields[14])
    return user / TICKS_PER_SECOND, system / TICKS_PER_SECOND


def cpu_seconds_of(pid):
    return sum(cpu_times_of(pid))


def run_seconds_of(pid):
    """Of all threads alive, finer than the ticks of /proc/<pid>/stat."""
    return sum(int((task / "schedstat").read_text().split()[0])
               for task in Path(f"/proc/{pid}/task").iterdir()) / 1e9


def own_cpu_seconds():
    """Of this script and of the children that have ended: the generators."""
    total = 0.0
    for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN):
        usage = resource.getrusage(who)
        total += usage.ru_utime + usage.ru_stime
    return total


def busy_seconds():
    with open("/proc/stat", encoding="ascii") as file:
        fields = file.readline().split()
    return sum(int(fields[column]) for column in BUSY_COLUMNS) / TICKS_PER_SECOND


class ForeignWork:
    """How much of one core others used between `begin` and `share`; the server's own time is not theirs."""

    def __init__(self, server_pid):
        self.pid = server_pid
        self.begin = self.now()

    def now(self):
        return time.monotonic(), busy_seconds(), own_cpu_seconds() + cpu_seconds_of(self.pid)

    def share(self):
        elapsed, busy, own = (after - before for after, before in zip(self.now(), self.begin))
        return max(0.0, (busy - own) / elapsed)


def sync_latencies(folder):
    """Microseconds of one write of 4 KiB and its fdatasync, appended to a file in the folder."""
    taken, block = [], os.urandom(SYNC_BYTES)
    file = os.open(folder / "sync_probe", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for _ in range(SYNCS):
        os.write(file, block)
        begun = time.perf_counter()
        os.fdatasync(file)
        taken.append((time.perf_counter() - begun) * 1e6)
    os.close(file)
    return sorted(taken)


def syncs_told(taken):
    taken = sorted(taken)
    return (f"One fdatasync behind a write of 4 KiB in the same folder, {len(taken)} times: median "
            f"{statistics.median(taken):.0f} µs, p99 {taken[len(taken) * 99 // 100]:.0f}, longest {taken[-1]:.0f}.")
