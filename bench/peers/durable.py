#!/usr/bin/env python3
"""What keeping events costs, and how long a restart takes.

    bench/peers/durable.py --patron build/bench/patron [--customers N] [--rounds N] [--restart-customers N]

Events in: Patron with a synced log, Patron in memory only, Redis with a log synced before every answer, on
the same customers in the same rounds; beside them what one fdatasync costs in the same folder. Then a
restart from a snapshot and from the log alone (P8). See bench/README.md for the method.
"""

import argparse
import contextlib
import json
import tempfile
import time
import urllib.request
from pathlib import Path

import machine
import summary
from ground import BYTES_PER_CUSTOMER, EVENTS_OF_A_MEBIBYTE, FILL_SECONDS_MAX
from sampling import Contender, Loads, Row, run_rounds, say
from servers import Patron, Redis, find_program

FSYNC, MEMORY, REDIS = "patron, fsync", "patron, memory only", "Redis, AOF always"
TARGETS = {MEMORY: "≥ 0.5", REDIS: "P4: ≥ 8"}
SHAPES = [("1 per body, 1 connection", 1, 1), ("1 per body, 64 connections", 1, 64), ("16 per body, 64 connections", 16, 64),
          ("64 per body, 64 connections", 64, 64), ("1 MiB bodies, 4 connections", EVENTS_OF_A_MEBIBYTE, 4)]
RESTART_SECONDS_MAX = 600


def fill(loads, server, kind, customers, per_write):
    say(f"filling {server.label} with {customers:,} customers")
    done = loads.run(server.port, [kind, "--customers", customers, "--connections", 8, "--per-write", per_write],
                     FILL_SECONDS_MAX)
    say(f"  {done['units']:,} orders in {done['seconds']:.1f} s")


def event_rows(arguments, loads, folder, stack):
    servers = [Patron(arguments.patron, folder / "fsync", FSYNC, folder / "fsync" / "data"),
               Patron(arguments.patron, folder / "memory", MEMORY)]
    for server in servers:
        stack.callback(server.stop)
        fill(loads, server, "http-history", arguments.customers, 5000)
    redis = find_program("redis-server")
    if redis:
        servers.append(Redis(redis, folder / "redis", REDIS))
        stack.callback(servers[-1].stop)
        fill(loads, servers[-1], "redis-history", arguments.customers, 500)
        servers[-1].log_every_write()
    rows = []
    for work, per_write, connections in SHAPES:
        row = Row("P4", f"POST events, {work}", [], TARGETS)
        for server in servers:
            kind = "redis-events" if server.label == REDIS else "http-events"
            row.contenders.append(Contender(server, [
                kind, "--customers", arguments.customers, "--connections", connections, "--per-write", per_write]))
        if not redis:
            row.skipped.append((REDIS, "not installed"))
        rows.append(row)
    syncs = []
    for _ in range(arguments.rounds):
        syncs += machine.sync_latencies(folder)
        run_rounds(rows, loads, 1)
    syncs += machine.sync_latencies(folder)
    return rows, sorted(syncs), servers[0]


def started(patron, folder, data):
    """(seconds until /readyz, the report of the recovery) of a new server; it is stopped again."""
    begun = time.monotonic()
    server = Patron(patron, folder, "patron", data, cores=None)
    try:
        while time.monotonic() - begun < RESTART_SECONDS_MAX:
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"http://127.0.0.1:{server.port}/readyz", timeout=10).read()
                return time.monotonic() - begun, {
                    name: server.metric(f"patron_recovery_{name}")
                    for name in ("snapshot_seconds", "replay_seconds", "snapshot_customers", "replayed_events")}
            time.sleep(0.02)
        raise SystemExit(f"not ready after {RESTART_SECONDS_MAX} s")
    finally:
        server.process.kill()
        server.process.wait()


def restarts(arguments, loads, folder, stack):
    data = folder / "restart" / "data"
    server = Patron(arguments.patron, folder / "restart", "patron", data, cores=None)
    stack.callback(server.stop)
    fill(loads, server, "http-history", arguments.restart_customers, 5000)
    asked = urllib.request.Request(f"http://127.0.0.1:{server.port}/v1/snapshots", method="POST", data=b"")
    begun = time.monotonic()
    snapshot = json.load(urllib.request.urlopen(asked, timeout=600))
    lines = [f"- Snapshot of {snapshot['customers']:,} customers, {snapshot['bytes'] / 2**20:,.0f} MiB, "
             f"in {time.monotonic() - begun:.1f} s while serving."]
    server.process.kill()
    server.process.wait()
    seconds, told = started(arguments.patron, folder / "again", data)
    rate = told["snapshot_customers"] / told["snapshot_seconds"]
    lines.append(f"- P8, restart from it: {told['snapshot_customers']:,.0f} customers in "
                 f"{told['snapshot_seconds']:.2f} s = {rate / 1e6:.2f} M customers/s (target 5); ready "
                 f"{seconds:.2f} s after the start of the process.")
    for file in (data / "snapshots").iterdir():
        file.unlink()
    seconds, told = started(arguments.patron, folder / "replay", data)
    rate = told["replayed_events"] / told["replay_seconds"]
    lines.append(f"- P8, replay of the whole log: {told['replayed_events']:,.0f} events in "
                 f"{told['replay_seconds']:.2f} s = {rate / 1e6:.2f} M events/s (target 2).")
    return lines


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--patron", type=Path, required=True, help="the binary; patron_load lies beside it")
    parser.add_argument("--customers", type=int, default=1_000_000, help="of the events rows")
    parser.add_argument("--restart-customers", type=int, default=10_000_000, help="0: no restart")
    parser.add_argument("--rounds", type=int, default=7, help="0: no events rows")
    parser.add_argument("--seconds", type=float, default=0.6, help="of a sample")
    parser.add_argument("--folder", type=Path, help="where the data goes; default: the temporary folder")
    parser.add_argument("--keep-disturbed", action="store_true", help="to see that everything runs")
    arguments = parser.parse_args()
    arguments.patron = arguments.patron.resolve()
    if machine.memory_available_bytes() < arguments.restart_customers * BYTES_PER_CUSTOMER / 2:
        parser.error("not enough memory for that many customers")
    return arguments


def main():
    arguments = parse_arguments()
    loads = Loads(arguments.patron.parent, arguments.seconds)
    notes, rows, report = [], [], {"instructions": {}, "memory": {}}
    with contextlib.ExitStack() as outer:
        folder = Path(outer.enter_context(
            tempfile.TemporaryDirectory(prefix="patron_durable_", dir=arguments.folder)))
        if arguments.rounds:
            with contextlib.ExitStack() as stack:
                rows, syncs, server = event_rows(arguments, loads, folder, stack)
                report["version"] = server.version()
                notes.append(machine.syncs_told(syncs) + " Between the rounds.")
                for what in ("commit_seconds_max", "checkpoint_seconds_max"):
                    notes.append(f"patron_log_{what}: {server.metric('patron_log_' + what) * 1e3:.1f} ms.")
        lines = []
        if arguments.restart_customers:
            with contextlib.ExitStack() as stack:
                lines = restarts(arguments, loads, folder, stack)
    report |= {**machine.report_head(), "rounds": arguments.rounds, "seconds": arguments.seconds, "notes": notes}
    if rows:
        print(summary.markdown(report, rows, arguments.keep_disturbed))
    print("\n".join(lines))


if __name__ == "__main__":
    main()
