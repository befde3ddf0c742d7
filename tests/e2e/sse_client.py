"""A client of server-sent events for tests; reconnecting is done by hand, so that a test decides when.

    with SseClient(port, "/v1/stream?topics=tier") as listener:
        hello = listener.recv()          # the data of the next event, parsed as JSON
        listener.last_event_id           # as a browser would keep it
        again = listener.reconnect()     # a new connection, with Last-Event-ID
"""

import collections
import json

from ws_client import PATIENCE_SECONDS, Answer, Closed, Refused, Wire

Event = collections.namedtuple("Event", "id name data")


class SseClient(Wire):
    def __init__(self, port, path="/v1/stream", last_event_id=None, headers=(), version="HTTP/1.1",
                 host="127.0.0.1", timeout=PATIENCE_SECONDS, receive_buffer=None, source=""):
        super().__init__(port, host=host, timeout=timeout, receive_buffer=receive_buffer, source=source)
        self.port, self.path, self.extra = port, path, dict(headers)
        self.options = {"version": version, "host": host, "timeout": timeout, "receive_buffer": receive_buffer,
                        "source": source}
        self.last_event_id = last_event_id
        self.text = bytearray()  # of the body, not yet read as lines
        self.retry_ms = None
        self.comments = 0
        try:
            self.open(version)
        except BaseException:
            self.socket.close()
            raise

    def open(self, version):
        fields = {"Host": "localhost", "Accept": "text/event-stream"}
        if self.last_event_id is not None:
            fields["Last-Event-ID"] = self.last_event_id
        fields.update(self.extra)
        lines = [f"GET {self.path} {version}", *(f"{name}: {value}" for name, value in fields.items())]
        assert self.send_raw("\r\n".join([*lines, "", ""]).encode())
        status, headers = self.read_head()
        if status != 200:
            raise Refused(Answer(status, headers, self.take(int(headers.get("content-length", "0")))))
        assert headers.get("content-type", "").split(";")[0] == "text/event-stream", headers
        assert headers.get("cache-control", "").split(",")[0] in ("no-cache", "no-store"), headers
        self.headers = headers
        self.chunked = headers.get("transfer-encoding", "").lower() == "chunked"
        assert not (self.chunked and version == "HTTP/1.0"), headers
        assert "content-length" not in headers, headers

    def more_text(self):
        if not self.chunked:
            if not self.bytes and not self.receive():
                raise Closed(None, "the stream ended")
            self.text += self.bytes
            self.bytes.clear()
            return
        size = int(self.take_until(b"\r\n"), 16)
        self.text += self.take(size)
        assert self.take(2) == b"\r\n"
        if size == 0:
            raise Closed(None, "the stream ended with its last chunk")

    def next_line(self):
        while (at := self.text.find(b"\n")) < 0:
            self.more_text()
        line = bytes(self.text[:at])
        del self.text[:at + 1]
        return line.removesuffix(b"\r").decode("utf-8")

    def next_event(self):
        """The next event that has data; comments are counted and passed over."""
        name, data = "message", []
        while True:
            line = self.next_line()
            if not line:
                if data:
                    return Event(self.last_event_id, name, "\n".join(data))
                name = "message"
                continue
            field, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if not field:
                self.comments += 1
            elif field == "data":
                data.append(value)
            elif field == "event":
                name = value
            elif field == "id":
                assert "\0" not in value
                self.last_event_id = value
            elif field == "retry":
                self.retry_ms = int(value)
            else:
                raise AssertionError(f"a field that no browser knows: {line!r}")

    def recv(self):
        """The data of the next event, parsed; its id must be the message's cursor, where it has one that one can
        come back to: before a snapshot it is none."""
        before = self.last_event_id
        event = self.next_event()
        message = json.loads(event.data)
        snapshot_follows = message["type"] == "gap" or (message["type"] == "hello" and "snapshot=true" in self.path)
        told = before if snapshot_follows else message.get("cursor", before)
        assert event.id == told, f"id {event.id}, cursor {told}"
        return message

    def recv_until(self, wanted):
        """Every message up to the first that `wanted` (a type, or a function of the message) names."""
        matches = wanted if callable(wanted) else lambda message: message["type"] == wanted
        seen = [self.recv()]
        while not matches(seen[-1]):
            seen.append(self.recv())
        return seen

    def close(self):
        self.socket.close()

    def reconnect(self):
        """A new client where this one was, as a browser does it: the same address, Last-Event-ID."""
        self.close()
        return SseClient(self.port, self.path, self.last_event_id, self.extra, **self.options)
