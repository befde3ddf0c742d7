#!/usr/bin/env python3
"""Instructions per operation of the whole server, beside those of bench/baseline.json.

    bench/drift.py --patron build/release/patron [--write]

Counts user instructions of a running server: with perf where its counter works, else under callgrind (Debian
package valgrind). Per unit: what a load twice as long needs more, divided by the units it has more, so that
connecting costs nothing. It informs: its exit status says only whether it could measure. --write makes what
it found the new baseline.
"""

import argparse
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "peers"))

import summary  # noqa: E402
from sampling import Loads, say  # noqa: E402
from servers import Server  # noqa: E402

BASELINE = HERE / "baseline.json"
CUSTOMERS = 10_000
SCAN = "scan"
# name: (what, arguments of patron_load, units)
ENTRIES = {
    "read": ("GET score, 64 connections", ["http-reads", "--connections", 64], 3_200),
    "pipelined_read": ("GET score, 16 pipelined, 64 connections",
                       ["http-reads", "--connections", 64, "--per-write", 16], 10_240),
    "batched_read": ("customer of POST scores, 100 ids, 16 connections",
                     ["http-batch-reads", "--connections", 16, "--per-write", 100], 16_000),
    "event_64": ("event in bodies of 64, 16 connections",
                 ["http-events", "--connections", 16, "--per-write", 64], 8_192),
    "event_mebibyte": ("event in bodies of 1 MiB, 2 connections",
                       ["http-events", "--connections", 2, "--per-write", 9_200], 18_400),
    "scanned_row": ("customer of GET /v1/stats", SCAN, 10),
}
LOAD_SECONDS_MAX, IDLE_SECONDS_MAX = 600, 120
IDLE_LOOKS, IDLE_LOOK_SECONDS = 40, 0.02


# What the server does with time that it has to spare, left out (entering it ends the counting, leaving it
# begins it again): under callgrind it has far more of such time than in earnest.
IDLE_WORK = "patron::store::ApplyLoop::make_outlooks_ready(patron::store::BeatContext)"


class Perf:
    name = "perf stat -e instructions:u"

    @staticmethod
    def works():
        with contextlib.suppress(OSError):
            done = subprocess.run(["perf", "stat", "-x,", "-e", "instructions:u", "true"], capture_output=True, text=True)
            return done.stderr.split(",")[0].isdigit()
        return False

    def prefix(self, _folder):
        return []

    def count(self, pid, run):
        perf = subprocess.Popen(["perf", "stat", "-x,", "-e", "instructions:u", "-p", str(pid)],
                                stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
        time.sleep(0.3)  # until it has attached
        units = run()
        perf.send_signal(signal.SIGINT)
        return int(perf.communicate(timeout=30)[1].split(",")[0]), units


class Callgrind:
    name = "callgrind"

    @staticmethod
    def works():
        with contextlib.suppress(OSError):
            return subprocess.run(["valgrind", "--version"], capture_output=True).returncode == 0
        return False

    def prefix(self, folder):
        self.out, self.dumps = folder / "callgrind.out", 0
        return ["valgrind", "--quiet", "--tool=callgrind", f"--callgrind-out-file={self.out}",
                f"--toggle-collect={IDLE_WORK}", "--collect-atstart=yes"]  # in this order: the first implies no

    def control(self, pid, word):
        subprocess.run(["callgrind_control", word, str(pid)], check=True, capture_output=True, timeout=60)

    def count(self, pid, run):
        self.control(pid, "--zero")
        units = run()
        self.control(pid, "--dump")
        self.dumps += 1
        text = Path(f"{self.out}.{self.dumps}").read_text(encoding="utf-8", errors="replace")
        return sum(int(line.split(":")[1]) for line in text.splitlines() if line.startswith("totals:")), units


class CountedPatron(Server):
    """The server under a counter: its own prefix, and all it needs pinned to one core."""

    def __init__(self, binary, folder, prefix):
        super().__init__("patron", folder, [*prefix, binary, "serve", "--listen", "127.0.0.1:0", "--data", "none",
                                            "--io-threads", "1", "--threads", "1", "--log-level", "warn"])


def get(port, path):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=LOAD_SECONDS_MAX) as answer:
        return json.load(answer)


