"""A WebSocket client for tests: JSON messages for who wants to listen, single bytes for who wants to harm.

It is strict about what the server sends: a frame that RFC 6455 does not allow a server is an AssertionError.

    with connect(port, "/v1/stream?topics=tier") as listener:
        hello = listener.recv()            # the next message; pings are answered meanwhile
        listener.ping(b"x")                # waits for its pong; messages that came before are kept for recv
        code, reason = listener.close()    # the handshake of the end, to the last byte
"""

import base64
import collections
import hashlib
import json
import os
import socket
import struct

PATIENCE_SECONDS = 20
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
NO_STATUS = 1005

Frame = collections.namedtuple("Frame", "fin opcode payload")
Answer = collections.namedtuple("Answer", "status headers body")


class Refused(Exception):
    """The server answered the handshake with something else than 101."""

    def __init__(self, answer):
        super().__init__(f"{answer.status} {answer.body!r}")
        self.answer = answer

    def problem(self):
        return json.loads(self.answer.body)


class Closed(Exception):
    """The server sent a close frame, or ended the connection without one: then the code is None."""

    def __init__(self, code, reason=""):
        super().__init__(f"closed with {code} {reason!r}")
        self.code = code
        self.reason = reason


def client_frame(opcode, payload=b"", fin=True, reserved=0, mask=None, length_bytes=None):
    """The bytes of one frame. `mask=b""` leaves it unmasked; `length_bytes` is 0, 2 or 8 by force."""
    key = os.urandom(4) if mask is None else mask
    size = len(payload)
    if length_bytes is None:
        length_bytes = 0 if size < 126 else 2 if size < 65536 else 8
    short = {0: size, 2: 126, 8: 127}[length_bytes]
    head = bytes([(0x80 if fin else 0) | reserved << 4 | opcode, (0x80 if key else 0) | short])
    head += {0: b"", 2: struct.pack("!H", size & 0xFFFF), 8: struct.pack("!Q", size)}[length_bytes]
    return head + key + masked(payload, key)


