#!/usr/bin/env python3
"""Patron beside its peers on the same work in the same run: one markdown table.

    bench/peers/figures.py --patron build/release/patron [--quick] [--rounds N] [--customers N]

P1, P2  point reads: Patron, a raw epoll server, nginx, Redis
P4      events in: Patron, Redis without a log, Redis with a log synced before every answer
P9      memory: Patron, Redis
See bench/README.md for the method and what the figures do not say.
"""

import argparse
import contextlib
import datetime
import json
import os
import shlex
import signal
import statistics
import sys
import tempfile
import time
from pathlib import Path

import machine
import summary
from sampling import Contender, Loads, Row, run_rounds, say, user_instructions
from servers import Nginx, Patron, RawEpoll, Redis, find_program

FULL_CUSTOMERS, QUICK_CUSTOMERS, ROUNDS_MIN = 10_000_000, 1_000_000, 7
SAMPLE_SECONDS = 0.6
FILL_SECONDS_MAX, SETTLE_SECONDS_MAX = 1800, 900
SETTLED_CPU_SHARE, SETTLED_REFRESH_SHARE = 0.03, 0.001
BODY_SAMPLES = 200
BYTES_PER_CUSTOMER = 1_700  # of all contenders that live at one time, with room to spare
EVENTS_OF_A_MEBIBYTE = 9_200  # of 113 bytes, orders and visits in turn
RAW, NGINX, REDIS = "raw epoll", "nginx `return 200`", "Redis GET"
REDIS_EVENTS, REDIS_LOGGED = "Redis, no log", "Redis, AOF always"

POINT_TARGETS = {
    "P1": {RAW: "NEAR ≥ 0.85", NGINX: "NEAR ≥ 1.6, FAR ≥ 1.15; p99 ≤ 0.65×", REDIS: "NEAR ≥ 1.8, FAR ≥ 1.4"},
    "P2": {NGINX: "NEAR ≥ 12, FAR ≥ 10", REDIS: "NEAR ≥ 6, FAR ≥ 3.5"},
}
EVENT_TARGETS = {REDIS_LOGGED: "≥ 8, for a durable Patron: not this one"}


