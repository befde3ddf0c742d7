"""RFC 6455 on /v1/stream of the real binary: handshakes, frames and ends, right and wrong.

After every case the server must still answer, and its counts of open streams and connections must be back where
they were.
"""

import base64
import json
import os
import random
import re
import sys
import threading
import time

from patron_server import Server, expect, parse_arguments
from sse_client import SseClient
from ws_client import (BINARY, CLOSE, CONTINUATION, NO_STATUS, PATIENCE_SECONDS, PING, PONG, TEXT, Closed, Refused,
                       WebSocket, Wire, client_frame, close_payload, connect, request_bytes)

FRAME_BYTES_MAX = 4096
HEADER_SECONDS = 10
CONNECTIONS = 2  # between two cases: the one for requests and the slow handshake, until its time is up
PATH = "/v1/stream?topics=tier"
POLICY = 1008  # what a message is answered with: nothing is to be said here
GOOD_KEY = "dGhlIHNhbXBsZSBub25jZQ=="

# name, what differs from a good handshake, status
BAD_HANDSHAKES = [
    ("no key", {"headers": {"Sec-WebSocket-Key": None}}, 400),
    ("empty key", {"headers": {"Sec-WebSocket-Key": ""}}, 400),
    ("short key", {"headers": {"Sec-WebSocket-Key": base64.b64encode(b"x" * 15).decode()}}, 400),
    ("long key", {"headers": {"Sec-WebSocket-Key": base64.b64encode(b"x" * 17).decode()}}, 400),
    ("key without padding", {"headers": {"Sec-WebSocket-Key": GOOD_KEY[:22]}}, 400),
    ("key that is no base64", {"headers": {"Sec-WebSocket-Key": "dGhlIHNhbXBs*SBub25jZQ=="}}, 400),
    ("two keys", {"headers": {"sec-websocket-key": GOOD_KEY}}, 400),
    ("no version", {"headers": {"Sec-WebSocket-Version": None}}, 426),
    ("version 8", {"headers": {"Sec-WebSocket-Version": "8"}}, 426),
    ("version 14", {"headers": {"Sec-WebSocket-Version": "14"}}, 426),
    ("version 013", {"headers": {"Sec-WebSocket-Version": "013"}}, 426),
    ("two versions", {"headers": {"Sec-WebSocket-Version": "13, 8"}}, 426),
    ("POST", {"method": "POST", "headers": {"Content-Length": "0"}}, 405),
    ("PUT", {"method": "PUT", "headers": {"Content-Length": "0"}}, 405),
    ("another path", {"path": "/v1/streams"}, 404),
    ("a topic that is none", {"path": "/v1/stream?topics=weather"}, 400),
    ("a cursor that is none", {"path": "/v1/stream?cursor=yesterday"}, 400),
    ("no host", {"headers": {"Host": None}}, 400),
]

# Not asked to be a WebSocket: the same resource as server-sent events.
NO_UPGRADE = [
    ("HTTP/1.0", {"version": "HTTP/1.0"}),
    ("no Connection", {"headers": {"Connection": None}}),
    ("Connection without upgrade", {"headers": {"Connection": "keep-alive"}}),
    ("HEAD", {"method": "HEAD"}),
    ("no Upgrade", {"headers": {"Upgrade": None}}),
    ("Upgrade to h2c", {"headers": {"Upgrade": "h2c"}}),
]

GOOD_HANDSHAKES = [
    ("names in any case", {"Upgrade": "WebSocket", "Connection": "keep-alive, UPGRADE"}),
    ("several protocols", {"Upgrade": "h2c, websocket"}),
    ("extensions nobody has to grant", {"Sec-WebSocket-Extensions": "permessage-deflate"}),
    ("a subprotocol nobody has to speak", {"Sec-WebSocket-Protocol": "chat"}),
    ("an origin", {"Origin": "http://localhost:3000"}),
]

BAD_TEXTS = [b"\x80", b"\xc0\xaf", b"\xe0\x80\xaf", b"\xe0\x9f\xbf", b"\xf0\x80\x80\xaf", b"\xf0\x8f\xbf\xbf",
             b"\xed\xa0\x80", b"\xed\xbf\xbf", b"\xf4\x90\x80\x80", b"\xf5\x80\x80\x80", b"\xff",
             b"x" * 600 + b"\xfe", "κόσμε".encode() + b"\xed\xa0\x80edited", b"\xe2\x82", b"\xf0\x9f\x98"]
