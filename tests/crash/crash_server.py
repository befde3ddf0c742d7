"""A server that is to die or to have a failing disk: started with faults, killed, looked at from outside."""

import ctypes
import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "e2e"))

from patron_server import PATIENCE_SECONDS, SKIPPED, Server, clean_environment, expect, run_patron  # noqa: E402

from event_plan import CLOCK  # noqa: E402

REPLAY_EVENTS = 2000
CONNECTION_LOST = (OSError, http.client.HTTPException)


class StartFailed(AssertionError):
    """The server ended before it was ready."""

    def __init__(self, code, said):
        super().__init__(f"the server ended with {code} before it was ready: {said}")
        self.code = code
        self.said = said


def skip(why):
    print(f"skipped: {why}")
    sys.exit(SKIPPED)


def faults_library(patron):
    """The preload library, built beside the binary."""
    library = Path(patron).resolve().parent / "libpatron_test_faults.so"
    if not library.is_file():
        skip(f"{library} is not built (target patron_test_faults)")
    return library


def fault_environment(patron, rules, folder, only_while=None):
    """`rules` as faults.cc reads them, for files below `folder`."""
    if not rules:
        return {}
    linked = subprocess.run(["ldd", patron], capture_output=True, text=True).stdout
    first = [word for word in linked.split() if word.startswith("/") and "/libasan" in word]
    environment = {"PATRON_FAULT": rules, "PATRON_FAULT_DIR": os.path.realpath(folder),
                   "LD_PRELOAD": ":".join([*first, str(faults_library(patron))])}
    if only_while:
        environment["PATRON_FAULT_WHILE"] = str(only_while)
    return environment


def die_with_parent():
    """A test that is itself killed leaves no server behind."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


class CrashServer(Server):
    """`CrashServer(patron, folder, ...)`: ready when made, or StartFailed. Ends as the test says."""

    def __init__(self, patron, folder, *arguments, environment=None, before=(), wait=True):
        self.patron = patron
        self.errors = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")
        self.process = subprocess.Popen(
            [*before, patron, "serve", "--listen", "127.0.0.1:0", "--data", str(folder), "--clock", CLOCK,
             *map(str, arguments)],
            stdout=subprocess.PIPE, stderr=self.errors, text=True, preexec_fn=die_with_parent,
            env=clean_environment() | (environment or {}))
        self.connection = None
        self.port = self._read_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.connection = self.connect()
        if wait:
            self.wait_until_ready()

    def _read_port(self):
        prefix = "patron listening on http://127.0.0.1:"
        for line in self.process.stdout:
            if line.startswith(prefix):
                return int(line[len(prefix):])
        raise self._failed()

    def _failed(self):
        code = self.process.wait(PATIENCE_SECONDS)
        return StartFailed(code, self.said())

    def said(self):
        self.errors.flush()
        self.errors.seek(0)
        return self.errors.read()

    def connect(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)

    def wait_until_ready(self):
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            try:
                if self.request("GET", "/readyz")[0] == 200:
                    return
            except CONNECTION_LOST:
                self.connection.close()
                if self.process.poll() is not None:
                    raise self._failed() from None
            time.sleep(0.003)
        raise AssertionError("not ready in time")

    def kill(self):
        """SIGKILL; returns how the process ended, which may have been before."""
        self.process.kill()
        return self.ended()

    def ended(self):
        code = self.process.wait(PATIENCE_SECONDS)
        self.close()
        return code

    def stop(self):
        """SIGTERM: must end by itself with 0."""
        self.process.send_signal(signal.SIGTERM)
        said = self.said
        code = self.process.wait(PATIENCE_SECONDS)
        assert code == 0, f"the server ended with {code}: {said()}"
        self.close()

    def close(self):
        if self.connection:
            self.connection.close()
        self.process.stdout.close()
        self.errors.close()

    def __exit__(self, kind, value, trace):
        if self.process.poll() is None:
            if kind is None:
                self.stop()
            else:
                print(self.said()[-4000:], file=sys.stderr)
                self.kill()

    def send(self, batch, connection=None):
        """(status, document) of one batch; the connection's errors are the caller's."""
        headers = {"Content-Type": "application/json"}
        if batch.key:
            headers["Idempotency-Key"] = batch.key
        status, _, text = self.request("POST", "/v1/events", batch.body, headers, connection=connection)
        return status, json.loads(text)

    def metric(self, name):
        """The value of one sample, labels included in the name; None when there is no such line."""
        for line in self.request("GET", "/metrics")[2].splitlines():
            if line.startswith(name + " "):
                return float(line.split()[-1])
        return None


def dumped_log(patron, folder, scratch=None):
    """The log as [(seq, accepted_at, event)], read from a copy so that the folder stays as it crashed."""
    if scratch:
        shutil.rmtree(scratch, ignore_errors=True)
        shutil.copytree(folder, scratch)
        folder = scratch
    done = run_patron(patron, "log", "dump", "--data", folder)
    assert done.returncode == 0, f"log dump ended with {done.returncode}: {done.stderr}"
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return [(line["seq"], line["accepted_at"], line.get("event")) for line in lines]


def replayed_hash(patron, events):
    """The state hash of a server without a folder that is fed the events in their order."""
    with CrashServer(patron, "none") as server:
        for start in range(0, len(events), REPLAY_EVENTS):
            answer = server.post("/v1/events", events[start:start + REPLAY_EVENTS])
            expect("replayed events that are new", answer["duplicates"], 0)
        return server.get("/v1/stats?hashes=true")["state_hash"]


def hashes_of(patron, events):
    """The state hash after each beginning of the log."""
    with CrashServer(patron, "none") as server:
        hashes = [server.get("/v1/stats?hashes=true")["state_hash"]]
        for event in events:
            server.post("/v1/events", [event])
            hashes.append(server.get("/v1/stats?hashes=true")["state_hash"])
    return hashes
