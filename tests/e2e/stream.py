"""Who listens to the real binary is told what is true: a thousand at once, each with a filter, while events come in.

What every listener should hear is computed by brute force from what one unfiltered listener heard, and the end of
it from the scores that the server answers.
"""

import argparse
import json
import os
import random
import re
import resource
import statistics
import sys
import time
from urllib.parse import quote

from patron_server import PATIENCE_SECONDS, Server, expect
from sse_client import SseClient
from stream_crowd import Crowd, Listener, Reading
from stream_doors import check_due, check_limits
from stream_events import INDUSTRIES, OWNERS, REGIONS, TAGS, TIERS, Life, Writer
from stream_picture import Truth, Wanted, messages_flaw, picture_flaw
from stream_resume import check_crash, check_resume
from ws_client import connect

MIB = 1 << 20
FEED_BYTES = 128 * MIB  # kept for who resumes
ROUND_BYTES = 64 * MIB  # of one I/O thread, for listeners who are still writing
IO_THREADS = 2
LISTENER_BYTES = 2 * 256 * 1024  # under way to one: 256 KiB and a block
SERVER_BYTES = 64 * MIB  # the events themselves, and buffers of requests
SLOW = ("--log-level", "warn", "--io-threads", str(IO_THREADS), "--streams-per-client", "5000")


class Sizes:
    def __init__(self, quick):
        self.quick = quick
        self.listeners = 200 if quick else 1000
        self.customers = 150 if quick else 400
        self.seconds = 5 if quick else 14
        self.filters = 30 if quick else 70
        self.posts = 40 if quick else 150


def some_filter(rng, customers):
    """Most of them narrow, so that what a thousand are told can be read here."""
    def some(values, most):
        return rng.sample(values, rng.randint(1, most))

    named = {"tier": lambda: some(TIERS[1:], 2), "band": lambda: some(["low", "medium", "high"], 2),
             "lifecycle": lambda: some(["prospect", "new", "active", "at_risk", "dormant", "churned", "won_back"], 3),
             "customer": lambda: some(customers, 30), "region": lambda: some(REGIONS, 2),
             "owner": lambda: some(OWNERS, 2), "industry": lambda: some(INDUSTRIES, 1), "tag": lambda: some(TAGS, 2)}
    lists = {name: named[name]() for name in rng.sample(sorted(named), rng.randint(2, 3))}
    topics = some(["tier", "risk_band", "lifecycle", "follow_up", "override"], 3) if rng.random() < 0.5 else None
    least = rng.choice((None, None, None, "0.02", "0.15"))
    return Wanted(topics, least, **lists)


