"""Damage: bits of a killed server's files are flipped, files are cut, and the binary is started on them.

It must find the damage and say so, or come up with exactly what was acknowledged; a cut or damaged end of the
write-ahead log may cost what stood there, never more, and never gives a state that was not.
"""

import argparse
import random
import re
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from crash_server import CrashServer, StartFailed, hashes_of
from event_plan import crash_rounds, seed_of_test
from ledger import Client, events_of
from patron_server import expect

ROUNDS = 240
ROUNDS_QUICK = 24
CLIENTS = 3
BATCHES = 14
DATA_ERROR = 65  # of sysexits
WAL = "patron.db-wal"
NAMES = re.compile(rb"[ceo]\d-\d")  # of customers, events and orders


def make_folder(patron, seed, data):
    """Two lives: the second leaves a write-ahead log behind the first's file, and snapshots."""
    clients = [Client(seed, number, events_max=4) for number in range(CLIENTS)]
    for life in range(2):
        server = CrashServer(patron, data, "--log-level", "off")
        for number in range(BATCHES):
            for client in clients:
                assert client.send_next(server), client.refusal
            if number == BATCHES // 2:
                expect("snapshot", server.request("POST", "/v1/snapshots")[0], 200)
        if life == 0:
            server.stop()
        else:
            server.kill()
    return clients


def files_of(data):
    return {str(path.relative_to(data)): path.read_bytes() for path in sorted(data.rglob("*")) if path.is_file()}


def write_files(files, folder):
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def damaged(name, content, chance):
    """(what was done, the bytes): one to eight bits flipped close together, a cut, or a hole."""
    at = chance.randrange(len(content))
    events = [match.start() for match in NAMES.finditer(content)]
    if events and chance.random() < 0.5:  # most bytes of a small file mean nothing
        at = min(len(content) - 1, chance.choice(events) + chance.randrange(40))
    kind = chance.choice(("flip", "flip", "flip", "cut", "hole"))
    if kind == "cut":
        return f"{name} cut at {at}", content[:at]
    out = bytearray(content)
    if kind == "hole":
        size = chance.choice((16, 128, 512))
        out[at:at + size] = bytes(len(out[at:at + size]))
    else:
        for _ in range(chance.randint(1, 8)):
            out[min(len(out) - 1, at + chance.randrange(4))] ^= 1 << chance.randrange(8)
    return f"{name}: {kind} at {at}", bytes(out)


class Judge:
    """`end`: events of the last two batches; so far one damage may reach unseen, where they meet."""

    def __init__(self, patron, events, end):
        self.patron, self.hashes, self.all = patron, hashes_of(patron, events), len(events)
        self.end = end
        self.seen = Counter()

    def look_at(self, folder, name, what):
        try:
            server = CrashServer(self.patron, folder)
        except StartFailed as failed:
            expect(f"exit code ({failed.said})", failed.code, DATA_ERROR)
            self.seen["refused"] += 1
            return
        try:
            stats, said = server.get("/v1/stats?hashes=true"), server.said()
        finally:
            server.kill()
        seq = stats["seq"]
        expect(f"hash at event {seq}", stats["state_hash"], self.hashes[seq])
        if seq == self.all:
            self.seen["all there"] += 1
            return
        assert name == WAL, f"{self.all - seq} acknowledged events are gone without a word"
        if "cut" not in what:
            assert seq >= self.all - self.end and "torn tail" in said, (
                f"{self.all - seq} acknowledged events are gone: {said}")
        self.seen["an end of the log lost"] += 1


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--patron", required=True, help="the binary")
    parser.add_argument("--quick", action="store_true", help=f"{ROUNDS_QUICK} rounds instead of {ROUNDS}")
    arguments = parser.parse_args()
    rounds = crash_rounds(ROUNDS_QUICK if arguments.quick else ROUNDS)
    seed = seed_of_test()
    chance = random.Random(seed)
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as top:
        clients = make_folder(arguments.patron, seed, Path(top) / "data")
        whole = {name: content for name, content in files_of(Path(top) / "data").items() if content}
        end = sum(len(client.answered[-1][0].events) for client in clients[-2:])
        judge = Judge(arguments.patron, events_of(clients), end)
        log = {name: content for name, content in whole.items() if not name.startswith("snapshots/")}
        for number in range(rounds):
            files = chance.choice((whole, log))  # without snapshots all of the log is read
            name = chance.choice([name for name in files if name != "LOCK"])
            what, content = damaged(name, whole[name], chance)
            folder = Path(top) / f"round-{number}"
            write_files(files | {name: content}, folder)
            try:
                judge.look_at(folder, name, what)
            except AssertionError as failure:
                raise AssertionError(
                    f"seed {seed}, round {number}: {what} of {len(whole[name])}: {failure}") from failure
    print(f"{rounds} damaged folders of {judge.all} events: {dict(judge.seen)}; {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    sys.exit(main())
