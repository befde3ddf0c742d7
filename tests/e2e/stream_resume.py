"""Connections that die at any moment and go on by cursor; far behind; after the death of the server."""

import random
import tempfile
import time

from patron_server import Server, expect
from stream_crowd import Crowd, Listener, Reading
from stream_events import Life, Writer
from stream_picture import VISIBLE, Truth, Wanted, cursor_offset, messages_flaw, picture_flaw

QUIET = ("--log-level", "warn", "--streams-per-client", "1000")


class Wanderers:
    """One who hears everything, and many who come and go."""

    def __init__(self, server, seed, customers, count):
        self.server = server
        self.random = random.Random(seed)
        self.life = Life(seed, customers)
        self.truth = Truth(self.life.attributes)
        for body in self.life.first_bodies():
            server.post("/v1/events", body)
        self.crowd = Crowd()
        self.reference = Listener(server.port, "ws", Wanted(), True)
        self.crowd.add_reference(self.reference, self.truth)
        filters = [Wanted(), Wanted(), Wanted(lifecycle=["new", "active"]), Wanted(topics=["override"]),
                   Wanted(tier=["gold", "platinum"], topics=["tier"])]
        self.wanderers = [Listener(server.port, ("ws", "sse")[number % 2], filters[number % len(filters)],
                                   self.random.random() < 0.5) for number in range(count)]
        for listener in self.wanderers:
            self.crowd.add(listener)

    def deaths(self, seconds, pause):
        """How many died, some of them for a while, some in the middle of a snapshot."""
        until = time.monotonic() + seconds
        away, count = [], 0
        while time.monotonic() < until:
            self.crowd.poll_for(self.random.uniform(0, pause))
            for listener in self.random.sample(self.wanderers, 4):
                if listener in away:
                    self.crowd.add(listener)
                    away.remove(listener)
                elif self.random.random() < 0.7:
                    self.crowd.drop(listener)
                    count += 1
                    away.append(listener)
                    if self.random.random() < 0.7:
                        self.crowd.add(away.pop())
        for listener in away:
            self.crowd.add(listener)
        return count

    def check(self):
        self.crowd.until_quiet(0.5)
        self.truth.hear(self.reference.log)
        resumed = 0
        for listener in self.wanderers:
            who = f"{listener.door} {listener.wanted.query!r} snapshot={listener.snapshot}"
            reading = Reading(listener, self.truth.by_tail)
            assert reading.flaw is None, f"{who}: {reading.flaw}"
            assert "gap" not in reading.kinds, f"{who}: {reading.kinds}"
            resumed += reading.kinds.count("resumed")
            index, offset = reading.starts[-1]
            flaw = messages_flaw(reading.seen[index:], self.truth.expected_after(listener.wanted, offset))
            if listener.snapshot and not flaw:
                flaw = listener.wanted.flaw(reading.picture, self.truth.state, self.life.attributes)
            assert flaw is None, f"{who}, {listener.connections} connections: {flaw}"
            expect(f"{who}: conflated", reading.conflated, 0)
        return resumed


def check_resume(patron, seed, quick):
    with Server(patron, *QUIET) as server:
        wanderers = Wanderers(server, seed, 150, 40)
        writer = Writer(server, wanderers.life, most=20, pause=0.02)
        writer.start()
        deaths = wanderers.deaths(2 if quick else 5, 0.02)
        writer.finish()
        resumed = wanderers.check()
        wanderers.crowd.close()
        assert resumed > deaths / 4, f"{resumed} of {deaths}"
        print(f"{deaths} connections died, {resumed} times gone on by cursor, {len(wanderers.truth.changes)} changes, "
              "nothing missing, nothing twice")
        check_far_behind(server, wanderers)


def check_far_behind(server, wanderers):
    """Who comes back after more than is told one by one hears the newest of each customer, and how many that was."""
    customers = wanderers.life.alive[:100]
    server.post("/v1/events", [{"type": "override", "customer": customer, "mode": "clear", "reason": "test",
                                "by": "expert"} for customer in customers])  # so that all end elsewhere
    crowd = Crowd()
    sleepers = [Listener(server.port, door, Wanted(), True) for door in ("ws", "sse")]
    reference = Listener(server.port, "sse", Wanted(), True)
    for listener in (*sleepers, reference):
        crowd.add(listener)
    crowd.until_quiet(0.3)
    for listener in sleepers:
        crowd.drop(listener)
    for number in range(60):
        tier = ("gold", "silver")[number % 2]
        server.post("/v1/events", [{"type": "override", "id": f"far-{number}-{i}", "customer": customer, "mode": "pin",
                                    "tier": tier, "reason": "test", "by": "expert"}
                                   for i, customer in enumerate(customers)])
        crowd.poll(0)
    for listener in sleepers:
        crowd.add(listener)
    crowd.until_quiet(0.5)
    final = Reading(reference, {})
    for listener in sleepers:
        reading = Reading(listener, {})
        count = cursor_offset(reference.cursor) - reading.starts[-1][1]
        expect("flaw", reading.flaw, None)
        expect("kinds", reading.kinds, ["hello", "snapshot_begin", "snapshot_end", "resumed"])
        assert picture_flaw(reading.picture, final.picture, VISIBLE) is None
        expect("changes, told or merged", reading.conflated, count)
        assert len([verb for verb, _ in listener.log if verb]) < count, "nothing was merged"
        expect("cursor", cursor_offset(listener.cursor), cursor_offset(reference.cursor))
    crowd.close()
    print(f"far behind: {count} changes told as {len([verb for verb, _ in sleepers[0].log if verb])}")


def check_crash(patron, seed):
    """After SIGKILL an old cursor is answered with a gap and the picture as it is now."""
    with tempfile.TemporaryDirectory() as data:
        with Server(patron, *QUIET, data=data) as server:
            wanderers = Wanderers(server, seed, 150, 10)
            writer = Writer(server, wanderers.life, most=20, pause=0.02)
            writer.start()
            wanderers.crowd.poll_for(1)
            writer.finish()
            wanderers.check()
            wanderers.crowd.close()
            server.kill()
        with Server(patron, *QUIET, data=data) as server:
            crowd = Crowd()
            fresh = Listener(server.port, "ws", Wanted(), True)
            for listener in (fresh, *wanderers.wanderers):
                listener.port = server.port
                listener.log = []
                crowd.add(listener)
            crowd.until_quiet(0.5)
            state = Reading(fresh, {}).picture
            for listener in wanderers.wanderers:
                who = f"{listener.door} {listener.wanted.query!r} after a crash"
                reading = Reading(listener, {})
                expect(who, [listener.log[0][1]["type"], listener.log[0][1]["reason"]], ["gap", "unknown_epoch"])
                expect(who, reading.kinds[:3], ["gap", "snapshot_begin", "snapshot_end"])
                flaw = reading.flaw or listener.wanted.flaw(reading.picture, state, wanderers.life.attributes)
                assert flaw is None, f"{who}: {flaw}"
            before = wanderers.truth.state
            flaw = picture_flaw(state, before, ("tier_by_rules", "lifecycle"))
            assert flaw is None, f"before and after the crash: {flaw}"
            crowd.close()
            print(f"after SIGKILL: {len(wanderers.wanderers)} cursors answered by gap and the picture of {len(state)}")
