"""The server dies again and again under load, at random instants and at named points of its writing.

After each death it must come back by itself with every acknowledged event and none twice: clients keep
their own ledger, compare every customer, and send again what was not answered. In the end the state equals
that of a fresh server fed the log, and of one fed the clients' plans.
"""

import argparse
import random
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

from crash_server import (CONNECTION_LOST, PATIENCE_SECONDS, CrashServer, StartFailed, dumped_log, fault_environment,
                          replayed_hash)
from event_plan import crash_rounds, seed_of_test
from ledger import Client, Load, check_log
from patron_server import expect

ROUNDS = 100
ROUNDS_QUICK = 16
CLIENTS = 8
LOAD_SECONDS_MAX = 1.5
LOG_CHECK_EVERY = 12
SETTINGS = ("--snapshot-log-mb", "1", "--log-level", "error")

# Where it dies: the rule for faults.cc, how late in a round's calls it may fall.
WAL, DATABASE, SNAPSHOTS = "patron.db-wal", "patron.db", "snapshots/*"
POINTS = {
    "before the commit's sync": (f"kill:sync@{WAL}", 40),
    "after the commit's sync": (f"kill-after:sync@{WAL}", 40),
    "before a write of the log": (f"kill:put@{WAL}", 120),
    "in the middle of a write of the log": (f"torn:put@{WAL}", 120),
    "before a checkpoint's write": (f"kill:put@{DATABASE}", 4),
    "in the middle of a checkpoint's write": (f"torn:put@{DATABASE}", 4),
    "before a checkpoint's sync": (f"kill:sync@{DATABASE}", 1),
    "after a checkpoint's sync": (f"kill-after:sync@{DATABASE}", 1),
    "in the middle of a snapshot's write": (f"torn:put@{SNAPSHOTS}", 2),
    "before a snapshot's sync": (f"kill:sync@{SNAPSHOTS}", 1),
    "after a snapshot's sync": (f"kill-after:sync@{SNAPSHOTS}", 1),
    "before a snapshot's rename": (f"kill:rename@{SNAPSHOTS}", 1),
    "after a snapshot's rename": (f"kill-after:rename@{SNAPSHOTS}", 1),
    "before the directory's sync": ("kill:sync@snapshots", 1),
    "after the directory's sync": ("kill-after:sync@snapshots", 1),
    "before an old snapshot goes": (f"kill:unlink@{SNAPSHOTS}", 1),
}


class Snapshots(threading.Thread):
    """Somebody asks for a snapshot now and then."""

    def __init__(self, server, pauses, stop):
        super().__init__()
        self.server, self.pauses, self.stop = server, pauses, stop

    def run(self):
        connection = self.server.connect()
        try:
            for pause in self.pauses:
                if self.stop.wait(pause):
                    break
                self.server.request("POST", "/v1/snapshots", connection=connection)
        except CONNECTION_LOST:
            pass
        finally:
            connection.close()


