#!/usr/bin/env python3
"""How the cost of an operation grows with the customers and with the orders of each.

    bench/peers/growth.py --patron build/release/patron [--quick] --out DIR

Cost is the CPU time that the server's threads used per operation; memory is what the process grew by. One
plot per operation and all numbers as JSON in DIR; a table of medians on stdout. P13: at 10 million customers
at most 1.5 times the cost at 100,000. See bench/README.md.
"""

import argparse
import contextlib
import json
import signal
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import machine
import summary
from ground import BYTES_PER_CUSTOMER, EVENTS_OF_A_MEBIBYTE, Ground
from sampling import say
from servers import Patron
from svg_plot import growth_plot

SIZES, QUICK_SIZES = (10_000, 100_000, 1_000_000, 10_000_000), (10_000, 100_000, 1_000_000)
ORDERS, QUICK_ORDERS, ORDERS_CUSTOMERS = (1, 10, 100, 1_000), (1, 10, 100), 10_000
BASE = 100_000  # what the largest is compared with
ROUNDS, QUICK_ROUNDS, SECONDS, QUICK_SECONDS = 7, 3, 0.6, 0.3
SCANS = 3
EVENTS_MIN, EVENTS_MAX = 4 * EVENTS_OF_A_MEBIBYTE, 400_000  # of a sample
TARGET, TARGETED = "≤ 1.5", ("batched_read", "event_64", "event_mebibyte")


@dataclass
class Operation:
    name: str
    title: str
    load: list  # of patron_load; empty: the scan of all customers
    tells: bool = False  # and so changes the size


OPERATIONS = [
    Operation("read", "single read, 64 connections", ["http-reads", "--connections", 64]),
    Operation("pipelined_read", "read, 16 pipelined, 64 connections",
              ["http-reads", "--connections", 64, "--per-write", 16]),
    Operation("batched_read", "read in batches of 100 ids, 16 connections",
              ["http-batch-reads", "--connections", 16, "--per-write", 100]),
    Operation("event_64", "event in bodies of 64, 64 connections",
              ["http-events", "--connections", 64, "--per-write", 64], True),
    Operation("event_mebibyte", "event in bodies of 1 MiB, 4 connections",
              ["http-events", "--connections", 4, "--per-write", EVENTS_OF_A_MEBIBYTE], True),
    Operation("scan", "customer of a scan of all (GET /v1/stats)", []),
]
MEMORY = Operation("memory", "memory of a customer with his orders, bytes", [])


class Point:
    """One size: a filled server, and a new one before events would have changed the size much."""

    def __init__(self, arguments, customers, orders_each, folder):
        self.arguments, self.customers, self.folder = arguments, customers, folder
        self.history = ["--orders-each", orders_each] if orders_each else []
        self.events = min(max(customers, EVENTS_MIN), EVENTS_MAX)  # of a sample
        self.servers, self.stack = 0, contextlib.ExitStack()

    def fill(self):
        self.stack.close()
        self.servers += 1
        self.arguments.customers = self.customers
        self.ground = Ground(self.arguments, self.folder, self.stack)
        self.server = self.ground.start(Patron(self.arguments.patron, self.folder / f"patron{self.servers}"))
        self.used, self.told = self.ground.fill_patron(self.server, self.history), 0

    def sample(self, operation):
        """CPU of the server's threads per unit, and units per second of wall time."""
        if operation.tells and self.told + self.events > self.used["orders"]:
            self.fill()
        cpu, begun = machine.run_seconds_of(self.server.pid), time.monotonic()
        units = self.run(operation)
        elapsed = time.monotonic() - begun
        return {"cpu_ns": (machine.run_seconds_of(self.server.pid) - cpu) / units * 1e9, "rate": units / elapsed,
                "orders_each": (self.used["orders"] + self.told / 2) / self.customers}

    def run(self, operation):
        if not operation.load:
            return sum(json.loads(self.server.get("/v1/stats")[1])["customers"] for _ in range(SCANS))
        load = [*operation.load, "--customers", self.customers]
        if not operation.tells:
            return self.ground.loads.timed(self.server.port, load)["units_all"]
        units = self.ground.loads.run(self.server.port, [*load, "--units", self.events])["units_all"]
        self.told += units
        return units