def masked(payload, key):
    if not key or not payload:
        return payload
    stretched = (key * (len(payload) // 4 + 1))[:len(payload)]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(stretched, "big")).to_bytes(len(payload), "big")


def close_payload(code, reason=b""):
    return struct.pack("!H", code) + reason


def request_bytes(path, headers=(), method="GET", version="HTTP/1.1", key=None):
    """A handshake as it should be; `headers` are added, or replace those of the same name (None: left out)."""
    fields = {"Host": "localhost", "Upgrade": "websocket", "Connection": "Upgrade",
              "Sec-WebSocket-Key": key or base64.b64encode(os.urandom(16)).decode(), "Sec-WebSocket-Version": "13"}
    fields.update(headers)
    lines = [f"{method} {path} {version}"]
    lines += [f"{name}: {value}" for name, value in fields.items() if value is not None]
    return "\r\n".join([*lines, "", ""]).encode()


class Wire:
    """A socket that is read in the portions one asks for."""

    def __init__(self, port, host="127.0.0.1", timeout=PATIENCE_SECONDS, receive_buffer=None,
                 source=""):
        if receive_buffer is None:
            self.socket = socket.create_connection((host, port), timeout, (source, 0) if source else None)
        else:  # has to be small before the connection is made
            self.socket = socket.socket()
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
            self.socket.settimeout(timeout)
            self.socket.connect((host, port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.bytes = bytearray()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send_raw(self, data):
        """Whether all of it went out; a server that has closed takes no more."""
        try:
            self.socket.sendall(data)
            return True
        except (BrokenPipeError, ConnectionResetError):
            return False

    def end_sending(self):
        """Half closed: we say nothing more, but go on listening."""
        self.socket.shutdown(socket.SHUT_WR)

    def reset(self):
        """Gone without a word: the peer gets a TCP reset."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def receive(self):
        """Whether anything more came; False at the end of the connection."""
        try:
            data = self.socket.recv(65536)
        except ConnectionResetError:
            return False
        self.bytes += data
        return bool(data)

    def take(self, size):
        while len(self.bytes) < size:
            if not self.receive():
                raise Closed(None, f"the connection ended {size - len(self.bytes)} bytes short")
        taken = bytes(self.bytes[:size])
        del self.bytes[:size]
        return taken

    def take_until(self, mark):
        start = 0
        while (at := self.bytes.find(mark, start)) < 0:
            start = max(0, len(self.bytes) - len(mark) + 1)
            if not self.receive():
                raise Closed(None, "the connection ended before its " + repr(mark))
        return self.take(at + len(mark))[:-len(mark)]

    def read_to_end(self):
        while self.receive():
            pass
        rest = bytes(self.bytes)
        self.bytes.clear()
        return rest

    def read_head(self):
        """Status and headers (names in lower case) of an HTTP answer; its body is not read."""
        lines = self.take_until(b"\r\n\r\n").decode("ascii").split("\r\n")
        headers = {}
        for line in lines[1:]:
            name, value = line.split(":", 1)
            headers[name.lower()] = value.strip()
        return int(lines[0].split(" ")[1]), headers

    def read_answer(self):
        status, headers = self.read_head()
        return Answer(status, headers, self.take(int(headers.get("content-length", "0"))))


class WebSocket(Wire):
    """The connection after the handshake; `connect` makes one."""

    def __init__(self, port, **options):
        super().__init__(port, **options)
        self.pongs = []
        self.waiting = collections.deque()  # messages that came while something else was awaited
        self.closed = None  # (code, reason) once the server has sent its close frame

    def handshake(self, path, headers=()):
        key = base64.b64encode(os.urandom(16))
        assert self.send_raw(request_bytes(path, headers, key=key.decode()))
        answer = self.read_answer()
        if answer.status != 101:
            raise Refused(answer)
        self.check_accepted(answer, key)
        return answer

    @staticmethod
    def check_accepted(answer, key):
        accept = base64.b64encode(hashlib.sha1(key + GUID).digest()).decode()
        seen = answer.headers
        assert seen.get("upgrade", "").lower() == "websocket", seen
        assert "upgrade" in seen.get("connection", "").lower(), seen
        assert seen.get("sec-websocket-accept") == accept, seen
        assert "sec-websocket-extensions" not in seen and "sec-websocket-protocol" not in seen, seen

    def recv_frame(self):
        first, second = self.take(2)
        fin, opcode, size = bool(first & 0x80), first & 0x0F, second & 0x7F
        assert first & 0x70 == 0, f"reserved bits in {first:#x}"
        assert opcode in (CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG), f"opcode {opcode}"
        assert second & 0x80 == 0, "a server must not mask"
        if size == 126:
            size = struct.unpack("!H", self.take(2))[0]
            assert size > 125, f"{size} in two bytes"
        elif size == 127:
            size = struct.unpack("!Q", self.take(8))[0]
            assert 65535 < size < 1 << 63, f"{size} in eight bytes"
        assert opcode < CLOSE or (fin and size <= 125), f"control frame of {size}, fin {fin}"
        return Frame(fin, opcode, self.take(size))

    def next_text(self):
        """The next whole text message from the wire; pings are answered, pongs kept, a close raises Closed."""
        parts = []
        while True:
            frame = self.recv_frame()
            if frame.opcode >= CLOSE:
                self.on_control(frame)
                continue
            assert (frame.opcode == CONTINUATION) == bool(parts), f"opcode {frame.opcode} after {len(parts)}"
            assert frame.opcode != BINARY, "the stream has text only"
            parts.append(frame.payload)
            if frame.fin:
                return b"".join(parts).decode("utf-8")

    def on_control(self, frame):
        if frame.opcode == PING:
            self.send_frame(PONG, frame.payload)
        elif frame.opcode == PONG:
            self.pongs.append(frame.payload)
        else:
            assert len(frame.payload) != 1, "half a close code"
            code = struct.unpack("!H", frame.payload[:2])[0] if frame.payload else NO_STATUS
            self.closed = code, frame.payload[2:].decode("utf-8")
            raise Closed(*self.closed)

    def recv(self):
        """The next message, parsed."""
        return self.waiting.popleft() if self.waiting else json.loads(self.next_text())

    def recv_until(self, wanted):
        """Every message up to the first that `wanted` (a type, or a function of the message) names."""
        matches = wanted if callable(wanted) else lambda message: message["type"] == wanted
        seen = [self.recv()]
        while not matches(seen[-1]):
            seen.append(self.recv())
        return seen

    def send_frame(self, opcode, payload=b"", **how):
        return self.send_raw(client_frame(opcode, payload, **how))

    def send_text(self, text):
        return self.send_frame(TEXT, text.encode())

    def ping(self, payload=b""):
        """Waits for the pong with the same payload; messages before it are kept for `recv`."""
        self.send_frame(PING, payload)
        self.await_pong(payload)

    def await_pong(self, payload):
        while payload not in self.pongs:
            frame = self.recv_frame()
            if frame.opcode >= CLOSE:
                self.on_control(frame)
            else:
                assert frame.opcode == TEXT and frame.fin, "while a pong is awaited only whole messages are kept"
                self.waiting.append(json.loads(frame.payload.decode("utf-8")))
        self.pongs.remove(payload)

    def await_close(self):
        """(code, reason) of the server's close frame; what comes before it is dropped. (None, why) when the
        connection ends without one."""
        try:
            while True:
                self.next_text()
        except Closed as end:
            return end.code, end.reason

    def close(self, code=1000, reason=""):
        """Closes as one should; (code, reason) as the server answered, after which its side must have ended."""
        self.send_frame(CLOSE, b"" if code == NO_STATUS else close_payload(code, reason.encode()))
        answer = self.await_close()
        rest = self.read_to_end()
        assert rest == b"", f"{len(rest)} bytes after the close frame"
        self.socket.close()
        return answer


def connect(port, path="/v1/stream", headers=(), **options):
    """A WebSocket after its handshake; Refused when there is none. Options: host, timeout,
    receive_buffer, or source, the address to come from."""
    client = WebSocket(port, **options)
    try:
        client.answer = client.handshake(path, headers)
    except BaseException:
        client.socket.close()
        raise
    return client
