"""Power cuts: every call by which the real binary changed its folder is recorded with strace; folders as a
cut may have left them after any of those calls are made, and the binary is started on each.

It must come up with a beginning of the log that holds everything acknowledged up to that call, as if the
rest had never been sent, and take new events. A log that is synced now and then must come up with a beginning.
"""

import argparse
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from pathlib import Path

from crash_server import CrashServer, dumped_log, hashes_of, skip
from disk_trace import Disk, read_trace, strace_command
from event_plan import crash_rounds, seed_of_test
from ledger import Client, events_of
from patron_server import PATIENCE_SECONDS, expect

IMAGES = 240
IMAGES_QUICK = 32
CLIENTS = 3
BATCHES = 14
INTERVAL = ("--durability", "interval", "--sync-interval-ms", "20")
SETTINGS = ("--log-level", "warn")
ANSWERED_SEQ = re.compile(rb'"accepted":[1-9]\d*,"duplicates":0,"seq":(\d+)')


def trace_is_permitted(folder):
    output = Path(folder) / "probe"
    if not shutil.which("strace"):
        skip("strace is not installed")
    tried = subprocess.run([*strace_command(output), "true"], capture_output=True, text=True)
    if tried.returncode != 0:
        skip(f"strace may not trace here: {tried.stderr.strip()}")


def record(patron, seed, data, durability):
    """A short life of a server: made, filled, two snapshots, stopped, started, filled, killed."""
    traces = [Path(f"{data}.trace-{life}") for life in range(2)]
    clients = [Client(seed, number, events_max=4) for number in range(CLIENTS)]
    for trace in traces:
        server = CrashServer(patron, data, *SETTINGS, *durability, before=strace_command(trace), environment={
            "ASAN_OPTIONS": "detect_leaks=0"})
        fill(server, clients)
        expect("/livez", server.request("GET", "/livez")[0], 200)  # the answers before it are in the trace
        end_traced(server, signal.SIGTERM if trace is traces[0] else signal.SIGKILL)
    lines = [line for trace in traces for line in trace.open(encoding="ascii")]
    return read_trace(lines, str(data)), clients


def end_traced(server, how):
    """Ends the server itself; the strace before it ends by itself then."""
    tracer = server.process.pid
    child, = Path(f"/proc/{tracer}/task/{tracer}/children").read_text().split()
    os.kill(int(child), how)
    server.ended()


def fill(server, clients):
    """Batches in turn, a snapshot beside them in the middle."""
    beside = None
    for number in range(BATCHES):
        if number == BATCHES // 2:
            beside = threading.Thread(target=post_snapshot, args=(server,))
            beside.start()
        for client in clients:
            assert client.send_next(server), client.refusal
    beside.join(PATIENCE_SECONDS)


def post_snapshot(server):
    connection = server.connect()
    status, _, text = server.request("POST", "/v1/snapshots", connection=connection)
    expect(f"snapshot: {text}", status, 200)
    connection.close()


def chosen_points(operations, count, chance):
    """Indices of operations, every kind of call on every kind of file as often as the others."""
    kinds = defaultdict(list)
    for index, operation in enumerate(operations):
        if operation.call != "answer":
            kinds[operation.call, re.sub(r"\d+", "", operation.to or operation.path)].append(index)
    points = []
    for indices in kinds.values():
        chance.shuffle(indices)
    for turn in range(max(map(len, kinds.values()))):
        points += [indices[turn] for indices in kinds.values() if turn < len(indices)]
    return sorted(points[:count])


def write_image(image, folder):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    for name, content in image.items():
        path = folder / name
        if content is None:
            path.mkdir(exist_ok=True)
        else:
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content)