def measure(arguments, customers, orders_each):
    """{operation: [samples]} for so many customers: first what changes nothing, then events."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="patron_growth_")))
        point = Point(arguments, customers, orders_each, folder)
        stack.callback(point.stack.close)
        point.fill()
        grown = point.used["full"] - point.used["empty"]
        found = {MEMORY.name: [{"cpu_ns": grown / customers, "orders_each": point.used["orders"] / customers}]}
        for operation in sorted(OPERATIONS, key=lambda each: each.tells):
            found[operation.name] = [point.sample(operation) for _ in range(arguments.rounds)]
            costs = [each["cpu_ns"] for each in found[operation.name]]
            say(f"  {operation.title}: {summary.spread(costs, '{:,.0f}'.format)} ns")
        found["version"] = point.server.version()
    return found


def points_of(series, operation):
    made = []
    for size, found in sorted(series.items()):
        costs = [each["cpu_ns"] for each in found[operation.name]]
        made.append((size, min(costs), statistics.median(costs), max(costs)))
    return made


def growth_text(points):
    """The largest against BASE, or against the smallest where BASE was not measured."""
    base = next((point for point in points[:-1] if point[0] == BASE), points[0])
    return f"{points[-1][0]:,} ÷ {base[0]:,}: {points[-1][2] / base[2]:.2f}"


def plots(series, x_name, suffix, is_target):
    for operation in [*OPERATIONS, MEMORY]:
        points = points_of(series, operation)
        unit = "bytes" if operation is MEMORY else "server CPU, ns"
        target = f" (target {TARGET})" if is_target and operation.name in TARGETED else ""
        drawn = growth_plot(operation.title, x_name, unit, points, growth_text(points) + target)
        yield f"growth_{operation.name}_by_{suffix}.svg", drawn


def lines_of(series, what):
    sizes = sorted(series)
    head = [f"Server CPU per operation, ns, by {what}", *[f"{size:,}" for size in sizes], "Growth"]
    body = []
    for operation in [*OPERATIONS, MEMORY]:
        points = points_of(series, operation)
        body.append([operation.title, *[f"{median:,.0f} [{low:,.0f}–{high:,.0f}]" for _, low, median, high in points],
                     growth_text(points)])
    return summary.table(head, body)


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--patron", type=Path, required=True, help="the binary; the tools lie beside it")
    parser.add_argument("--tools", type=Path, help="folder of patron_load and ping_pong")
    parser.add_argument("--quick", action="store_true", help="to 1 million customers, to 100 orders each")
    parser.add_argument("--rounds", type=int, help=f"samples of a point; default {ROUNDS}")
    parser.add_argument("--seconds", type=float, help="of a sample")
    parser.add_argument("--sizes", type=int, nargs="+", help="customers")
    parser.add_argument("--orders", type=int, nargs="+", help=f"orders each of {ORDERS_CUSTOMERS:,} customers")
    parser.add_argument("--out", type=Path, default=Path("build/growth"), help="folder of plots and JSON")
    arguments = parser.parse_args()
    arguments.patron = arguments.patron.resolve()
    arguments.tools = (arguments.tools or arguments.patron.parent).resolve()
    arguments.rounds = arguments.rounds or (QUICK_ROUNDS if arguments.quick else ROUNDS)
    arguments.seconds = arguments.seconds or (QUICK_SECONDS if arguments.quick else SECONDS)
    arguments.sizes = arguments.sizes or (QUICK_SIZES if arguments.quick else SIZES)
    arguments.orders = arguments.orders or (QUICK_ORDERS if arguments.quick else ORDERS)
    if machine.memory_available_bytes() < max(arguments.sizes) * BYTES_PER_CUSTOMER / 2:
        parser.error("not enough memory for that many customers; say --sizes")
    return arguments


def main():
    arguments = parse_arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    by_customers = {size: measure(arguments, size, 0) for size in arguments.sizes}
    by_orders = {each: measure(arguments, ORDERS_CUSTOMERS, each) for each in arguments.orders}
    report = {**machine.report_head(), "version": next(iter(by_customers.values()))["version"],
              "rounds": arguments.rounds, "seconds": arguments.seconds,
              "by_customers": by_customers, "by_orders_each": by_orders}
    arguments.out.mkdir(parents=True, exist_ok=True)
    (arguments.out / "growth.json").write_text(json.dumps(report, indent=1), encoding="utf-8")
    for series, x_name, suffix in ((by_customers, "customers, one to five orders each", "customers"),
                                   (by_orders, f"orders each of {ORDERS_CUSTOMERS:,} customers", "orders")):
        for name, text in plots(series, x_name, suffix, suffix == "customers"):
            (arguments.out / name).write_text(text, encoding="utf-8")
    print(f"**{report['date']}**, {report['machine']}; patron {report['version']}; `{report['command']}`\n")
    print("\n".join([*lines_of(by_customers, "customers (one to five orders each)"), "",
                     *lines_of(by_orders, f"orders each of {ORDERS_CUSTOMERS:,} customers")]))
    print(f"\nP13: batched reads and events at 10 million customers {TARGET} times their cost at 100,000.")


if __name__ == "__main__":
    main()
