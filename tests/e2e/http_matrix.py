"""HTTP as the real binary speaks it: what it accepts, what it refuses and how, over raw sockets.

Every refusal must be problem+json with its code, be the last answer, and leave the server well. A
request hidden behind a refused one must never be answered.
"""

import argparse
import json
import re
import signal
import socket
import subprocess
import sys
import time

PATIENCE_SECONDS = 20
HEADER_BYTES_MAX = 8 * 1024
BODY_BYTES_MAX = 8 * 1024 * 1024
HIDDEN = b"GET /livez?hidden HTTP/1.1\r\nHost: a\r\n\r\n"


def get(target=b"/livez", fields=b"Host: a\r\n", version=b"HTTP/1.1"):
    return b"GET " + target + b" " + version + b"\r\n" + fields + b"\r\n"


def post(fields, body=b"", version=b"HTTP/1.1"):
    return b"POST /livez " + version + b"\r\nHost: a\r\n" + fields + b"\r\n" + body


CHUNKED = b"Transfer-Encoding: chunked\r\n"
LAST = b"0\r\n\r\n"

# name, bytes, status, code
REFUSED = [
    ("length and chunked", post(b"Content-Length: 5\r\n" + CHUNKED, LAST), 400, "bad_request"),
    ("chunked and length", post(CHUNKED + b"Content-Length: 5\r\n", LAST), 400, "bad_request"),
    ("two lengths", post(b"Content-Length: 0\r\nContent-Length: 0\r\n"), 400, "bad_request"),
    ("two lengths that differ", post(b"Content-Length: 0\r\nContent-Length: 1\r\n"), 400, "bad_request"),
    ("list of lengths", post(b"Content-Length: 0, 0\r\n"), 400, "bad_request"),
    ("signed length", post(b"Content-Length: +0\r\n"), 400, "bad_request"),
    ("negative length", post(b"Content-Length: -1\r\n"), 400, "bad_request"),
    ("hexadecimal length", post(b"Content-Length: 0x0\r\n"), 400, "bad_request"),
    ("no length", post(b"Content-Length:\r\n"), 400, "bad_request"),
    ("length over 64 bits", post(b"Content-Length: 18446744073709551616\r\n"), 400, "bad_request"),
    ("chunked twice", post(CHUNKED + CHUNKED, LAST), 400, "bad_request"),
    ("chunked, chunked", post(b"Transfer-Encoding: chunked, chunked\r\n", LAST), 400, "bad_request"),
    ("gzip, chunked", post(b"Transfer-Encoding: gzip, chunked\r\n", LAST), 400, "bad_request"),
    ("chunked, identity", post(b"Transfer-Encoding: chunked, identity\r\n", LAST), 400, "bad_request"),
    ("identity", post(b"Transfer-Encoding: identity\r\n"), 400, "bad_request"),
    ("xchunked", post(b"Transfer-Encoding: xchunked\r\n", LAST), 400, "bad_request"),
    ("vertical tab", post(b"Transfer-Encoding: \x0bchunked\r\n", LAST), 400, "bad_request"),
    ("space before colon", post(b"Transfer-Encoding : chunked\r\n", LAST), 400, "bad_request"),
    ("folded chunked", post(b"Transfer-Encoding:\r\n chunked\r\n", LAST), 400, "bad_request"),
    ("chunked in 1.0", post(CHUNKED, LAST, b"HTTP/1.0"), 400, "bad_request"),
    ("chunk extension", post(CHUNKED, b"1;a=b\r\nx\r\n" + LAST), 400, "bad_request"),
    ("chunk trailer", post(CHUNKED, b"0\r\nX: y\r\n\r\n"), 400, "bad_request"),
    ("chunk size signed", post(CHUNKED, b"+1\r\nx\r\n" + LAST), 400, "bad_request"),
    ("chunk size with space", post(CHUNKED, b"1 \r\nx\r\n" + LAST), 400, "bad_request"),
    ("chunk with LF", post(CHUNKED, b"1\nx\n0\n\n"), 400, "bad_request"),
    ("chunk too long", post(CHUNKED, b"1\r\nxy\r\n" + LAST), 400, "bad_request"),
    ("no host", get(fields=b""), 400, "bad_request"),
    ("two hosts", get(fields=b"Host: a\r\nHost: b\r\n"), 400, "bad_request"),
    ("host with path", get(fields=b"Host: a/b\r\n"), 400, "bad_request"),
    ("folded header", get(fields=b"Host: a\r\nX: a\r\n b\r\n"), 400, "bad_request"),
    ("NUL in header", get(fields=b"Host: a\r\nX: \0\r\n"), 400, "bad_request"),
    ("no colon", get(fields=b"Host: a\r\nnonsense\r\n"), 400, "bad_request"),
    ("LF line ends", b"GET /livez HTTP/1.1\nHost: a\n\n", 400, "bad_request"),
    ("CR alone", get(fields=b"Host: a\r\nX: a\rb\r\n"), 400, "bad_request"),
    ("high byte in target", get(b"/\xc3\xa9"), 400, "bad_request"),
    ("control in target", get(b"/\x01"), 400, "bad_request"),
    ("space in target", get(b"/a b"), 400, "bad_request"),
    ("absolute target", get(b"http://a/livez"), 400, "bad_request"),
    ("star target", get(b"*"), 400, "bad_request"),
    ("HTTP/1.2", get(version=b"HTTP/1.2"), 400, "bad_request"),
    ("HTTP/2 preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, "bad_request"),
    ("HTTP/0.9", b"GET /livez\r\n\r\n", 400, "bad_request"),
    ("TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400, "bad_request"),
    ("TRACE", b"TRACE /livez HTTP/1.1\r\nHost: a\r\n\r\n", 405, "method_not_allowed"),
    ("CONNECT", b"CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n", 405, "method_not_allowed"),
    ("PATCH", b"PATCH /livez HTTP/1.1\r\nHost: a\r\n\r\n", 405, "method_not_allowed"),
    ("header limit", get(fields=b"Host: a\r\nX: " + b"x" * HEADER_BYTES_MAX + b"\r\n"), 431,
     "header_too_large"),
    ("target limit", get(b"/" + b"a" * 4096), 414, "uri_too_long"),
    ("endless target", b"GET /" + b"a" * 2 * HEADER_BYTES_MAX, 414, "uri_too_long"),
    ("body limit", post(b"Content-Length: %d\r\n" % (BODY_BYTES_MAX + 1)), 413, "body_too_large"),
    ("chunk over the limit", post(CHUNKED, b"%x\r\n" % (BODY_BYTES_MAX + 1)), 413, "body_too_large"),
    ("other expectation", get(fields=b"Host: a\r\nExpect: tea\r\n"), 417, "expectation_failed"),
]


class Connection:
    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), PATIENCE_SECONDS)
        self.bytes = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        try:
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass  # refused before all was sent; the answer is read all the same

    def receive(self):
        try:
            data = self.socket.recv(65536)
        except ConnectionResetError:
            return False
        self.bytes += data
        return bool(data)

    def read(self, has_body=True):
        """The next answer as (status, headers, body), None when the connection ended."""
        while b"\r\n\r\n" not in self.bytes:
            if not self.receive():
                return None
        head, self.bytes = self.bytes.split(b"\r\n\r\n", 1)
        lines = head.decode("ascii").split("\r\n")
        headers = {}
        for line in lines[1:]:
            name, value = line.split(":", 1)
            headers[name.lower()] = value.strip()
        length = int(headers.get("content-length", "0")) if has_body else 0
        while len(self.bytes) < length:
            if not self.receive():
                return None
        body, self.bytes = self.bytes[:length], self.bytes[length:]
        return int(lines[0].split(" ")[1]), headers, body

    def read_to_end(self):
        while self.receive():
            pass
        return self.bytes