class KillLoop:
    def __init__(self, patron, folder, seed):
        self.patron = patron
        self.folder = Path(folder) / "data"
        self.scratch = Path(folder) / "scratch"
        self.random = random.Random(seed)
        self.clients = [Client(seed, number) for number in range(CLIENTS)]
        self.deaths = Counter()
        self.unreached = Counter()
        self.fuse = Path(folder) / "fuse"

    def round(self, number):
        """Every other round ends at a named point, one in ten while the server still recovers."""
        point = self.random.choice([*POINTS]) if number % 2 else None
        if not point and self.random.random() < 0.2:
            self._die_in_recovery()
            return
        rule = f"{POINTS[point][0]}:{self.random.randint(1, POINTS[point][1])}" if point else ""
        self.fuse.unlink(missing_ok=True)
        # Without a fuse faults count from the start of the process on, recovery included.
        fuse = None if self.random.random() < 0.3 else self.fuse
        environment = fault_environment(self.patron, rule, self.folder, fuse)
        try:
            server = CrashServer(self.patron, self.folder, *SETTINGS, environment=environment)
        except StartFailed as failed:
            expect(f"end of a start with {rule or 'no fault'} ({failed.said})", failed.code, -signal.SIGKILL)
            self.deaths[f"{point}, recovering"] += 1
            return
        try:
            if self._all_recovered(server, rule if fuse is None else ""):
                self._load_until_death(server, point)
            else:
                self.deaths[f"{point}, just recovered"] += 1
        finally:
            server.kill()
        if number % LOG_CHECK_EVERY == LOG_CHECK_EVERY - 1:
            check_log(dumped_log(self.patron, self.folder, self.scratch), self.clients)

    def _all_recovered(self, server, lit):
        """False if a `lit` rule ended the server meanwhile: an idle one writes snapshots and checkpoints too."""
        try:
            for client in self.clients:
                client.check_recovered(server)
        except CONNECTION_LOST:
            if not lit:
                raise
            expect(f"end by {lit} of a server just recovered ({server.said()})",
                   server.process.wait(PATIENCE_SECONDS), -signal.SIGKILL)
            return False
        return True

    def _die_in_recovery(self):
        server = CrashServer(self.patron, self.folder, *SETTINGS, wait=False)
        time.sleep(self.random.uniform(0, 0.03))
        server.kill()
        self.deaths["a random instant, recovering"] += 1

    def _load_until_death(self, server, point):
        self.fuse.touch()
        load = Load(server, self.clients)
        pauses = [self.random.uniform(0, 0.1) for _ in range(40)]
        snapshots = Snapshots(server, pauses if point or self.random.random() < 0.3 else [], load.stop_sending)
        snapshots.start()
        load.acknowledged.wait(LOAD_SECONDS_MAX)
        if point:
            self._wait_for_death(server, LOAD_SECONDS_MAX / 2)
            load.stop_sending.set()  # what waits for an idle moment gets one
            self._wait_for_death(server, LOAD_SECONDS_MAX / 2)
        else:
            time.sleep(self.random.uniform(0, 0.3))
        reached = server.process.poll() is not None
        server.process.kill()
        load.finish()
        snapshots.join()
        for client in self.clients:
            assert client.refusal is None, f"client {client.plan.client} was refused: {client.refusal}"
        if point and not reached:
            self.unreached[point] += 1
        self.deaths[point if reached else "a random instant"] += 1

    @staticmethod
    def _wait_for_death(server, seconds):
        until = time.monotonic() + seconds
        while server.process.poll() is None and time.monotonic() < until:
            time.sleep(0.005)

    def settle(self):
        """No more deaths: what was not answered is sent again; the state as three others see it."""
        with CrashServer(self.patron, self.folder, *SETTINGS) as server:
            for client in self.clients:
                client.check_recovered(server)
                client.send_unanswered(server)
                client.check_recovered(server)
            end = server.get("/v1/stats?hashes=true")
        check_log(dumped_log(self.patron, self.folder), self.clients)
        self._expect_hash("started again", end)
        for snapshot in (self.folder / "snapshots").iterdir():
            snapshot.unlink()
        self._expect_hash("started without snapshots", end)
        log = [event for _, _, event in dumped_log(self.patron, self.folder) if event]
        expect("hash of the log in a fresh server", replayed_hash(self.patron, log), end["state_hash"])
        plan = [event for client in self.clients for batch in client.sent() for event in batch.events]
        expect("hash of the plan in a fresh server", replayed_hash(self.patron, plan), end["state_hash"])
        return end

    def _expect_hash(self, how, end):
        with CrashServer(self.patron, self.folder, *SETTINGS) as server:
            stats = server.get("/v1/stats?hashes=true")
        expect(f"{how}: seq and hash", (stats["seq"], stats["state_hash"]), (end["seq"], end["state_hash"]))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--patron", required=True, help="the binary")
    parser.add_argument("--quick", action="store_true", help=f"{ROUNDS_QUICK} rounds instead of {ROUNDS}")
    arguments = parser.parse_args()
    rounds = crash_rounds(ROUNDS_QUICK if arguments.quick else ROUNDS)
    seed = seed_of_test()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        loop = KillLoop(arguments.patron, folder, seed)
        for number in range(rounds):
            try:
                loop.round(number)
            except AssertionError as failure:
                raise AssertionError(f"round {number}, seed {seed}: {failure}") from failure
        end = loop.settle()
    for point, count in loop.deaths.most_common():
        print(f"{count:4} deaths at {point}")
    for point, count in loop.unreached.most_common():
        print(f"     ({count} times not reached: {point})")
    print(f"{end['seq']} events, {end['customers']} customers, {rounds} rounds, "
          f"{time.monotonic() - began:.0f} s: nothing lost, nothing twice")


if __name__ == "__main__":
    sys.exit(main())