class Judge:
    """Starts the binary on images and compares with all that was sent."""

    def __init__(self, patron, events, folder, durability):
        self.patron, self.events, self.folder, self.durability = patron, events, Path(folder), durability
        self.hashes = hashes_of(patron, events)
        self.recovered = Counter()

    def look_at(self, acknowledged):
        with CrashServer(self.patron, self.folder, *SETTINGS, *self.durability) as server:
            stats = server.get("/v1/stats?hashes=true")
            seq = stats["seq"]
            assert acknowledged <= seq <= len(self.events), f"{seq} recovered, {acknowledged} acknowledged"
            expect("hash", stats["state_hash"], self.hashes[seq])
            # What has its name is whole. A log that is not synced may end before the snapshot.
            assert self.durability or "passed over" not in server.said(), server.said()
            answer = server.post("/v1/events", {"type": "visit", "id": "after", "customer": "new"})
            expect("a new event", (answer["accepted"], answer["seq"]), (1, seq + 1))
            server.kill()
        self._check_log(seq)
        self.recovered["more" if seq > acknowledged else "what was acknowledged"] += 1

    def _check_log(self, seq):
        """The same events in the log; places of events of erased customers may be empty."""
        log = dumped_log(self.patron, self.folder)
        expect("sequence numbers", [number for number, _, _ in log], list(range(1, seq + 2)))
        for (number, _, event), sent in zip(log, self.events[:seq]):
            if event is None:
                later = self.events[number - 1:]
                assert any(one["type"] == "erase" and one["customer"] == sent["customer"] for one in later), (
                    f"event {number} is gone from the log")
            else:
                expect(f"event {number}", event["id"], sent["id"])


def check_images(judge, operations, data, count, seed):
    chance = random.Random(seed)
    points = set(chosen_points(operations, count, chance))
    disk = Disk(str(data))
    acknowledged = 0
    made = Counter()
    for index, operation in enumerate(operations):
        disk.apply(operation)
        for seq in ANSWERED_SEQ.findall(operation.data) if operation.call == "answer" else ():
            acknowledged = max(acknowledged, int(seq))
        if index not in points:
            continue
        mode = chance.choice(("dropped", "kept", "torn", "torn"))
        image = disk.image(mode, chance)
        write_image(image, judge.folder)
        made[mode] += 1
        try:
            judge.look_at(acknowledged if not judge.durability else 0)
        except Exception as failure:
            raise AssertionError(f"seed {seed}: after call {index} ({operation.call} of {operation.path}), unsynced "
                                 f"data {mode}: {failure}; the image is in {kept_copy(image)}") from failure
    expect("the last acknowledgement in the trace", acknowledged, len(judge.events))
    return made


def kept_copy(image):
    """The image as it was before a server saw it, for whoever looks into the failure."""
    folder = Path(tempfile.mkdtemp(prefix="patron-image-"))
    write_image(image, folder)
    return folder


def check_life(patron, seed, folder, durability, count):
    began = time.monotonic()
    data = Path(folder).resolve() / ("data" + "".join(durability))
    operations, clients = record(patron, seed, data, durability)
    judge = Judge(patron, events_of(clients), Path(folder) / "image", durability)
    made = check_images(judge, operations, data, count, seed)
    print(f"{' '.join(durability) or '--durability fsync'}: {sum(made.values())} images of {len(operations)} calls, "
          f"{len(judge.events)} events; unsynced data {dict(made)}; recovered {dict(judge.recovered)}; "
          f"{time.monotonic() - began:.0f} s", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--patron", required=True, help="the binary")
    parser.add_argument("--quick", action="store_true", help=f"{IMAGES_QUICK} images instead of {IMAGES}")
    arguments = parser.parse_args()
    count = crash_rounds(IMAGES_QUICK if arguments.quick else IMAGES)
    seed = seed_of_test()
    with tempfile.TemporaryDirectory() as folder:
        trace_is_permitted(folder)
        check_life(arguments.patron, seed, folder, (), count - count // 4)
        check_life(arguments.patron, seed, folder, INTERVAL, count // 4)


if __name__ == "__main__":
    sys.exit(main())
