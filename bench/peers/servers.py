"""The contenders: each started once, pinned to core 0, and ended by whoever started it."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import machine

SERVER_CORE = "0"
START_SECONDS_MAX = 30
STOP_SECONDS_MAX = 60
AOF_SECONDS_MAX = 900


def find_program(name):
    return shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")


class Server:
    """A process on core 0, unless it may have others or all (None), that listens on 127.0.0.1:`port`."""

    def __init__(self, label, folder, command, port=None, cores=SERVER_CORE):
        self.label, self.folder, self.port = label, Path(folder), port
        self.folder.mkdir(parents=True, exist_ok=True)
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PATRON__")}
        with open(self.folder / "stderr", "wb") as errors:
            self.process = subprocess.Popen(
                [*(["taskset", "-c", cores] if cores else []), *map(str, command)], cwd=self.folder, env=environment,
                stdin=subprocess.DEVNULL, stderr=errors,
                stdout=subprocess.PIPE if port is None else subprocess.DEVNULL)
        try:
            if port is None:
                self.port = self._announced_port()
            self._wait_for_port()
        except BaseException:
            self.stop()
            raise

    @property
    def pid(self):
        return self.process.pid

    def _announced_port(self):
        line = self.process.stdout.readline().decode(errors="replace")
        match = re.search(r" listening on http://[^:]+:(\d+)", line)
        if not match:
            raise RuntimeError(f"{self.label} did not start: {line!r}, {self.errors()}")
        return int(match[1])

    def _wait_for_port(self):
        end = time.monotonic() + START_SECONDS_MAX
        while time.monotonic() < end and self.process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.02)
        raise RuntimeError(f"{self.label} did not start: {self.errors()}")

    def errors(self):
        return (self.folder / "stderr").read_text(errors="replace")[-500:]

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(STOP_SECONDS_MAX)
            except subprocess.TimeoutExpired:
                print(f"{self.label} did not end on SIGTERM; killed", file=sys.stderr)
                self.process.kill()
                self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()


class Patron(Server):
    """With as many beat threads as cores, if not all."""

    def __init__(self, binary, folder, label="patron", data="none", cores=SERVER_CORE, more=()):
        super().__init__(label, folder, [
            binary, "serve", "--listen", "127.0.0.1:0", "--data", data, "--io-threads", "1",
            "--threads", len(cores.split(",")) if cores else 0, "--log-level", "warn", *more], cores=cores)

    def get(self, path):
        """(head bytes, body) of a GET that must be answered with 200."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=60) as connection:
            connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
            answer = b"".join(iter(lambda: connection.recv(65536), b""))
        head, _, body = answer.partition(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200 "):
            raise RuntimeError(f"{path}: {answer[:300]!r}")
        return len(head) + 4 - len("Connection: close\r\n"), body

    def version(self):
        told = json.loads(self.get("/version")[1])
        return f"{told['version']} {told['commit']} ({told['build_type']}, {told['compiler']})"

    def metric(self, name):
        _, text = self.get("/metrics")
        match = re.search(rf"^{name} (\S+)$", text.decode(), re.M)
        if not match:
            raise RuntimeError(f"/metrics has no {name}")
        return float(match[1])


class RawEpoll(Server):
    def __init__(self, binary, folder, answer_bytes):
        super().__init__("raw epoll", folder, [binary, answer_bytes])


NGINX_CONFIGURATION = """\
worker_processes 1;
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    default_type application/json;
    keepalive_requests 1000000000;
    keepalive_timeout 1h;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port};
        location / {{ return 200 '{body}'; }}
    }}
}}
"""


class Nginx(Server):
    def __init__(self, binary, folder, body_bytes):
        port, folder = machine.free_port(), Path(folder)
        folder.mkdir(parents=True)
        (folder / "nginx.conf").write_text(
            NGINX_CONFIGURATION.format(folder=folder, port=port, body="x" * body_bytes))
        super().__init__("nginx `return 200`", folder, [
            binary, "-p", folder, "-c", folder / "nginx.conf", "-e", folder / "error.log"], port)


class Redis(Server):
    def __init__(self, binary, folder, label):
        port = machine.free_port()
        super().__init__(label, folder, [
            binary, "--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
            "--auto-aof-rewrite-percentage", "0", "--io-threads", "1", "--dir", folder], port)

    def command(self, *words):
        """The answer of one command, of the kinds needed here: a line or a string."""
        text = "".join(f"${len(word)}\r\n{word}\r\n" for word in words)
        with socket.create_connection(("127.0.0.1", self.port), timeout=60) as connection:
            connection.sendall(f"*{len(words)}\r\n{text}".encode())
            with connection.makefile("rb") as answer:
                line = answer.readline().decode().rstrip()
                if line.startswith("-"):
                    raise RuntimeError(f"Redis {words}: {line}")
                return answer.read(int(line[1:])).decode() if line.startswith("$") else line[1:]

    def log_every_write(self):
        """Append-only file, synced before every answer; what is there already goes into its base."""
        self.command("CONFIG", "SET", "appendfsync", "always")
        self.command("CONFIG", "SET", "appendonly", "yes")
        end = time.monotonic() + AOF_SECONDS_MAX
        while time.monotonic() < end:
            state = self.command("INFO", "persistence")
            if all(word in state for word in (
                    "aof_enabled:1", "aof_rewrite_in_progress:0", "aof_rewrite_scheduled:0",
                    "aof_last_bgrewrite_status:ok")):
                return
            time.sleep(0.1)
        raise RuntimeError("Redis did not finish its append-only file")