def sleeps(pid):
    """Whether no thread runs or would like to."""
    states = [(task / "stat").read_text().rsplit(")", 1)[1].split()[0] for task in Path(f"/proc/{pid}/task").iterdir()]
    return all(state == "S" for state in states)


def wait_until_idle(server):
    """So that a count begins with nothing left over from what came before."""
    end, quiet = time.monotonic() + IDLE_SECONDS_MAX, 0
    while quiet < IDLE_LOOKS:
        quiet = quiet + 1 if sleeps(server.pid) else 0
        time.sleep(IDLE_LOOK_SECONDS)
        if time.monotonic() > end:
            say(f"NOT IDLE after {IDLE_SECONDS_MAX} s: the counts hold work of another kind")
            return


def work(server, loads, what, units):
    """A function that does so many units of it and says how many they were."""
    if what == SCAN:
        return lambda: sum(get(server.port, "/v1/stats")["customers"] for _ in range(units))
    return lambda: loads.run(server.port, [*what, "--customers", CUSTOMERS, "--units", units], LOAD_SECONDS_MAX)["units_all"]


def per_unit(counter, server, loads, what, units):
    wait_until_idle(server)
    once, few = counter.count(server.pid, work(server, loads, what, units))
    wait_until_idle(server)
    twice, many = counter.count(server.pid, work(server, loads, what, 2 * units))
    return (twice - once) / (many - few)


def measure(arguments, counter):
    loads = Loads(arguments.tools, 0)
    found = {}
    with tempfile.TemporaryDirectory(prefix="patron_drift_") as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        server = CountedPatron(arguments.patron, folder / "patron", counter.prefix(folder))
        stack.callback(server.stop)
        loads.run(server.port, ["http-history", "--customers", CUSTOMERS, "--connections", 8, "--per-write", 5000],
                  LOAD_SECONDS_MAX)
        wait_until_idle(server)
        version = get(server.port, "/version")
        for entry, (title, what, units) in ENTRIES.items():
            work(server, loads, what, max(1, units // 4))()  # tables, buffers, connections: once
            found[entry] = {"what": title, "instructions": round(per_unit(counter, server, loads, what, units), 1),
                            "tool": counter.name, "compiler": version["compiler"], "build_type": version["build_type"],
                            "commit": version["commit"], "date": time.strftime("%Y-%m-%d", time.gmtime())}
            say(f"{title}: {found[entry]['instructions']:,.1f}")
    return found


def drift_text(now, then):
    if then is None:
        return "no baseline"
    for name in ("tool", "compiler", "build_type"):
        if now[name] != then[name]:
            return f"another {name}: not comparable"
    return f"{now['instructions'] / then['instructions'] - 1:+.1%}"


def lines_of(found, baseline):
    head = ["User instructions per", "Now", "Baseline", "Drift", "Baseline of"]
    body = []
    for entry, now in found.items():
        then = baseline.get(entry)
        body.append([now["what"], f"{now['instructions']:,.0f}", f"{then['instructions']:,.0f}" if then else "–",
                     drift_text(now, then), f"{then['date']}, {then['commit']}, {then['tool']}" if then else "–"])
    return summary.table(head, body)


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--patron", type=Path, required=True, help="the binary; patron_load lies beside it")
    parser.add_argument("--tools", type=Path, help="folder of patron_load")
    parser.add_argument("--write", action="store_true", help="make it the baseline")
    arguments = parser.parse_args()
    arguments.patron = arguments.patron.resolve()
    arguments.tools = (arguments.tools or arguments.patron.parent).resolve()
    if not (arguments.tools / "patron_load").exists():
        parser.error(f"no patron_load in {arguments.tools}; configure with -DPATRON_BENCH=ON")
    return arguments


def main():
    arguments = parse_arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    counters = [counter for counter in (Perf, Callgrind) if counter.works()]
    if not counters:
        raise SystemExit("neither perf's counter nor valgrind works here; on Debian: apt-get install valgrind")
    found = measure(arguments, counters[0]())
    baseline = json.loads(BASELINE.read_text(encoding="utf-8")) if BASELINE.exists() else {}
    print("\n".join(lines_of(found, baseline)))
    if arguments.write:
        BASELINE.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
        say(f"written to {BASELINE}")


if __name__ == "__main__":
    main()