class Run:
    def __init__(self, arguments, folder, stack):
        self.arguments, self.folder, self.stack = arguments, folder, stack
        self.loads = Loads(arguments.tools, arguments.seconds)
        self.customers = arguments.customers
        self.instructions, self.memory, self.notes = {}, {}, []
        self.patron = self.start(Patron(arguments.patron.resolve(), folder / "patron"))

    def start(self, server):
        self.stack.callback(server.stop)
        return server

    # P9 and the ground of everything else.

    def fill(self, server, kind, per_write):
        empty = machine.resident_bytes(server.pid)
        say(f"filling {server.label} with {self.customers:,} customers")
        filled = self.loads.run(server.port, [
            kind, "--customers", self.customers, "--connections", 8, "--per-write", per_write], FILL_SECONDS_MAX)
        say(f"  {filled['units']:,} orders in {filled['seconds']:.1f} s")
        return {"empty": empty, "orders": filled["units"], "customers": self.customers}

    def fill_patron(self):
        used = self.fill(self.patron, "http-history", 5000)
        known = self.patron.metric("patron_customers")
        if known != self.customers:
            raise SystemExit(f"Patron knows {known:,.0f} customers instead of {self.customers:,}")
        self.settle()
        self.memory["patron"] = {**used, "full": machine.resident_bytes(self.patron.pid)}
        accounted = self.patron.metric("patron_store_memory_bytes") / self.customers
        self.note(f"Of Patron's memory its store accounts for {accounted:,.0f} B/customer, orders and the memory "
                  "of event ids included (`patron_store_memory_bytes`).")

    def fill_redis(self, label):
        binary = find_program("redis-server")
        if not binary:
            return None
        server = self.start(Redis(binary, self.folder / label.replace(" ", "_"), label))
        used = self.fill(server, "redis-history", 500)
        self.memory.setdefault("Redis hashes", {**used, "full": machine.resident_bytes(server.pid)})
        return server

    def settle(self):
        """Until the idle server has made its outlooks ready: no work of its own, no read that waits."""
        end = time.monotonic() + SETTLE_SECONDS_MAX
        while time.monotonic() < end:
            cpu = machine.cpu_seconds_of(self.patron.pid)
            time.sleep(1)
            idle_share = machine.cpu_seconds_of(self.patron.pid) - cpu
            refreshed = self.patron.metric("patron_records_refreshed_total")
            probe = self.loads.timed(self.patron.port, self.reads(1), 0.3, 0)
            share = (self.patron.metric("patron_records_refreshed_total") - refreshed) / probe["units"]
            if idle_share <= SETTLED_CPU_SHARE and share <= SETTLED_REFRESH_SHARE:
                say(f"settled: idle CPU {idle_share:.0%}, {share:.3%} of reads asked the beat")
                return
        self.note(f"**Patron did not settle in {SETTLE_SECONDS_MAX} s**: idle CPU {idle_share:.0%}, "
                  f"{share:.2%} of reads asked the beat")

    def note(self, text):
        say(text)
        self.notes.append(text)

    # P1, P2.

    def reads(self, per_write):
        return ["http-reads", "--customers", self.customers, "--connections", 64, "--per-write", per_write]

    def answer_sizes(self):
        step = max(1, self.customers // BODY_SAMPLES)
        answers = [self.patron.get(f"/v1/customers/C{customer:08}/score")
                   for customer in range(0, self.customers, step)]
        head = statistics.median_low(head for head, _ in answers)
        body = statistics.median_low(len(body) for _, body in answers)
        self.note(f"Patron's answer: {head} bytes of head, {body} of body (median of {len(answers)}); raw epoll "
                  f"answers with {head + body} in all, nginx with a body of {body}, Redis with a value of {body}.")
        return head, body

    def point_peers(self, head, body):
        """(label, server or None, what is missing, reads)"""
        yield RAW, self.start(RawEpoll(self.arguments.tools / "raw_epoll", self.folder / "raw", head + body)), self.reads
        nginx = find_program("nginx")
        yield NGINX, nginx and self.start(Nginx(nginx, self.folder / "nginx", body)), self.reads
        redis = find_program("redis-server")
        yield REDIS, redis and self.redis_values(redis, body), lambda per_write: [
            "redis-reads", *self.reads(per_write)[1:], "--value-bytes", body]

    def redis_values(self, binary, body):
        server = self.start(Redis(binary, self.folder / "redis_values", REDIS))
        say(f"filling {server.label} with {self.customers:,} values")
        self.loads.run(server.port, ["redis-values", "--customers", self.customers, "--connections", 8,
                                     "--per-write", 200, "--value-bytes", body], FILL_SECONDS_MAX)
        return server

    def point_rows(self, head, body):
        rows = [Row("P1", "GET score, 64 connections, 1 per write", [], POINT_TARGETS["P1"]),
                Row("P2", "GET score, 64 connections, 16 pipelined", [], POINT_TARGETS["P2"])]
        peers = list(self.point_peers(head, body))
        for row, per_write in zip(rows, (1, 16)):
            row.contenders.append(Contender(self.patron, self.reads(per_write) + ["--check-id"]))
            for label, server, load in peers:
                if server:
                    row.contenders.append(Contender(server, load(per_write)))
                else:
                    row.skipped.append((label, "not installed"))
        return rows

    def measure_reads(self):
        rows = self.point_rows(*self.answer_sizes())
        refreshed = self.patron.metric("patron_records_refreshed_total")
        run_rounds(rows, self.loads, self.arguments.rounds)
        asked = self.patron.metric("patron_records_refreshed_total") - refreshed
        self.note(f"During P1 and P2 the beat was asked by {asked:,.0f} reads.")
        for row in rows:
            self.count_instructions(row)
            for contender in row.contenders[1:]:
                contender.server.stop()
        return rows

    def count_instructions(self, row):
        contender = row.contenders[0]
        self.instructions[(row.name, row.work)] = user_instructions(
            contender.server, self.loads, contender.load)

    # P4.

    def measure_events(self):
        rows = [Row("P4", "POST events, 1 MiB bodies, 4 connections", [], EVENT_TARGETS),
                Row("P4", "POST events, 64 per body, 64 connections", [], EVENT_TARGETS)]
        plain, logged = self.fill_redis(REDIS_EVENTS), self.fill_redis(REDIS_LOGGED)
        if logged:
            logged.log_every_write()
        else:
            self.memory["Redis hashes"] = {"skipped": "not installed"}
        for row, per_write, connections in zip(rows, (EVENTS_OF_A_MEBIBYTE, 64), (4, 64)):
            shape = ["--customers", self.customers, "--connections", connections, "--per-write", per_write]
            row.contenders.append(Contender(self.patron, ["http-events", *shape]))
            for label, server in ((REDIS_EVENTS, plain), (REDIS_LOGGED, logged)):
                if server:
                    row.contenders.append(Contender(server, ["redis-events", *shape]))
                else:
                    row.skipped.append((label, "not installed"))
        run_rounds(rows, self.loads, self.arguments.rounds)
        for row in rows:
            self.count_instructions(row)
        self.note("P4 counts events applied, rescored and visible when answered; Patron keeps no log here "
                  "(`--data none`). Redis: HINCRBYFLOAT and HSET per event, no duplicates seen, no score.")
        return rows

    def report(self):
        _, version = self.patron.get("/version")
        return {"date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
                "machine": machine.model(), "command": shlex.join(["python3", *sys.argv]),
                "version": version_text(json.loads(version)), "rounds": self.arguments.rounds,
                "seconds": self.arguments.seconds, "customers": self.customers,
                "instructions": self.instructions, "memory": self.memory, "notes": self.notes}


def version_text(version):
    return f"{version['version']} {version['commit']} ({version['build_type']}, {version['compiler']})"


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--patron", type=Path, required=True, help="the binary; the tools lie beside it")
    parser.add_argument("--tools", type=Path, help="folder of patron_load, raw_epoll and ping_pong")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_CUSTOMERS:,} customers")
    parser.add_argument("--customers", type=int, help=f"default {FULL_CUSTOMERS:,}; at most 99,999,999")
    parser.add_argument("--rounds", type=int, default=ROUNDS_MIN, help=f"fewer than {ROUNDS_MIN} say little")
    parser.add_argument("--seconds", type=float, default=SAMPLE_SECONDS, help="of a sample")
    parser.add_argument("--out", type=Path, help="every sample, as JSON")
    parser.add_argument("--keep-disturbed", action="store_true", help="to see that everything runs")
    arguments = parser.parse_args()
    arguments.customers = arguments.customers or (QUICK_CUSTOMERS if arguments.quick else FULL_CUSTOMERS)
    if not 1000 <= arguments.customers <= 99_999_999 or not 1 <= arguments.rounds <= 100:
        parser.error("customers from 1,000 to 99,999,999, rounds from 1 to 100")
    folder = (arguments.tools or arguments.patron.parent).resolve()
    missing = [name for name in ("patron_load", "raw_epoll", "ping_pong") if not (folder / name).exists()]
    if missing or not arguments.patron.exists():
        parser.error(f"missing in {folder}: {', '.join(missing) or arguments.patron}; configure with "
                     "-DPATRON_BENCH=ON and build patron, patron_load, raw_epoll and ping_pong")
    arguments.tools = folder
    if machine.memory_available_bytes() < arguments.customers * BYTES_PER_CUSTOMER:
        parser.error(f"{arguments.customers:,} customers need {arguments.customers * BYTES_PER_CUSTOMER / 2**30:.1f}"
                     " GiB of free memory; say fewer with --customers")
    if os.cpu_count() < 2:
        parser.error("needs two cores: one for the servers, one for the generator")
    return arguments


def main():
    arguments = parse_arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    for name in ("nginx", "redis-server"):
        if not find_program(name):
            say(f"{name} IS NOT INSTALLED: its rows are skipped")
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="patron_figures_")))
        run = Run(arguments, folder, stack)
        run.fill_patron()
        rows = run.measure_reads() + run.measure_events()
        report = run.report()
    print(summary.markdown(report, rows, arguments.keep_disturbed))
    if arguments.out:
        arguments.out.write_text(json.dumps(summary.raw(report, rows), indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