GOOD_TEXTS = [b"", b"\0", "κόσμε €😀".encode(), b"\xed\x9f\xbf", b"\xee\x80\x80", b"\xf4\x8f\xbf\xbf", b"\xef\xbf\xbf"]
BAD_CODES = [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535]
GOOD_CODES = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999]


def bad_frames():
    """(name, bytes, code the server has to close with)"""
    for bits in range(1, 8):
        yield f"reserved bits {bits}", client_frame(TEXT, b"x", reserved=bits), 1002
        yield f"reserved bits {bits} in a ping", client_frame(PING, b"x", reserved=bits), 1002
    for opcode in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15):
        yield f"opcode {opcode}", client_frame(opcode, b"x"), 1002
    for opcode in (TEXT, BINARY, CLOSE, PING, PONG):
        yield f"opcode {opcode} unmasked", client_frame(opcode, b"\x03\xe8", mask=b""), 1002
    for opcode in (CLOSE, PING, PONG):
        yield f"control frame {opcode} of 126 bytes", client_frame(opcode, b"x" * 126), 1002
        yield f"control frame {opcode} in fragments", client_frame(opcode, b"\x03\xe8", fin=False), 1002
    yield "continuation of nothing", client_frame(CONTINUATION, b"x"), 1002
    yield "fragment of nothing", client_frame(CONTINUATION, b"x", fin=False), 1002
    for opcode in (TEXT, BINARY):
        yield f"{opcode} inside a message", client_frame(TEXT, b"x", fin=False) + client_frame(opcode, b"x"), 1002
    for size, form in ((0, 2), (125, 2), (0, 8), (126, 8), (65535, 8)):
        yield f"length {size} in {form} bytes", client_frame(BINARY, b"x" * size, length_bytes=form), 1002
    yield "length with its first bit", b"\x82\xff" + b"\x80" + bytes(7) + b"mask", 1002
    yield "length of half of everything", b"\x82\xff" + b"\x7f" + b"\xff" * 7 + b"mask", 1009
    yield "message over the limit", client_frame(BINARY, b"x" * (FRAME_BYTES_MAX + 1)), 1009
    yield "message of 65536", client_frame(TEXT, b"x" * 65536), 1009
    yield "fragments over the limit", (client_frame(TEXT, b"x" * FRAME_BYTES_MAX, fin=False)
                                       + client_frame(CONTINUATION, b"x")), 1009
    for text in BAD_TEXTS:
        yield f"text {text[-9:]!r}", client_frame(TEXT, text), 1007
        yield f"text {text[-9:]!r} in two", (client_frame(TEXT, text[:-1], fin=False)
                                             + client_frame(CONTINUATION, text[-1:])), 1007
        yield f"reason {text[-9:]!r}", client_frame(CLOSE, close_payload(1000, text[-100:])), 1007
    yield "text under another mask", client_frame(TEXT, bytes(b ^ 0xA5 for b in b"hello"), mask=bytes(4)), 1007
    yield "text that is bad long before its end", (b"\x81\xfe\x0f\xa0" + bytes(4) + b"good so far \xff"), 1007
    yield "half a close code", client_frame(CLOSE, b"\x03"), 1002
    for code in BAD_CODES:
        yield f"close code {code}", client_frame(CLOSE, close_payload(code)), 1002


def messages():
    """(name, bytes) of whole messages: nothing is wrong with them but that nobody asked."""
    for text in GOOD_TEXTS:
        yield f"text {text!r}", client_frame(TEXT, text)
        yield f"text {text!r} by bytes", b"".join(
            [client_frame(TEXT, b"", fin=False), *(client_frame(CONTINUATION, text[i:i + 1], fin=False)
                                                   for i in range(len(text))), client_frame(CONTINUATION)])
    for size in (125, 126, 127, 128, FRAME_BYTES_MAX):
        yield f"text of {size}", client_frame(TEXT, b"x" * size)
        yield f"binary of {size}", client_frame(BINARY, b"\xff" * size)
    yield "text under a mask of zeros", client_frame(TEXT, b"hello", mask=bytes(4))


