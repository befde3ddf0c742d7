"""Many listeners in one process: sockets under one selector, messages kept as they came."""

import json
import selectors
import socket
import struct
import time

from sse_client import SseClient
from stream_picture import cursor_offset
from ws_client import PATIENCE_SECONDS, connect

VERBS = {b'{"type":"%s"' % verb.encode(): verb for verb in ("change", "enter", "leave")}


class Listener:
    """One who listens; `begin` once, and again after `kill` or an end. `log` holds (verb, rest of the text) of
    changes and ("", message) of all else, over all connections."""

    texts = {}  # equal bytes once
    news = 0  # messages to all but heartbeats

    def __init__(self, port, door, wanted, snapshot, **options):
        self.port, self.door, self.wanted, self.snapshot, self.options = port, door, wanted, snapshot, options
        self.log = []
        self.cursor = None  # where to go on, as a browser or a careful client would
        self.connections = 0

    def path(self):
        parts = [self.wanted.query] if self.wanted.query else []
        parts += ["snapshot=true"] if self.snapshot else []
        if self.door == "ws" and self.cursor:
            parts.append("cursor=" + self.cursor)
        return "/v1/stream?" + "&".join(parts)

    def begin(self):
        if self.door == "ws":
            self.client = connect(self.port, self.path(), **self.options)
        else:
            self.client = SseClient(self.port, self.path(), self.cursor, **self.options)
            assert not self.client.chunked
        self.socket = self.client.socket
        self.socket.setblocking(False)
        self.buffer = bytearray(self.client.bytes)
        self.ended = None  # a WebSocket's close code, or "end"
        self.connections += 1
        self.parse()

    def receive(self):
        """How many bytes came."""
        try:
            data = self.socket.recv(1 << 18)
        except (BlockingIOError, ConnectionResetError) as error:
            self.ended = "reset" if isinstance(error, ConnectionResetError) else None
            return 0
        if not data:
            self.ended = self.ended or "end"
        self.buffer += data
        self.parse()
        return len(data)

    def parse(self):
        (self.parse_frames if self.door == "ws" else self.parse_events)()

    def parse_frames(self):
        data, at, end = self.buffer, 0, len(self.buffer)
        while end - at >= 2:
            first, size, head = data[at], data[at + 1], 2
            if size >= 126:
                head = 4 if size == 126 else 10
                if end - at < head:
                    break
                size = int.from_bytes(data[at + 2:at + head], "big")
            if end - at < head + size:
                break
            payload = bytes(data[at + head:at + head + size])
            at += head + size
            if first == 0x88:
                self.ended = struct.unpack("!H", payload[:2])[0]
                break
            assert first == 0x81, f"frame {first:#x}"
            self.take(payload, None)
        del data[:at]

    def parse_events(self):
        *events, rest = bytes(self.buffer).split(b"\n\n")
        self.buffer[:] = rest
        for event in events:
            number, text = None, None
            for line in event.split(b"\n"):
                field, _, value = line.partition(b": ")
                if field == b"id":
                    number = value
                elif field == b"data":
                    assert text is None, event
                    text = value
                else:
                    assert field == b"retry", event
            if text is not None:
                assert number is None or b'"cursor":"' + number + b'"' in text, event
                self.take(text, (number or b"").decode())

    def take(self, text, number):
        """`number` is the id of a server-sent event, empty without one; None for WebSocket."""
        verb = VERBS.get(bytes(text[:15])) or VERBS.get(bytes(text[:16]))
        if verb:
            Listener.news += 1
            tail = text[len(verb) + 10:]
            tail = self.texts.setdefault(tail, tail)
            self.log.append((verb, tail))
            mark = tail.rfind(b',"cursor":"')
            cursor = tail[mark + 11:-2].decode() if mark >= 0 else None
            can_go_on = True
        else:
            message = json.loads(text)
            if message["type"] != "heartbeat":
                Listener.news += 1
            self.log.append(("", message))
            cursor = message.get("cursor")
            can_go_on = message["type"] != "gap" and not (message["type"] == "hello" and self.snapshot)
        if number is not None:
            assert number == (cursor if can_go_on and cursor else ""), f"id {number!r} of {text!r}"
        if cursor and can_go_on:
            self.cursor = cursor

    def kill(self):
        """Gone in the middle of anything: what was not parsed is lost."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


class Crowd:
    def __init__(self):
        self.selector = selectors.DefaultSelector()
        self.listeners = []
        self.bytes = 0

    def add(self, listener):
        listener.begin()
        self.listeners.append(listener)
        self.selector.register(listener.socket, selectors.EVENT_READ, listener)

    def add_reference(self, listener, truth):
        """One who hears everything; others are to begin when his snapshot is complete."""
        self.add(listener)
        while truth.start is None:
            self.poll(1)
            assert listener.ended is None
            truth.hear(listener.log)

    def drop(self, listener):
        self.selector.unregister(listener.socket)
        self.listeners.remove(listener)
        listener.kill()

    def poll(self, timeout):
        """How many bytes came."""
        came = 0
        for key, _ in self.selector.select(timeout):
            came += key.data.receive()
            if key.data.ended is not None:
                self.selector.unregister(key.data.socket)
        self.bytes += came
        return came

    def poll_for(self, seconds):
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self.poll(left)

    def until_quiet(self, seconds):
        """Until nothing but heartbeats has come for so long."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        quiet_since, news = time.monotonic(), Listener.news
        while (now := time.monotonic()) < quiet_since + seconds:
            assert now < deadline, "it does not end"
            self.poll(seconds)
            if Listener.news != news:
                quiet_since, news = time.monotonic(), Listener.news

    def close(self):
        for listener in list(self.listeners):
            if listener.ended is None:
                self.selector.unregister(listener.socket)
            listener.kill()
        self.listeners.clear()
        self.selector.close()