def memory(server, what):
    with open(f"/proc/{server.process.pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith(what + ":"))


def metrics(server, prefix):
    text = server.request("GET", "/metrics")[2]
    return {name: float(value) for name, value in re.findall(rf"^({prefix}\w*) (\S+)$", text, re.M)}


def told(server):
    return int(metrics(server, "patron_changes_told_total")["patron_changes_told_total"])


class Gathering:
    """The listeners, the one who hears everything, and those who do not read."""

    def __init__(self, server, sizes, seed):
        self.server, self.sizes = server, sizes
        self.random = random.Random(seed)
        self.life = Life(seed, sizes.customers)
        self.crowd = Crowd()
        self.truth = Truth(self.life.attributes)
        for body in self.life.first_bodies():
            server.post("/v1/events", body)
        self.reference = Listener(server.port, "ws", Wanted(), True)
        self.crowd.add_reference(self.reference, self.truth)
        self.filters = [Wanted(), Wanted(topics=["tier"])]
        self.filters += [some_filter(self.random, self.life.everybody) for _ in range(sizes.filters)]
        self.deaf = []

    def add_readers(self, count):
        for _ in range(count):
            door = self.random.choice(("ws", "sse"))
            at = self.random.choice((0, 1, *range(2, len(self.filters)), *range(2, len(self.filters))))
            self.crowd.add(Listener(self.server.port, door, self.filters[at], self.random.random() < 0.7))

    def add_deaf(self, count):
        self.deaf += deaf_listeners(self.server.port, count)

    def run(self):
        """Readers come before and while events do."""
        count = self.sizes.listeners * 9 // 10
        self.add_deaf(self.sizes.listeners - count)
        self.add_readers(count // 2)
        writer = Writer(self.server, self.life, most=60, pause=0.05)
        began = time.monotonic()
        writer.start()
        left = count - count // 2
        while (now := time.monotonic() - began) < self.sizes.seconds:
            wanted = int(left * min(1.0, now / (self.sizes.seconds * 0.8)))
            self.add_readers(min(10, wanted - (len(self.crowd.listeners) - 1 - count // 2)))
            self.crowd.poll(0.02)
        writer.finish()
        return writer

    def settle(self):
        """Until everything that was said has been heard; time may say something more at any moment."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            self.crowd.until_quiet(0.3)
            self.truth.hear(self.reference.log)
            head = told(self.server)
            if self.truth.head == head:
                return
            assert time.monotonic() < deadline, f"heard {self.truth.head} changes of {head}"

    def scores(self):
        """Everybody's, as the server answers them now."""
        out = {}
        for customer in self.life.everybody:
            status, _, text = self.server.request("GET", f"/v1/customers/{quote(customer, safe='')}/score")
            assert status in (200, 404), text
            if status == 200:
                score = json.loads(text)
                if score["override"]:
                    del score["override"]["until"]
                out[customer] = score
        return out

    def check(self):
        """Figures, after everything holds. Time may move somebody between the last message and the question."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            self.settle()
            scores = self.scores()
            if told(self.server) == self.truth.head:
                break
            assert time.monotonic() < deadline, "time moves somebody each time everybody's score is asked for"
        fields = ("tier", "tier_by_rules", "risk_band", "lifecycle", "override")
        flaw = picture_flaw(self.truth.state, scores, fields)
        assert flaw is None, f"the unfiltered picture and the scores: {flaw}"
        for customer, attributes in self.life.attributes.items():
            if customer in scores:
                seen = self.server.get(f"/v1/customers/{quote(customer, safe='')}")["attributes"]
                assert {name: seen[name] for name in attributes if attributes[name]} == {
                    name: value for name, value in attributes.items() if value}, f"{customer}: {seen}"
        return self.check_readers(scores)

    def check_readers(self, scores):
        flaws, messages, snapshots, conflated = [], 0, [], 0
        for listener in self.crowd.listeners:
            reading = Reading(listener, self.truth.by_tail)
            who = f"{listener.door} {listener.wanted.query!r} snapshot={listener.snapshot}"
            flaw = reading.flaw or (f"ended: {listener.ended}" if listener.ended is not None else None)
            expect(f"{who}: what it heard of itself", reading.kinds, ["hello", "snapshot_begin", "snapshot_end"]
                   if listener.snapshot else ["hello"])
            conflated += reading.conflated
            if listener.snapshot and not flaw:
                flaw = listener.wanted.flaw(reading.picture, self.truth.state, self.life.attributes)
                flaw = flaw or listener.wanted.flaw(reading.picture, scores, self.life.attributes, {"follow_up"})
                snapshots.append((listener, *reading.snapshots[0]))
            if not reading.conflated and not flaw:
                index, offset = reading.starts[-1]
                flaw = messages_flaw(reading.seen[index:], self.truth.expected_after(listener.wanted, offset))
            messages += len(reading.seen)
            if flaw:
                flaws.append(f"{who}: {flaw}")
        flaws += self.snapshot_flaws(snapshots)
        assert not flaws, f"{len(flaws)} of {len(self.crowd.listeners)} listeners: " + "\n".join(flaws[:10])
        return messages, len(snapshots), conflated

    def snapshot_flaws(self, snapshots):
        """Each as of its own offset."""
        by_offset = {}
        for listener, offset, picture in snapshots:
            by_offset.setdefault(offset, []).append((listener, picture))
        for offset, state in self.truth.states(by_offset):
            for listener, picture in by_offset[offset]:
                flaw = listener.wanted.flaw(picture, state, self.life.attributes)
                if flaw:
                    yield f"{listener.door} {listener.wanted.query!r}, snapshot as of {offset}: {flaw}"


def deaf_listeners(port, count):
    """Who asks for everything and never reads."""
    return [connect(port, "/v1/stream?snapshot=true", receive_buffer=4096) if number % 2 else
            SseClient(port, "/v1/stream?snapshot=true", receive_buffer=4096) for number in range(count)]


def check_crowd(server, sizes, seed, done):
    rss = memory(server, "VmRSS")
    gathering = Gathering(server, sizes, seed)
    began = time.monotonic()
    writer = gathering.run()
    took = time.monotonic() - began
    done("events are in")
    messages, snapshots, conflated = gathering.check()
    changes = len(gathering.truth.changes)
    growth = memory(server, "VmHWM") - rss
    bound = (FEED_BYTES + IO_THREADS * ROUND_BYTES + sizes.listeners * LISTENER_BYTES + SERVER_BYTES)
    print(f"{len(gathering.crowd.listeners)} read, {len(gathering.deaf)} do not; {len(gathering.filters)} filters; "
          f"{writer.events} events in {writer.bodies} bodies, {changes} changes, {messages} messages to readers, "
          f"{gathering.crowd.bytes / MIB:.0f} MiB, {messages / took:.0f}/s; {snapshots} snapshots; "
          f"{conflated} conflated; memory grew by {growth / MIB:.0f} MiB, bound {bound / MIB:.0f} MiB")
    assert sizes.quick or growth < bound, f"memory grew by {growth} bytes, bound {bound}"
    assert changes > 0 and messages > changes, "nothing was told"
    gathering.crowd.close()
    return gathering.deaf


def check_deaf_closed(server, deaf):
    """Who does not read is closed at the write deadline, and counted."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        seen = metrics(server, "patron_stream")
        if seen["patron_streams_closed_slow_total"] >= len(deaf) and seen["patron_streams"] == 0:
            break
        assert time.monotonic() < deadline, seen
        time.sleep(0.1)
    expect("closed for being slow", seen["patron_streams_closed_slow_total"], len(deaf))
    assert seen["patron_stream_messages_total"] > 0, seen
    for listener in deaf:
        listener.close() if isinstance(listener, SseClient) else listener.socket.close()
    print(f"all {len(deaf)} who did not read were closed; {seen}")


class Lateness:
    """How long a post takes, and how long until one who listens hears of it, in phases with and without those
    who do not read."""

    def __init__(self, server, posts):
        self.server, self.posts = server, posts
        self.number, self.tiers = 0, {}
        server.post("/v1/events", [{"type": "visit", "customer": f"late{i}"} for i in range(500)])

    def pins(self, customers):
        """Each call moves each of them: never the same tier twice."""
        self.number += 1
        tier = self.tiers[customers[0]] = TIERS[(TIERS.index(self.tiers.get(customers[0], TIERS[0])) + 1) % len(TIERS)]
        return [{"type": "override", "id": f"pin-{self.number}-{name}", "customer": name, "mode": "pin", "tier": tier,
                 "reason": "test", "by": "expert"} for name in customers]

    def phase(self, deaf):
        silent = deaf_listeners(self.server.port, deaf)
        for _ in range(3):  # enough for every buffer on the way to one who does not read
            self.server.post("/v1/events", self.pins([f"late{i}" for i in range(1, 500)]))
        posted, heard = [], []
        with connect(self.server.port, "/v1/stream?customer=late0&topics=override,tier") as listener:
            listener.recv()
            for _ in range(self.posts):
                time.sleep(0.002)  # of two pins in the same millisecond the later one need not win
                began = time.perf_counter()
                self.server.post("/v1/events", self.pins(["late0"]))
                posted.append(time.perf_counter() - began)
                listener.recv()
                heard.append(time.perf_counter() - began)
        for one in silent:
            one.socket.close()
        return statistics.median(posted), statistics.median(heard)

    def measure(self, deaf, rounds):
        with_them, without = [], []
        for _ in range(rounds):
            without.append(self.phase(0))
            with_them.append(self.phase(deaf))
        for at, what in enumerate(("post answered", "change heard")):
            a, b = (statistics.median(phase[at] for phase in phases) for phases in (with_them, without))
            print(f"{what}: median {b * 1e6:.0f} us without, {a * 1e6:.0f} us with {deaf} who do not read, "
                  f"ratio {a / b:.2f} (phases {[round(p[at] * 1e6) for p in without]} and "
                  f"{[round(p[at] * 1e6) for p in with_them]})")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--patron", required=True, help="the binary")
    parser.add_argument("--quick", action="store_true", help="fewer of everything, for slow builds")
    arguments = parser.parse_args()
    seed = int(os.environ.get("PATRON_TEST_SEED") or random.randrange(1 << 32))
    print(f"PATRON_TEST_SEED={seed}", flush=True)
    sizes = Sizes(arguments.quick)
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    began = time.monotonic()

    def done(what):
        print(f"{time.monotonic() - began:5.1f} s: {what}", flush=True)

    with Server(arguments.patron, *SLOW) as server:
        deaf = check_crowd(server, sizes, seed, done)
        done("what the crowd heard is right")
        check_limits(arguments.patron)
        done("limits")
        check_due(arguments.patron)
        done("what comes due")
        check_resume(arguments.patron, seed, sizes.quick)
        check_crash(arguments.patron, seed)
        done("ends and resumption")
        Lateness(server, sizes.posts).measure(len(deaf), 3)
        done("lateness")
        check_deaf_closed(server, deaf)
        done("who does not read is closed")


if __name__ == "__main__":
    sys.exit(main())
