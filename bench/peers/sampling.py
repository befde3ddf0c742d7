"""Samples and rounds: every contender in turn, and only undisturbed samples count."""

import contextlib
import json
import os
import signal
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, field

import machine

NEAR_NS_MAX = 120
PING_PONG_RATIO_MAX = 1.6
FOREIGN_SHARE_MAX = 0.10  # of one core
PING_PONG_MS = 30
WARM_UP_SECONDS = 0.1
PERF_SECONDS = 0.6


@dataclass
class Contender:
    server: object
    load: list = field(default_factory=list)  # arguments of patron_load
    generate: object = None  # instead: makes one sample by itself; says its method as `describe`
    before: object = None    # called before each sample
    label: str = ""

    def __post_init__(self):
        self.label = self.label or self.server.label


@dataclass
class Row:
    """One piece of work, done by every contender of the row; the first one is Patron."""
    name: str
    work: str
    contenders: list
    targets: dict = field(default_factory=dict)  # label -> text
    rounds: list = field(default_factory=list)   # one {label: sample} per round
    skipped: list = field(default_factory=list)  # (label, why)


class Loads:
    """The generator and the ping-pong."""

    def __init__(self, folder, seconds):
        self.program, self.ping_program = str(folder / "patron_load"), str(folder / "ping_pong")
        self.seconds = seconds

    def run(self, port, arguments, limit=60):
        command = [self.program, *map(str, arguments), "--port", str(port)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=limit)
        if done.returncode != 0:
            raise SystemExit(f"{' '.join(command)}: {done.stdout}{done.stderr}")
        return json.loads(done.stdout)

    def timed(self, port, arguments, seconds=None, warm_up=WARM_UP_SECONDS):
        seconds = self.seconds if seconds is None else seconds
        return self.run(port, [*arguments, "--seconds", seconds, "--warmup", warm_up])

    def ping_pong_ns(self):
        done = subprocess.run([self.ping_program, str(PING_PONG_MS)], capture_output=True, text=True,
                              check=True, timeout=60)
        return float(done.stdout)

    def sample(self, contender):
        if contender.before:
            contender.before()
        before = self.ping_pong_ns()
        foreign = machine.ForeignWork(contender.server.pid)
        cpu_before = machine.cpu_times_of(contender.server.pid)
        result = contender.generate() if contender.generate else self.timed(
            contender.server.port, contender.load)
        user, system = (b - a for a, b in zip(cpu_before, machine.cpu_times_of(contender.server.pid)))
        result["server_user_us"] = user * 1e6 / result["units_all"]
        result["server_system_us"] = system * 1e6 / result["units_all"]
        result["foreign_share"] = round(foreign.share(), 3)
        after = self.ping_pong_ns()
        result["ping_pong_ns"] = [before, after]
        result["mode"] = "NEAR" if (before + after) / 2 < NEAR_NS_MAX else "FAR"
        result["dropped"] = why_dropped(result)
        return result


def why_dropped(sample):
    low, high = sorted(sample["ping_pong_ns"])
    if high > PING_PONG_RATIO_MAX * low:
        return "the ping-pongs disagree"
    if sample["foreign_share"] > FOREIGN_SHARE_MAX:
        return "foreign CPU"
    return None


def signal_all(pids, number):
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):  # a process below a server may have ended
            os.kill(pid, number)


@contextlib.contextmanager
def alone(server, servers):
    """Every other server stands still meanwhile, so that what it does when idle disturbs nobody."""
    others = [pid for other in servers if other.pid != server.pid for pid in machine.descendants(other.pid)]
    signal_all(others, signal.SIGSTOP)
    try:
        yield
    finally:
        signal_all(others, signal.SIGCONT)


def run_rounds(rows, loads, rounds):
    servers = {c.server.pid: c.server for row in rows for c in row.contenders}.values()
    for index in range(rounds):
        for row in rows:
            row.rounds.append({})
            for contender in row.contenders:
                with alone(contender.server, servers):
                    row.rounds[-1][contender.label] = loads.sample(contender)
        kept = sum(s["dropped"] is None for row in rows for s in row.rounds[-1].values())
        total = sum(len(row.rounds[-1]) for row in rows)
        say(f"round {index + 1} of {rounds}: {kept} of {total} samples undisturbed")


def kept_samples(row, label, mode, keep_disturbed):
    samples = [each.get(label) for each in row.rounds]
    return [s if s and s["mode"] == mode and (keep_disturbed or s["dropped"] is None) else None
            for s in samples]


def ratios(row, label, mode, key, keep_disturbed):
    """Patron's figure divided by the other's, in every round where both were kept in this mode."""
    mine = kept_samples(row, row.contenders[0].label, mode, keep_disturbed)
    theirs = kept_samples(row, label, mode, keep_disturbed)
    return [a[key] / b[key] for a, b in zip(mine, theirs) if a and b and b[key]]


def median_of(samples, key):
    return statistics.median(s[key] for s in samples)


def user_instructions(server, loads, arguments):
    """Per unit of work; None when perf cannot count them here."""
    command = ["perf", "stat", "-x,", "-e", "instructions:u", "-p", str(server.pid)]
    try:
        perf = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    except OSError:
        return None
    time.sleep(0.2)  # until it has attached
    result = loads.timed(server.port, arguments, PERF_SECONDS, 0)
    perf.send_signal(signal.SIGINT)
    text = perf.communicate(timeout=30)[1]
    counts = [line.split(",")[0] for line in text.splitlines() if "instructions" in line]
    return float(counts[0]) / result["units"] if counts and counts[0].isdigit() else None


def say(text):
    print(text, file=sys.stderr, flush=True)