class Reading:
    """What a listener makes of his log: the picture as any client keeps it, and which changes he was told."""

    known = {}  # equal bytes are parsed once

    def __init__(self, listener, by_tail):
        self.picture = {}
        self.seen = []  # (offset, verb) outside of snapshots
        self.starts = []  # (index into seen, offset): from here on every change is told
        self.snapshots = []  # (offset, the picture then)
        self.conflated = 0
        self.kinds = []
        self.flaw = None
        inside, has_picture, last = False, False, 0
        for verb, body in listener.log:
            if not verb:
                kind = body["type"]
                if kind not in ("customer", "heartbeat", "stats"):
                    self.kinds.append(kind)
                if kind == "customer":
                    self.check(inside and body["customer_id"] not in self.picture, f"row {body}")
                    self.picture[body["customer_id"]] = body["score"]
                elif kind == "snapshot_begin":
                    self.picture, inside, has_picture = {}, True, True
                elif kind == "snapshot_end":
                    inside, last = False, cursor_offset(body["cursor"])
                    self.snapshots.append((last, dict(self.picture)))
                    self.starts.append((len(self.seen), last))
                elif kind in ("hello", "resumed") and not (kind == "hello" and listener.snapshot):
                    offset = cursor_offset(body["cursor"])
                    self.check(offset >= last, f"{kind} at {offset} after {last}")
                    if not self.starts:
                        self.starts.append((len(self.seen), offset))
                elif kind == "heartbeat":
                    offset = cursor_offset(body["cursor"])
                    self.check(not inside and offset >= last, f"heartbeat at {offset} after {last}")
                    last = offset
                continue
            offset = by_tail.get(body)
            message = self.parsed(body)
            if has_picture:
                self.apply(verb, message)
            if offset is not None:
                self.check(not inside and offset > last, f"{offset} after {last}")
                self.seen.append((offset, verb))
                last = offset
            elif not inside:
                self.conflated += message.get("conflated", 1)

    def parsed(self, tail):
        if tail not in self.known:
            self.known[tail] = json.loads(b'{"type":"x"' + tail)
        return self.known[tail]

    def check(self, holds, what):
        self.flaw = self.flaw or (None if holds else what)

    def apply(self, verb, message):
        customer = message["customer_id"]
        known = customer in self.picture
        self.check(known == (verb != "enter"), f"{verb} of one who is {'' if known else 'not '}there: {message}")
        if verb == "leave":
            self.picture.pop(customer, None)
        else:
            self.picture[customer] = message["score"]
