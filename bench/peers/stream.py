#!/usr/bin/env python3
"""The live stream beside the push that one writes first, and what silence costs.

    bench/peers/stream.py --patron build/bench/patron [--quick] [--rounds N] [--out FILE]
    bench/peers/stream.py --patron build/bench/patron --silence N

P7   messages a second to 1,000 listeners; from the change to the screen at 10,000 changes a second
P10  CPU of a server with N customers to whom nothing happens, beside itself asked for everybody once a second
See bench/README.md for the method and what the figures do not say.
"""

import argparse
import contextlib
import json
import signal
import statistics
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import machine
from ground import BYTES_PER_CUSTOMER, FILL_SECONDS_MAX, SETTLE_SECONDS_MAX
from sampling import FOREIGN_SHARE_MAX, Contender, Loads, Row, kept_samples, median_of, ratios, run_rounds, say
from servers import Patron, Server
from summary import spread

NAIVE = "async_write per message"
LISTENERS, CUSTOMERS, OWNERS, NAMED = 1_000, 39_000, 100, 390
RATE = 10_000  # changes a second
RATE_BODY = 100
WARM_UP_SECONDS, SAMPLE_SECONDS, QUICK_SECONDS = 0.5, 1.0, 0.6
QUIET_SECONDS = 0.2
SILENCE_ROUNDS, SILENCE_SECONDS = 4, 15
SETTLED_CPU_SHARE = 0.02
HEAD = ["#", "Work", "Contender", "Mode", "n", "Messages/s", "Server CPU per message, ns",
        "Change to screen p50 / p99 / longest, ms", "Patron ÷ rival, per round: messages/s",
        "Rival ÷ Patron: server CPU per message", "Target"]


class StreamLoads(Loads):
    def __init__(self, folder, seconds, patience):
        super().__init__(folder, seconds)
        self.program, self.patience = str(folder / "stream_listeners"), patience

    def sample(self, contender):
        wait_for_quiet(self.patience)
        return super().sample(contender)

    def timed(self, port, arguments, seconds=None, warm_up=WARM_UP_SECONDS):
        return super().timed(port, arguments, seconds, warm_up)


