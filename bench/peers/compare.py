#!/usr/bin/env python3
"""Patron on this machine beside what one would use instead: one table of ratios, plots, every sample.

    bench/peers/compare.py --patron build/release/patron [--quick] [--out DIR] [--install] [--only GROUP…]

reads   P1, P2, P3: raw epoll, nginx, Redis GET, HMGET, MGET, PostgreSQL select; P9 memory
events  P4: Redis with a synced log, PostgreSQL grouped upsert with and without fsync; P9 memory
scan    P5: DuckDB
See bench/README.md for the method and what the figures do not say.
"""

import argparse
import contextlib
import json
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import events
import machine
import reads
import scan
import summary
from events import QUICK_LEAVES_OUT
from ground import BYTES_PER_CUSTOMER, Ground
from sampling import say
from svg_plot import ratio_plot

GROUPS = {"reads": reads.measure, "events": events.measure, "scan": scan.measure}
FULL_CUSTOMERS, QUICK_CUSTOMERS = 10_000_000, 1_000_000
FULL_ROUNDS, QUICK_ROUNDS = 7, 3
FULL_SECONDS, QUICK_SECONDS = 0.6, 0.3
TOOLS = ("patron_load", "raw_epoll", "ping_pong")
QUICK_NOTE = ("`--quick`: fewer customers (more of them fit into caches, which every contender likes), fewer and shorter "
              f"rounds. Left out: {QUICK_LEAVES_OUT}; instructions per read.")


def measure_groups(arguments):
    """(rows, report) of every group, each with servers of its own."""
    rows, report = [], {"notes": [], "memory": {}, "instructions": {}, "version": "", "took_s": {}}
    for name in arguments.only:
        begun = time.monotonic()
        with contextlib.ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="patron_compare_", dir=arguments.folder)))
            ground = Ground(arguments, folder, stack)
            made = GROUPS[name](ground)
        rows += made
        report["notes"] += ground.notes
        for key in ("memory", "instructions"):
            report[key] = {**getattr(ground, key), **report[key]}
        report["version"] = ground.version
        report["took_s"][name] = round(time.monotonic() - begun)
        say(f"{name}: {report['took_s'][name]} s")
    if arguments.quick:
        report["notes"].insert(0, QUICK_NOTE)
    return rows, report


def markdown(report, rows, keep_disturbed):
    lines = [f"**{report['date']}**, {report['machine']}; patron {report['version']}; `{report['command']}`; "
             f"{report['customers']:,} customers, {report['rounds']} rounds of {report['seconds']} s.", ""]
    lines += summary.table(summary.RATIO_HEAD, [cells for row in rows for cells in summary.ratio_lines(row, keep_disturbed)])
    lines += ["", *summary.memory_sentences(report["memory"]), *[f"- {note}" for note in report["notes"]]]
    if keep_disturbed:
        lines += ["", "**NOT TO BE QUOTED: disturbed samples were kept (`--keep-disturbed`).**"]
    return "\n".join(lines)


SHORTENED = r", \d+ connections|, 1 per write|, now; .*|, durable"  # for a plot's labels


def plot(rows, keep_disturbed):
    shown = [(f"{row.name} {re.sub(SHORTENED, '', row.work)} ÷ {label.replace('`', '')}", mode, min(rates),
              statistics.median(rates), max(rates))
             for row in rows for label, mode, rates, _, _ in summary.ratio_rows(row, keep_disturbed)]
    return ratio_plot("Patron beside its peers", shown) if shown else None


def write(arguments, report, rows):
    arguments.out.mkdir(parents=True, exist_ok=True)
    files = {"ratios.md": markdown(report, rows, arguments.keep_disturbed),
             "figures.md": summary.markdown(report, rows, arguments.keep_disturbed),
             "samples.json": json.dumps(summary.raw(report, rows), indent=1),
             "ratios.svg": plot(rows, arguments.keep_disturbed)}
    for name, text in files.items():
        if text:
            (arguments.out / name).write_text(text, encoding="utf-8")
    say(f"written to {arguments.out}: {', '.join(name for name, text in files.items() if text)}")


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--patron", type=Path, required=True, help="the binary; the tools lie beside it")
    parser.add_argument("--tools", type=Path, help=f"folder of {', '.join(TOOLS)}")
    parser.add_argument("--quick", action="store_true", help="about two minutes; says what it leaves out")
    parser.add_argument("--only", nargs="+", choices=GROUPS, default=list(GROUPS))
    parser.add_argument("--install", action="store_true", help="first install the peers (Debian; see install.sh)")
    parser.add_argument("--customers", type=int, help=f"default {FULL_CUSTOMERS:,}; at most 99,999,999")
    parser.add_argument("--rounds", type=int, help=f"default {FULL_ROUNDS}; fewer say little")
    parser.add_argument("--seconds", type=float, help="of a sample")
    parser.add_argument("--out", type=Path, default=Path("build/compare"), help="folder of table, samples and plot")
    parser.add_argument("--folder", type=Path, help="where data goes, a disk; default: the temporary folder")
    parser.add_argument("--keep-disturbed", action="store_true", help="to see that everything runs")
    arguments = parser.parse_args()
    quick = arguments.quick
    arguments.customers = arguments.customers or (QUICK_CUSTOMERS if quick else FULL_CUSTOMERS)
    arguments.rounds = arguments.rounds or (QUICK_ROUNDS if quick else FULL_ROUNDS)
    arguments.seconds = arguments.seconds or (QUICK_SECONDS if quick else FULL_SECONDS)
    arguments.patron = arguments.patron.resolve()
    arguments.tools = (arguments.tools or arguments.patron.parent).resolve()
    refuse(parser, arguments)
    return arguments


def refuse(parser, arguments):
    if not 1000 <= arguments.customers <= 99_999_999 or not 1 <= arguments.rounds <= 100:
        parser.error("customers from 1,000 to 99,999,999, rounds from 1 to 100")
    missing = [name for name in TOOLS if not (arguments.tools / name).exists()]
    if missing or not arguments.patron.exists():
        parser.error(f"missing in {arguments.tools}: {', '.join(missing) or arguments.patron}; configure with "
                     f"-DPATRON_BENCH=ON and build patron, {', '.join(TOOLS)}")
    if machine.memory_available_bytes() < arguments.customers * BYTES_PER_CUSTOMER:
        parser.error(f"{arguments.customers:,} customers need {arguments.customers * BYTES_PER_CUSTOMER / 2**30:.1f}"
                     " GiB of free memory; say fewer with --customers")
    if os.cpu_count() < 2:
        parser.error("needs two cores: one for the servers, one for the generator")


def main():
    arguments = parse_arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    if arguments.install:
        subprocess.run([Path(__file__).with_name("install.sh")], check=True)
    rows, report = measure_groups(arguments)
    report |= {**machine.report_head(), "rounds": arguments.rounds, "seconds": arguments.seconds,
               "customers": arguments.customers}
    print(markdown(report, rows, arguments.keep_disturbed))
    write(arguments, report, rows)


if __name__ == "__main__":
    main()
