"""The stream's limits and refusals, and what comes due by time alone, at both doors."""

import math
import time

from patron_server import PATIENCE_SECONDS, Server, expect
from sse_client import SseClient
from stream_events import instant_text
from ws_client import Refused, connect

QUIET = ("--log-level", "warn")
BAD_QUERIES = [("topics=weather", "topics"), ("tier=diamond", "tier"), ("band=awful", "band"),
               ("lifecycle=asleep", "lifecycle"), ("min_risk_change=2", "min_risk_change"),
               ("min_risk_change=-0.1", "min_risk_change"), ("min_risk_change=nan", "min_risk_change"),
               ("min_risk_change=", "min_risk_change"), ("snapshot=maybe", "snapshot"), ("stats_ms=99", "stats_ms"),
               ("stats_ms=3600001", "stats_ms"), ("cursor=yesterday", "cursor"), ("cursor=", "cursor"),
               ("cursor=0:1", "cursor"), ("cursor=0123456789ABCDEF:1", "cursor"),
               ("cursor=0123456789abcdef:01", "cursor"), ("cursor=0123456789abcdef:-1", "cursor"),
               ("cursor=0123456789abcdef:18446744073709551616", "cursor"), ("colour=red", "colour"),
               ("customer=" + "x" * 129, "customer"), ("tier=gold&tier=silver", "tier"), ("region=%zz", "region"),
               ("customer=" + ",".join(map(str, range(1001))), "customer")]


def doors(port, **options):
    """(name, how to open a stream at a path)"""
    return [("ws", lambda path, **more: connect(port, path, **options, **more)),
            ("sse", lambda path, **more: SseClient(port, path, **options, **more))]


def refusal(open_stream, path, **more):
    try:
        open_stream(path, **more).socket.close()
    except Refused as refused:
        return refused.answer.status, refused.problem()
    raise AssertionError(f"{path} is not refused")


def check_refusals(port):
    for door, open_stream in doors(port):
        for query, name in BAD_QUERIES:
            status, problem = refusal(open_stream, "/v1/stream?" + query)
            assert status in (400, 413, 422) and name == problem.get("field", problem.get("parameter")), (
                f"{door} {query[:60]}: {status} {problem}")
        status, problem = refusal(open_stream, "/v1/stream", headers={"Last-Event-ID": "no cursor"})
        expect(f"{door}, Last-Event-ID", (status, problem.get("field")), (400, "Last-Event-ID"))
        for cursor in ("0123456789abcdef:0", "0123456789abcdef:18446744073709551615"):
            with open_stream("/v1/stream?cursor=" + cursor) as listener:
                gap = listener.recv()
                expect(f"{door}, cursor of another start", (gap["type"], gap["reason"]), ("gap", "unknown_epoch"))
                expect("what follows", [listener.recv()["type"] for _ in range(2)], ["snapshot_begin", "snapshot_end"])


def check_counts(port):
    """Two of a client, three in all."""
    path = "/v1/stream"
    for door, open_stream in doors(port):
        other = dict(source="127.0.0.2")
        kept = [await_stream(open_stream, path), await_stream(doors(port)[0][1], path)]
        status, problem = refusal(open_stream, path)
        expect(f"{door}: the third of a client", (status, problem["code"]), (429, "too_many_client_streams"))
        kept.append(await_stream(open_stream, path, **other))
        status, problem = refusal(open_stream, path, **other)
        expect(f"{door}: the fourth in all", (status, problem["code"]), (503, "too_many_streams"))
        for listener in kept:
            expect("those who are in", listener.recv()["type"], "hello")
        kept.pop().reset()
        await_stream(open_stream, path, **other).reset()
        for listener in kept:
            listener.reset()
        for listener in [await_stream(open_stream, path) for _ in range(2)]:
            listener.reset()


def await_stream(open_stream, path, **more):
    """A place is given back as soon as the server knows of the end of who had it."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return open_stream(path, **more)
        except Refused as refused:
            assert time.monotonic() < deadline, refused
            time.sleep(0.002)


def check_limits(patron):
    with Server(patron, *QUIET, "--streams", "3", "--streams-per-client", "2") as server:
        check_refusals(server.port)
        check_counts(server.port)


def milliseconds(seconds):
    return math.ceil(seconds * 1000) / 1000


def told_by_time(listener, field):
    """The first change by time of that field, and when it came."""
    while True:
        message = listener.recv()
        if message.get("cause") == "time" and field in message["changes"]:
            return message, time.time()


def check_due(patron):
    """Nobody says or asks anything between the event and the instant when it comes due."""
    day = 86400
    cases = [  # field, (seconds until it is due) -> event, from, to
        ("override", 2.0, lambda due: {"type": "override", "mode": "pin", "tier": "platinum", "reason": "test",
                                       "by": "expert", "until": instant_text(due)},
         {"mode": "pin", "tier": "platinum"}, None),
        ("tier", 2.2, lambda due: {"type": "override", "mode": "floor", "tier": "gold", "reason": "test",
                                   "by": "expert", "until": instant_text(due)}, "gold", "standard"),
        ("lifecycle", 2.4, lambda due: {"type": "order", "order_id": "o-due", "amount": "10.00",
                                        "at": instant_text(due - 30 * day)}, "new", None),
        ("lifecycle", 2.6, lambda due: {"type": "order", "order_id": "o-due-2", "amount": "10.00",
                                        "at": instant_text(due - 180 * day)}, None, "dormant"),
        ("lifecycle", 2.8, lambda due: {"type": "order", "order_id": "o-due-3", "amount": "10.00",
                                        "at": instant_text(due - 365 * day)}, None, "churned"),
    ]
    late = []
    with Server(patron, *QUIET) as server:
        listeners = []
        for at, case in enumerate(cases):
            for _, open_stream in doors(server.port):
                listeners.append((at, open_stream(f"/v1/stream?customer=due%2C{at}&topics={case[0]}")))
        now = milliseconds(time.time())
        events = [{"id": f"due-{at}", "customer": f"due,{at}", **event(now + seconds)}
                  for at, (_, seconds, event, _, _) in enumerate(cases)]
        server.post("/v1/events", [{"type": "visit", "customer": f"due,{at}"} for at in range(len(cases))] + events)
        for at, listener in listeners:
            field, seconds, _, before, after = cases[at]
            message, came = told_by_time(listener, field)
            expect(f"{field}, instant", message["at"], instant_text(now + seconds))
            change = message["changes"][field]
            if before or not after:
                expect(f"{field}, before", change["from"], before)
            if after or field == "override":
                expect(f"{field}, after", change["to"], after)
            late.append(came - (now + seconds))
            listener.socket.close()
    assert min(late) >= -0.0005, f"told before it was true: {late}"
    print("due by time, told later by " + ", ".join(f"{seconds * 1000:.1f}" for seconds in late) + " ms")
