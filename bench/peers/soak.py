#!/usr/bin/env python3
"""Whether a server under mixed load stays as it was: memory, descriptors, latency.

    bench/peers/soak.py --patron build/release/patron [--minutes 30] [--out FILE]

A durable server with 100,000 customers is read, sent events and asked about everybody for as long as that, by
`patron load`, open loop. Every few seconds its memory, descriptors and threads are written down; the table gives
them and the latencies by tenths of the run, as they were in the middle of each.
"""

import argparse
import datetime
import json
import re
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import machine
from servers import Patron

PARTS = 10
LOOK_EVERY_SECONDS = 5


def look(server):
    """(resident bytes, descriptors, threads, orders and other facts kept) of the server now."""
    folder = Path(f"/proc/{server.process.pid}")
    status = (folder / "status").read_text()
    resident = int(re.search(r"^VmRSS:\s+(\d+) kB", status, re.M)[1]) * 1024
    threads = int(re.search(r"^Threads:\s+(\d+)", status, re.M)[1])
    return resident, len(list((folder / "fd").iterdir())), threads, server.metric("patron_ledger_entries")


def run_load(arguments, server, report):
    return subprocess.Popen([
        arguments.patron, "load", "--to", f"http://127.0.0.1:{server.port}", "--mode", "mixed",
        "--fill", str(arguments.customers), "--rate", str(arguments.rate), "--event-rate", str(arguments.event_rate),
        "--events-per-request", "100", "--scan-every", "5", "--duration", str(60 * arguments.minutes),
        "--warmup", "10", "--arrivals", "poisson", "--timeline", "--quiet", "--json", report],
        stdout=subprocess.DEVNULL)


def watch(load, server):
    looks = []
    while load.poll() is None:
        looks.append((time.monotonic(), *look(server)))
        time.sleep(LOOK_EVERY_SECONDS)
    if load.returncode != 0:
        raise SystemExit(f"the load ended with {load.returncode}")
    return looks


def parts(values):
    """The middle of each tenth."""
    size = len(values) / PARTS
    return [statistics.median(values[int(i * size):max(int((i + 1) * size), int(i * size) + 1)]) for i in range(PARTS)]


def table(looks, classes):
    columns = {"resident MiB": [f"{v / 2**20:,.0f}" for v in parts([one[1] for one in looks])],
               "facts kept, million": [f"{v / 1e6:.2f}" for v in parts([one[4] for one in looks])],
               "descriptors": [f"{v:.0f}" for v in parts([one[2] for one in looks])],
               "threads": [f"{v:.0f}" for v in parts([one[3] for one in looks])]}
    for one in classes:
        slots = [slot for slot in one["timeline"] if slot["answered"]]
        for name in ("p50", "p99", "max"):
            columns[f"{one['name']} {name}, ms"] = [f"{v / 1e6:.2f}" for v in parts([slot[name] for slot in slots])]
    lines = ["| tenth of the run | " + " | ".join(columns) + " |", "|---" * (len(columns) + 1) + "|"]
    lines += [f"| {i + 1} | " + " | ".join(values[i] for values in columns.values()) + " |" for i in range(PARTS)]
    return "\n".join(lines)


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--patron", type=Path, required=True, help="the binary")
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--rate", type=int, default=5_000, help="reads a second")
    parser.add_argument("--event-rate", type=int, default=2_000, help="events a second")
    parser.add_argument("--out", type=Path, help="everything, as JSON")
    arguments = parser.parse_args()
    arguments.patron = arguments.patron.resolve()
    return arguments


def main():
    arguments = parse_arguments()
    with tempfile.TemporaryDirectory(prefix="patron_soak_") as folder:
        report = Path(folder) / "load.json"
        server = Patron(arguments.patron, Path(folder) / "server", "patron", Path(folder) / "data", cores=None)
        try:
            looks = watch(run_load(arguments, server, report), server)
            filled = looks[-1][0] - 60 * arguments.minutes
            looks = [one for one in looks if one[0] >= filled]
        finally:
            server.stop()
        load = json.loads(report.read_text())
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
    print(f"{now}, {machine.model()}: {shlex.join(['python3', *sys.argv])}\n")
    print(table(looks, load["classes"]))
    for one in load["classes"]:
        print(f"- {one['name']}: {one['counted']['answered']:,} of {one['counted']['sent']:,} answered, "
              f"{one['errors']} errors, {one['counted']['shed']} shed")
    if arguments.out:
        arguments.out.write_text(json.dumps({"looks": looks, "load": load}))


if __name__ == "__main__":
    main()