def wait_for_quiet(patience):
    """Until nobody uses the machine, so long at most; whether the sample counts is decided by what happens in it."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        before = machine.busy_seconds()
        time.sleep(QUIET_SECONDS)
        if machine.busy_seconds() - before <= FOREIGN_SHARE_MAX * QUIET_SECONDS:
            return


class NaivePush(Server):
    def __init__(self, binary, folder, message_bytes):
        super().__init__(NAIVE, folder, [binary, message_bytes])


def load(server, *words):
    return ["--server-pid", server.pid, "--customers", CUSTOMERS, *words]


def rows_of(patron, naive):
    """Peak: so many changes under way, in bodies of so many. Else: at a rate."""
    def row(work, target, words, contenders=(patron, naive)):
        return Row("P7", work, [Contender(each, load(each, *words)) for each in contenders], target)

    everything = ["--listeners", LISTENERS]
    at_rate = ["--rate", RATE, "--body", RATE_BODY]
    target, screen = {NAIVE: "≥ 15"}, {patron.label: "p99 < 10 ms"}
    return [
        row("peak, 1,000 listeners to everything, 200 changes under way in bodies of 100", target,
            [*everything, "--body", 100, "--window", 200]),
        row("peak, the same, 16 changes under way in one body", {}, [*everything, "--body", 16, "--window", 16]),
        row("peak, the same, one change at a time", {}, [*everything, "--body", 1, "--window", 1]),
        row("2,000 changes/s, 1,000 listeners to everything", screen,
            [*everything, "--rate", 2_000, "--body", 20], (patron,)),
        row("10,000 changes/s, 100 listeners to everything", screen, ["--listeners", 100, *at_rate]),
        row("10,000 changes/s, 1,000 listeners who name 390 of 39,000 customers each", screen,
            [*everything, "--filter", "customers", "--named", NAMED, *at_rate]),
        row("10,000 changes/s, 1,000 listeners, 10 to each of 100 owners", screen,
            [*everything, "--filter", "owners", *at_rate], (patron,)),
    ]


def post(port, path, body):
    asked = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data=body, method="POST",
                                   headers={"Content-Type": "application/x-ndjson"})
    with urllib.request.urlopen(asked, timeout=60) as answer:
        return json.load(answer)


def give_orders_and_owners(port):
    """Every customer has bought once and belongs to somebody: messages of full length."""
    now = int(time.time() * 1000)
    lines = []
    for customer in range(CUSTOMERS):
        who = f'"customer":"C{customer:08}","at":{now}'
        lines.append(f'{{"id":"p{customer}","type":"profile",{who},"owner":"o{customer % OWNERS:02}"}}')
        lines.append(f'{{"id":"q{customer}","type":"order",{who},"order_id":"q{customer}","amount":100.00}}')
    for begin in range(0, len(lines), 10_000):
        part = lines[begin:begin + 10_000]
        if post(port, "/v1/events", "\n".join(part).encode())["accepted"] != len(part):
            raise SystemExit("not every event was accepted")


def row_lines(row, keep_disturbed):
    first = row.contenders[0].server.label
    for contender in row.contenders:
        label = contender.server.label
        shown = False
        for mode in ("NEAR", "FAR"):
            samples = [s for s in kept_samples(row, label, mode, keep_disturbed) if s]
            if not samples:
                continue
            shown = True
            rates, costs = ([] if label == first else ratios(row, label, mode, key, keep_disturbed)
                            for key in ("rate", "server_ns_per_frame"))
            yield [row.name, row.work, label, mode, str(len(samples)),
                   spread([s["rate"] / 1e3 for s in samples], "{:,.0f}".format) + " k",
                   spread([s["server_ns_per_frame"] for s in samples], "{:,.0f}".format),
                   " / ".join(f"{median_of(samples, key):.2f}" for key in ("p50_ms", "p99_ms", "max_ms")),
                   spread(rates, "{:.1f}".format) + f", n={len(rates)}" if rates else "–",
                   spread([1 / cost for cost in costs], "{:.1f}".format) if costs else "–",
                   row.targets.get(label, "–")]
        if not shown:
            why = ", ".join(sorted({each[label]["dropped"] for each in row.rounds}))
            yield [row.name, row.work, label, "–", "0", f"every sample dropped: {why}", *["–"] * 5]


def markdown(report, rows, keep_disturbed):
    lines = [f"**{report['date']}**, {report['machine']}; patron {report['version']}; `{report['command']}`; "
             f"{report['rounds']} rounds of {report['seconds']} s per contender, servers on core 0 (Patron with one "
             "I/O thread and one beat thread), listeners and changes on core 1.", "",
             "| " + " | ".join(HEAD) + " |", "|" + " --- |" * len(HEAD)]
    lines += ["| " + " | ".join(cells) + " |" for row in rows for cells in row_lines(row, keep_disturbed)]
    lines += ["", "Medians, in brackets the range; latencies are medians of the samples' quantiles.", "",
              *[f"- {note}" for note in report["notes"]]]
    if keep_disturbed:
        lines += ["", "**NOT TO BE QUOTED: disturbed samples were kept (`--keep-disturbed`).**"]
    return "\n".join(lines)


def what_was_left_out(patron):
    left_out = patron.metric("patron_stream_conflated_total")
    if left_out == 0 and patron.metric("patron_stream_gaps_total") == 0:
        return "Patron conflated nothing and made no gap: every listener got every change it asked for."
    return f"**Patron left out {left_out:,.0f} changes for newer ones: the listeners did not keep up.**"


def measure_push(arguments, folder, stack):
    patron = Patron(arguments.patron, folder / "patron", more=["--streams-per-client", LISTENERS])
    stack.callback(patron.stop)
    give_orders_and_owners(patron.port)
    loads = StreamLoads(arguments.tools, arguments.seconds, arguments.patience)
    probe = loads.timed(patron.port, load(patron, "--listeners", 10), 0.3)
    message_bytes = round(probe["bytes_per_frame"]) - 4
    naive = NaivePush(arguments.tools / "naive_push", folder / "naive", message_bytes)
    stack.callback(naive.stop)
    rows = rows_of(patron, naive)
    run_rounds(rows, loads, arguments.rounds)
    notes = [f"A change is a message of {message_bytes} bytes and 4 of its frame, for both.",
             what_was_left_out(patron)]
    return rows, notes, patron.version()


# Silence.

def settle(server):
    """Until the idle server has no work of its own left over from being filled."""
    end = time.monotonic() + SETTLE_SECONDS_MAX
    while time.monotonic() < end:
        before = machine.run_seconds_of(server.pid)
        time.sleep(5)
        share = (machine.run_seconds_of(server.pid) - before) / 5
        say(f"idle share {share:.2%}")
        if share < SETTLED_CPU_SHARE:
            return
    say(f"NOT SETTLED in {SETTLE_SECONDS_MAX} s")


def spell(server, ask):
    """One stretch of time: share of one core, changes told, seconds of each question."""
    told, began, cpu = server.metric("patron_changes_told_total"), time.monotonic(), machine.run_seconds_of(server.pid)
    questions = []
    for second in range(SILENCE_SECONDS):
        if ask:
            asked = time.monotonic()
            server.get("/v1/stats")
            questions.append(time.monotonic() - asked)
        time.sleep(max(0.0, began + second + 1 - time.monotonic()))
    elapsed, used = time.monotonic() - began, machine.run_seconds_of(server.pid) - cpu
    return {"share": used / elapsed, "told": (server.metric("patron_changes_told_total") - told) / elapsed,
            "question_s": statistics.median(questions) if questions else 0}


def measure_silence(arguments, folder, stack):
    server = Patron(arguments.patron, folder / "silent", cores=None)
    stack.callback(server.stop)
    loads = Loads(arguments.tools, 1)
    say(f"filling with {arguments.silence:,} customers")
    loads.run(server.port, ["http-history", "--customers", arguments.silence, "--connections", 8, "--per-write", 5000],
              FILL_SECONDS_MAX)
    settle(server)
    silent, asked = [], []
    for index in range(SILENCE_ROUNDS):
        silent.append(spell(server, False))
        asked.append(spell(server, True))
        say(f"round {index + 1} of {SILENCE_ROUNDS}: {silent[-1]['share']:.2%} silent, {asked[-1]['share']:.2%} asked")
    shares, theirs = [s["share"] * 100 for s in silent], [s["share"] * 100 for s in asked]
    return [f"P10, silence of {server.metric('patron_customers'):,.0f} customers, {SILENCE_ROUNDS} × {SILENCE_SECONDS} s "
            f"each in turn: {spread(shares, '{:.2f}'.format)} % of one core (target < 1 %) while time alone made "
            f"{statistics.median(s['told'] for s in silent):,.1f} changes a second; asked for `GET /v1/stats` once a "
            f"second {spread(theirs, '{:.2f}'.format)} %, {statistics.median(s['question_s'] for s in asked) * 1e3:,.1f} ms "
            f"each; {machine.resident_bytes(server.pid) / 2**20:,.0f} MiB resident.",
            f"Alarms armed: {server.metric('patron_alarms_armed'):,.0f}."]


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--patron", type=Path, required=True, help="the binary; the tools lie beside it")
    parser.add_argument("--tools", type=Path, help="folder of stream_listeners, naive_push, ping_pong, patron_load")
    parser.add_argument("--quick", action="store_true", help="shorter samples, three rounds")
    parser.add_argument("--rounds", type=int, help="default 7, 3 with --quick")
    parser.add_argument("--seconds", type=float, help="of a sample")
    parser.add_argument("--patience", type=float, default=0, help="seconds to wait for a quiet machine before a sample")
    parser.add_argument("--silence", type=int, metavar="N", help="measure P10 with N customers instead")
    parser.add_argument("--out", type=Path, help="every sample, as JSON")
    parser.add_argument("--keep-disturbed", action="store_true", help="to see that everything runs")
    arguments = parser.parse_args()
    arguments.rounds = arguments.rounds or (3 if arguments.quick else 7)
    arguments.seconds = arguments.seconds or (QUICK_SECONDS if arguments.quick else SAMPLE_SECONDS)
    arguments.patron = arguments.patron.resolve()
    arguments.tools = (arguments.tools or arguments.patron.parent).resolve()
    missing = [name for name in ("stream_listeners", "naive_push", "ping_pong", "patron_load")
               if not (arguments.tools / name).exists()]
    if missing:
        parser.error(f"missing in {arguments.tools}: {', '.join(missing)}")
    if arguments.silence and machine.memory_available_bytes() < arguments.silence * BYTES_PER_CUSTOMER / 2:
        parser.error("not enough memory for that many customers")
    return arguments


def main():
    arguments = parse_arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="patron_stream_")))
        if arguments.silence:
            print("\n".join(measure_silence(arguments, folder, stack)))
            return
        rows, notes, version = measure_push(arguments, folder, stack)
    report = {**machine.report_head(), "version": version, "rounds": arguments.rounds,
              "seconds": arguments.seconds, "notes": notes}
    print(markdown(report, rows, arguments.keep_disturbed))
    if arguments.out:
        samples = [{"work": row.work, "rounds": row.rounds} for row in rows]
        arguments.out.write_text(json.dumps({**report, "rows": samples}, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
