"""What the tests of the real binary share: a server started and stopped, requests to it, the data folder.

The port is the system's choice, read from the first line on stdout. A test that cannot run says why and
ends with SKIPPED.
"""

import argparse
import http.client
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

SKIPPED = 77
PATIENCE_SECONDS = 60
ROOT = Path(__file__).resolve().parent.parent.parent


def parse_arguments(description):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--patron", required=True, help="the binary")
    return parser.parse_args()


def shared_file(name):
    """A file of the data that stands beside the checkout; without it the test is skipped."""
    folder = Path(os.environ.get("PATRON_SHARED", ROOT.parent / "shared"))
    if not (folder / name).is_file():
        print(f"skipped: {folder / name} is not there; set PATRON_SHARED to the folder that has it")
        sys.exit(SKIPPED)
    return folder / name


def clean_environment():
    return {name: value for name, value in os.environ.items() if not name.startswith("PATRON__")}


def run_patron(patron, *arguments, text_in=None):
    return subprocess.run([patron, *map(str, arguments)], capture_output=True, text=True, input=text_in,
                          env=clean_environment(), timeout=600)


class Server:
    """`with Server(patron, "--clock", ...) as server:`; it must end by itself on SIGTERM, with 0.

    `data` is the folder where events are kept, absent: in memory only. With `wait=False` recovery may still
    be going on when the block begins.
    """

    def __init__(self, patron, *arguments, data=None, wait=True):
        self.patron = patron
        self.code_wanted = 0
        self.process = subprocess.Popen(
            [patron, "serve", "--listen", "127.0.0.1:0", "--data", str(data or "none"), *arguments],
            stdout=subprocess.PIPE, text=True, env=clean_environment())
        line = self.process.stdout.readline()
        prefix = "patron listening on http://127.0.0.1:"
        if not line.startswith(prefix):
            self.process.kill()
            raise AssertionError(f"the first line is {line!r}")
        self.port = int(line[len(prefix):])
        self.url = line.split()[-1]
        self.keeping = self.process.stdout.readline().strip()
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        if wait:
            self.wait_until_ready()

    def wait_until_ready(self):
        """The problems that /readyz answered meanwhile."""
        refusals = []
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            status, _, text = self.request("GET", "/readyz")
            if status == 200:
                return refusals
            assert status == 503 and time.monotonic() < deadline, f"GET /readyz: {status} {text}"
            refusals.append(json.loads(text))
            time.sleep(0.005)

    def kill(self):
        """The end without a word, as a crash."""
        self.code_wanted = -signal.SIGKILL
        self.process.kill()
        self.process.wait(PATIENCE_SECONDS)

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self.connection.close()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(PATIENCE_SECONDS)
        self.process.stdout.close()
        if kind is None:
            assert code == self.code_wanted, f"the server ended with {code}"

    def request(self, method, path, body=None, headers=None, connection=None):
        """(status, headers, text) of one request over the kept connection."""
        to = connection or self.connection
        to.request(method, path, body, headers or {})
        answer = to.getresponse()
        return answer.status, answer.headers, answer.read().decode()

    def get(self, path, **options):
        status, _, text = self.request("GET", path, **options)
        assert status == 200, f"GET {path}: {status} {text}"
        return json.loads(text)

    def post(self, path, document, **options):
        status, _, text = self.request("POST", path, json.dumps(document),
                                       {"Content-Type": "application/json"}, **options)
        assert status == 200, f"POST {path}: {status} {text}"
        return json.loads(text)

    def features(self, customer):
        return self.get(f"/v1/customers/{customer}")["features"]


def import_files(server, *arguments, code=0):
    """Runs `patron import` against the server; the summary as a dictionary."""
    done = run_patron(server.patron, "import", "--to", server.url, "--output", "json", *arguments)
    assert done.returncode == code, f"import ended with {done.returncode}: {done.stderr}{done.stdout}"
    return json.loads(done.stdout)


def expect(what, seen, wanted):
    assert seen == wanted, f"{what}: {seen!r}, expected {wanted!r}"