class Matrix:
    def __init__(self, port):
        self.port = port
        self.failures = []
        self.checks = 0

    def check(self, name, condition, seen):
        self.checks += 1
        if not condition:
            self.failures.append(f"{name}: {seen!r}")

    def check_problem(self, name, answer, status, code):
        self.check(name + " is answered", answer is not None, answer)
        if answer is None:
            return
        got, headers, body = answer
        self.check(name + " status", got == status, answer)
        self.check(name + " type", headers.get("content-type") == "application/problem+json", headers)
        self.check(name + " closes", headers.get("connection") == "close", headers)
        try:
            problem = json.loads(body)
        except ValueError:
            self.check(name + " body", False, body)
            return
        self.check(name + " code", problem.get("code") == code, problem)
        self.check(name + " status member", problem.get("status") == status, problem)

    def refusals(self):
        for name, data, status, code in REFUSED:
            with Connection(self.port) as connection:
                connection.send(data + HIDDEN)
                self.check_problem(name, connection.read(), status, code)
                rest = connection.read_to_end()
                self.check(name + " hides nothing", rest == b"", rest)

    def every_prefix_then_silence(self):
        """A request cut anywhere and then closed by the client is never answered, and harms nothing."""
        message = get()
        for length in range(1, len(message)):
            with Connection(self.port) as connection:
                connection.send(message[:length])
                connection.socket.shutdown(socket.SHUT_WR)
                rest = connection.read_to_end()
                self.check(f"prefix of {length} bytes", rest == b"", rest)

    def accepted(self):
        with Connection(self.port) as connection:
            connection.send(get() * 100)
            statuses = [(connection.read() or (0,))[0] for _ in range(100)]
            self.check("100 pipelined", statuses == [200] * 100, statuses)
            for byte in get():
                connection.send(bytes([byte]))
            self.check("byte by byte", (connection.read() or (0,))[0] == 200, None)
            connection.send(b"HEAD /livez HTTP/1.1\r\nHost: a\r\n\r\n" + get())
            self.check("HEAD", (connection.read(has_body=False) or (0,))[0] == 200, None)
            self.check("after HEAD", (connection.read() or (0,))[0] == 200, None)

    def old_and_closing(self):
        for name, data, kept in (
            ("1.0", get(fields=b"", version=b"HTTP/1.0"), False),
            ("1.0 kept", get(fields=b"Connection: keep-alive\r\n", version=b"HTTP/1.0"), True),
            ("close", get(fields=b"Host: a\r\nConnection: close\r\n"), False),
        ):
            with Connection(self.port) as connection:
                connection.send(data + get(fields=b"Host: a\r\nConnection: close\r\n"))
                first = connection.read() or (0, {}, b"")
                self.check(name, first[0] == 200, first)
                said = first[1].get("connection")
                self.check(name + " says so", said == ("keep-alive" if kept else "close"), first)
                second = connection.read()
                self.check(name + " second", (second is not None) == kept, second)

    def expectation(self):
        with Connection(self.port) as connection:
            connection.send(post(b"Expect: 100-continue\r\nContent-Length: 2\r\n"))
            interim = connection.read() or (0,)
            self.check("100 Continue", interim[0] == 100, interim)
            connection.send(b"{}")
            self.check("after 100", (connection.read() or (0,))[0] >= 200, None)

    def still_well(self):
        with Connection(self.port) as connection:
            connection.send(get())
            answer = connection.read() or (0,)
            self.check("still well", answer[0] == 200, answer)

    def run(self):
        with Connection(self.port) as slow_header, Connection(self.port) as dripping:
            started = time.monotonic()
            slow_header.send(b"GET /livez HTTP/1.1\r\nHost: a\r\nX: ")
            dripping.send(b"GET /livez HTTP/1.1\r\nX: ")
            self.accepted()
            self.old_and_closing()
            self.expectation()
            self.refusals()
            dripping.send(b"x")
            self.every_prefix_then_silence()
            self.still_well()
            for name, connection in (("slow header", slow_header), ("dripping header", dripping)):
                self.check_problem(name, connection.read(), 408, "request_timeout")
                self.check(name + " in time", time.monotonic() - started < PATIENCE_SECONDS, None)
        self.still_well()


def start(binary):
    process = subprocess.Popen(
        [binary, "serve", "--listen", "127.0.0.1:0", "--data", "none"],
        stdout=subprocess.PIPE,
        text=True,
    )
    line = process.stdout.readline()
    match = re.match(r"patron listening on http://[^ ]+:(\d+)$", line.strip())
    if not match:
        process.kill()
        sys.exit(f"unexpected first line: {line!r}")
    return process, int(match.group(1))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--patron", required=True)
    process, port = start(parser.parse_args().patron)
    matrix = Matrix(port)
    try:
        matrix.run()
        process.send_signal(signal.SIGTERM)
        code = process.wait(PATIENCE_SECONDS)
        matrix.check("SIGTERM ends it with 0", code == 0, code)
    finally:
        process.kill()
    for failure in matrix.failures:
        print("FAILED", failure)
    print(f"{matrix.checks} checks, {len(matrix.failures)} failures")
    return 1 if matrix.failures else 0


if __name__ == "__main__":
    sys.exit(main())