def order(customer):
    return {"id": f"order-{customer}", "type": "order", "customer": customer, "at": "2026-01-01T00:00:00Z",
            "order_id": f"order-{customer}", "amount": "10.00"}


class Conformance:
    def __init__(self, server, seed):
        self.server = server
        self.port = server.port
        self.random = random.Random(seed)
        self.cases = 0
        self.failures = []
        self.await_open(lambda streams, connections: connections == CONNECTIONS)

    def await_open(self, holds):
        """Waits until the numbers of open streams and connections are right."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            status, _, text = self.server.request("GET", "/metrics")
            expect("GET /metrics", status, 200)
            gauges = dict(re.findall(r"^(patron_streams_open|patron_http_connections) (\d+)$", text, re.M))
            streams, connections = int(gauges["patron_streams_open"]), int(gauges["patron_http_connections"])
            if holds(streams, connections):
                return
            assert time.monotonic() < deadline, f"{streams} streams and {connections} connections are open"
            time.sleep(0.002)

    def case(self, name, run, *arguments):
        """One case, and what has to hold after it, whatever it was."""
        self.cases += 1
        try:
            run(*arguments)
            expect("GET /livez afterwards", self.server.request("GET", "/livez")[0], 200)
            self.await_open(lambda streams, connections: streams == 0 and connections <= CONNECTIONS)
        except (AssertionError, Closed, Refused, OSError, KeyError, ValueError) as failure:
            self.failures.append(f"{name}: {type(failure).__name__} {failure}")

    # Handshakes

    def bad_handshake(self, options, status):
        with Wire(self.port) as wire:
            wire.send_raw(request_bytes(**{"path": PATH, **options}))
            answer = wire.read_answer()
            expect("status", answer.status, status)
            expect("type", answer.headers["content-type"], "application/problem+json")
            if status == 426:
                expect("versions", answer.headers.get("sec-websocket-version"), "13")
                expect("protocols", answer.headers.get("upgrade", "").lower(), "websocket")
            if status == 405:
                assert "GET" in answer.headers["allow"], answer

    def no_upgrade(self, options):
        with Wire(self.port) as wire:
            wire.send_raw(request_bytes(**{"path": PATH, **options}))
            status, headers = wire.read_head()
            expect("status", status, 200)
            expect("type", headers["content-type"].split(";")[0], "text/event-stream")

    def good_handshake(self, headers):
        with connect(self.port, PATH, headers) as listener:
            expect("first message", listener.recv()["type"], "hello")
            expect("end", listener.close(1000, "enough"), (1000, ""))

    def handshake_in_pieces(self):
        with WebSocket(self.port) as listener:
            for byte in request_bytes(PATH, key=GOOD_KEY):
                listener.send_raw(bytes([byte]))
            expect("status", listener.read_answer().status, 101)
            expect("first message", listener.recv()["type"], "hello")

    def frames_behind_the_handshake(self):
        with WebSocket(self.port) as listener:
            listener.send_raw(request_bytes("/livez", {"Upgrade": None, "Connection": None})
                              + request_bytes(PATH, key=GOOD_KEY) + client_frame(PING, b"early")
                              + client_frame(CLOSE, close_payload(1000)))
            expect("request before it", listener.read_answer().status, 200)
            expect("handshake", listener.read_answer().status, 101)
            expect("end", listener.await_close(), (1000, ""))
            expect("pongs", listener.pongs, [b"early"])
            expect("rest", listener.read_to_end(), b"")

    def unfinished_handshake(self, length):
        with Wire(self.port) as wire:
            wire.send_raw(request_bytes(PATH)[:length])
            wire.end_sending()
            expect("answer", wire.read_to_end(), b"")

    def garbage_handshake(self):
        with Wire(self.port) as wire:
            wire.send_raw(b"\x16\x03\x01" + self.random.randbytes(1000) + b"\r\n\r\n")
            expect("status", wire.read_answer().status, 400)

    # Frames

    def refused_frames(self, data, code, portion):
        with connect(self.port, PATH) as listener:
            for at in range(0, len(data), portion):
                if not listener.send_raw(data[at:at + portion]):
                    break
            seen, reason = listener.await_close()
            expect("close code", seen, code)
            assert reason, "it does not say why"
            expect("rest", listener.read_to_end(), b"")

    def garbage(self):
        with connect(self.port, PATH) as listener:
            listener.send_raw(self.random.randbytes(1000))
            listener.end_sending()
            code, why = listener.await_close()
            assert code in (None, 1002, 1007, 1009, POLICY), f"{code} {why}"

    def pings(self):
        with connect(self.port, PATH) as listener:
            expect("first message", listener.recv()["type"], "hello")
            for payload in (b"", b"x", b"\xff\x00" * 62 + b"\xff"):
                listener.ping(payload)
            for byte in client_frame(PING, b"slowly"):
                listener.send_raw(bytes([byte]))
            listener.await_pong(b"slowly")
            flood = [b"%d" % i for i in range(1000)]
            listener.send_raw(b"".join(client_frame(PING, payload) for payload in flood))
            while not listener.pongs or listener.pongs[-1] != flood[-1]:
                frame = listener.recv_frame()
                expect("opcode", frame.opcode, PONG)
                listener.on_control(frame)
            order = [flood.index(payload) for payload in listener.pongs]
            assert order == sorted(set(order)), "pongs out of order"
            listener.pongs.clear()
            listener.send_frame(PONG, b"nobody asked")
            listener.ping(b"still here")
            expect("end", listener.close(4000, "bye"), (4000, ""))

    def control_between_fragments(self):
        with connect(self.port, PATH) as listener:
            listener.send_frame(TEXT, b"\xe2", fin=False)
            listener.ping(b"one")
            listener.send_frame(CONTINUATION, b"\x82", fin=False)
            listener.send_frame(PONG)
            listener.ping(b"two")
            listener.send_frame(CONTINUATION, b"\xac")
            expect("close code", listener.await_close()[0], POLICY)

    def half_a_frame(self, end):
        with connect(self.port, PATH) as listener:
            frame = client_frame(TEXT, b"never complete")
            listener.send_frame(PING, b"before")
            listener.send_raw(frame[:len(frame) // 2])
            listener.await_pong(b"before")
            end(listener)

    # Ends

    def close_echoed(self, code, reason):
        with connect(self.port, PATH) as listener:
            expect("end", listener.close(code, reason), (code, ""))

    def nothing_behind_a_close(self):
        with connect(self.port, PATH) as listener:
            listener.send_raw(client_frame(CLOSE, close_payload(1001)) + client_frame(PING, b"late")
                              + client_frame(TEXT, b"\xff") + self.random.randbytes(500))
            expect("end", listener.await_close(), (1001, ""))
            expect("pongs", listener.pongs, [])
            expect("rest", listener.read_to_end(), b"")

    def half_closed(self):
        with connect(self.port, PATH) as listener:
            expect("first message", listener.recv()["type"], "hello")
            listener.end_sending()
            listener.await_close()

    def vanished(self):
        listener = connect(self.port, PATH)
        listener.recv()
        listener.reset()

    # Changes

    def pings_among_changes(self):
        wanted = {f"new-{batch}-{i}" for batch in range(20) for i in range(100)}

        def write():
            for batch in range(20):
                self.server.post("/v1/events", [order(f"new-{batch}-{i}") for i in range(100)])

        with connect(self.port, PATH) as listener:
            expect("first message", listener.recv()["type"], "hello")
            writer = threading.Thread(target=write)
            writer.start()
            try:
                seen = []
                while len(seen) < len(wanted):
                    listener.ping(self.random.randbytes(self.random.randrange(126)))
                    message = listener.recv()
                    if message["type"] in ("change", "enter"):
                        seen.append(message["customer_id"])
            finally:
                writer.join()
            expect("customers told twice", len(seen) - len(set(seen)), 0)
            expect("customers", set(seen), wanted)
            expect("end", listener.close(), (1000, ""))

    def pings_of_a_slow_reader(self):
        """While a write to it is stuck, pings wait; then they are answered between messages, never inside one."""
        customers = [f"slow-{i}" for i in range(6000)]
        with connect(self.port, PATH, receive_buffer=4096) as listener:
            for at in range(0, len(customers), 1000):
                self.server.post("/v1/events", [order(customer) for customer in customers[at:at + 1000]])
                listener.send_frame(PING, b"%d" % at)
            listener.await_pong(b"5000")
            seen = [message["customer_id"] for message in listener.waiting if message["type"] == "enter"]
            while len(seen) < len(customers):
                message = json.loads(listener.next_text())
                assert message["type"] in ("enter", "heartbeat"), message
                seen += [message["customer_id"]] if message["type"] == "enter" else []
            expect("customers", sorted(seen), sorted(customers))
            expect("end", listener.close(), (1000, ""))

    def bytes_to_events(self, data):
        """Server-sent events go one way: what the client says behind its request is not read as requests."""
        with SseClient(self.port, PATH) as listener:
            expect("first message", listener.recv()["type"], "hello")
            listener.send_raw(data)

    def run(self):
        self.handshakes()
        for name, data, code in bad_frames():
            self.case(name, self.refused_frames, data, code, len(data))
            if len(data) < 300:
                self.case(name + ", byte by byte", self.refused_frames, data, code, 1)
        for name, data in messages():
            self.case(name, self.refused_frames, data, POLICY, len(data))
        for number in range(50):
            self.case(f"garbage {number}", self.garbage)
        self.case("pings", self.pings)
        self.case("control frames between fragments", self.control_between_fragments)
        for name, end in (("closed", Wire.end_sending), ("reset", Wire.reset)):
            self.case(f"half a frame, then {name}", self.half_a_frame, end)
        self.ends()
        self.case("pings among changes", self.pings_among_changes)
        self.case("pings of a slow reader", self.pings_of_a_slow_reader)
        for name, data in (("garbage", self.random.randbytes(1000)), ("a request", request_bytes("/livez")),
                           ("much", b"x" * 1_000_000)):
            self.case(f"{name} to events", self.bytes_to_events, data)

    def handshakes(self):
        for name, options, status in BAD_HANDSHAKES:
            self.case(name, self.bad_handshake, options, status)
        for name, options in NO_UPGRADE:
            self.case(name, self.no_upgrade, options)
        for name, headers in GOOD_HANDSHAKES:
            self.case(name, self.good_handshake, headers)
        self.case("handshake byte by byte", self.handshake_in_pieces)
        self.case("frames behind the handshake", self.frames_behind_the_handshake)
        for length in (1, 20, 60, 120, len(request_bytes(PATH)) - 1):
            self.case(f"handshake cut at {length}", self.unfinished_handshake, length)
        self.case("garbage instead of a handshake", self.garbage_handshake)

    def ends(self):
        for code in GOOD_CODES:
            self.case(f"close {code}", self.close_echoed, code, "")
        self.case("close without a code", self.close_echoed, NO_STATUS, "")
        self.case("close with a long reason", self.close_echoed, 1000, "r" * 123)
        self.case("frames behind a close", self.nothing_behind_a_close)
        self.case("half closed", self.half_closed)
        self.case("vanished", self.vanished)


def stop_while_listened_to(server):
    """Who listens when the server stops is told so."""
    with connect(server.port, PATH) as listener, SseClient(server.port, PATH) as events:
        expect("first message", listener.recv()["type"], "hello")
        expect("first event", events.recv()["type"], "hello")
        server.process.terminate()
        expect("end", listener.await_close()[0], 1001)
        listener.socket.close()
        events.read_to_end()
    server.process.wait(PATIENCE_SECONDS)  # a second signal would cut it short


def main():
    arguments = parse_arguments(__doc__.splitlines()[0])
    seed = int(os.environ.get("PATRON_TEST_SEED", "1"))
    print(f"PATRON_TEST_SEED={seed}")
    with Server(arguments.patron, "--clock", "2026-01-02T00:00:00Z") as server:
        slow = Wire(server.port)
        slow.send_raw(request_bytes(PATH)[:-2])
        started = time.monotonic()
        conformance = Conformance(server, seed)
        conformance.run()
        for failure in conformance.failures:
            print("FAILED", failure)
        expect("slow handshake", slow.read_answer().status, 408)
        assert time.monotonic() - started >= HEADER_SECONDS - 1
        slow.socket.close()
        stop_while_listened_to(server)
    print(f"{conformance.cases} cases, {len(conformance.failures)} failures")
    return 1 if conformance.failures else 0


if __name__ == "__main__":
    sys.exit(main())
