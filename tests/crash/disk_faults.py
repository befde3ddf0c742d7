"""Disks that fail, fill up or write short, and a process without free descriptors: the real binary must
refuse what it cannot keep, go on answering, and have every acknowledged event after the next start.
"""

import argparse
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

from crash_server import CONNECTION_LOST, CrashServer, fault_environment
from event_plan import seed_of_test
from ledger import Client, Load
from patron_server import PATIENCE_SECONDS, expect

CLIENTS = 4
BATCHES = 12
STOPPED = {"disk_failed", "writes_stopped"}
WAL, DATABASE, SNAPSHOTS = "patron.db-wal", "patron.db", "snapshots/*"

# What stops writes for good, by the work it falls into.
FAILING_WRITES = (f"error:sync@{WAL}:1", f"sticky-error:sync@{WAL}:3", f"error:put@{WAL}:1",
                  f"error:put@{WAL}:4", "sticky-error:sync@patron.db*:2", f"sticky-error:put@{WAL}:2:EROFS")
FAILING_SNAPSHOTS = (f"error:sync@{SNAPSHOTS}:1", "error:sync@snapshots:1")
HARMLESS_SNAPSHOTS = (f"error:put@{SNAPSHOTS}:1:ENOSPC", f"error:rename@{SNAPSHOTS}:1:ENOSPC")
SHORT = ("sticky-short:put:1", f"short:put@{WAL}:3", f"sticky-short:put@{SNAPSHOTS}:1")


class Scene:
    """One folder, one server at a time, a few clients with their ledgers."""

    def __init__(self, patron, seed, folder, **plan):
        self.patron = patron
        self.folder = Path(folder) / "data"
        self.fuse = Path(folder) / "fuse"
        self.clients = [Client(seed, number, erases=False, **plan) for number in range(CLIENTS)]

    def start(self, rules="", environment=None, *arguments, **options):
        self.fuse.unlink(missing_ok=True)
        faults = fault_environment(self.patron, rules, self.folder, self.fuse)
        return CrashServer(self.patron, self.folder, "--log-level", "off", *arguments,
                           environment=faults | (environment or {}), **options)

    def send(self, server, batches=BATCHES):
        """Every client in turn; False once one is refused."""
        for _ in range(batches):
            for client in self.clients:
                if not client.send_next(server):
                    return False
        return True

    def expect_whole(self, server):
        """What is read is what was acknowledged, no more: a refused request changes nothing."""
        for client in self.clients:
            client.check_recovered(server, exactly=True)

    def expect_refused(self, server, status, codes):
        for client in self.clients:
            assert not client.send_next(server), f"acknowledged: {client.answered[-1]}"
            seen, problem = client.refusal
            assert seen == status and problem["code"] in codes, client.refusal

    def expect_after_restart(self):
        """All that was acknowledged is there; what was refused is taken now."""
        with self.start() as server:
            for client in self.clients:
                client.check_recovered(server)
            assert self.send(server, 3), "refused after the restart"
            self.expect_whole(server)
        return sum(len(client.answered) for client in self.clients)


def text_of(server, path):
    status, _, text = server.request("GET", path)
    return status, text


def expect_unfit(server, what, state):
    """Alive, not ready, and saying why, to people and to machines."""
    status, text = text_of(server, "/readyz")
    assert status == 503 and json.loads(text)["detail"].startswith(f"{what}: "), f"/readyz: {status} {text}"
    expect("/livez", text_of(server, "/livez")[0], 200)
    expect("health of the log", server.metric(f'patron_log_health{{state="{state}"}}'), 1)
    expect("health of the log", server.metric('patron_log_health{state="good"}'), 0)


def expect_stopped(scene, server):
    """Writes are over until a restart, and everybody is told; reads go on."""
    scene.expect_refused(server, 503, STOPPED)
    expect_unfit(server, "log", "failed")
    scene.expect_whole(server)
    expect("/v1/stats", text_of(server, "/v1/stats")[0], 200)
    # The disk is well again, but what it holds is not known.
    scene.fuse.unlink(missing_ok=True)
    scene.expect_refused(server, 503, {"writes_stopped"})


def failing_writes(scene, rule):
    with scene.start(rule) as server:
        assert scene.send(server), "refused before the fault"
        scene.fuse.touch()
        load = Load(server, scene.clients)
        load.join(PATIENCE_SECONDS)
        load.finish()
        expect_stopped(scene, server)
        server.request("POST", "/v1/snapshots")  # may be made: all that it holds was acknowledged
        scene.expect_refused(server, 503, {"writes_stopped"})
    return scene.expect_after_restart()


def snapshot(server):
    status, _, text = server.request("POST", "/v1/snapshots")
    return status, json.loads(text)


def failing_snapshots(scene, rule):
    """A sync that fails beside the log tells of a disk that cannot be trusted with the log either."""
    with scene.start(rule) as server:
        assert scene.send(server), "refused before the fault"
        scene.fuse.touch()
        status, problem = snapshot(server)
        assert status == 503 and problem["code"] in STOPPED, f"snapshot: {status} {problem}"
        expect_stopped(scene, server)
    return scene.expect_after_restart()


def harmless_snapshots(scene, rule):
    with scene.start(rule) as server:
        assert scene.send(server), "refused before the fault"
        scene.fuse.touch()
        status, problem = snapshot(server)
        expect(f"snapshot without room: {problem}", (status, problem["code"]), (507, "disk_full"))
        assert scene.send(server, 3), f"refused: {[client.refusal for client in scene.clients]}"
        scene.expect_whole(server)
        expect("the next snapshot", snapshot(server)[0], 200)
    return scene.expect_after_restart()


def short_writes(scene, rule):
    with scene.start(rule) as server:
        scene.fuse.touch()
        assert scene.send(server), f"refused: {[client.refusal for client in scene.clients]}"
        expect("snapshot by short writes", snapshot(server)[0], 200)
        assert scene.send(server), "refused after the snapshot"
        scene.expect_whole(server)
    return scene.expect_after_restart()


def failing_by_fiu(scene, name):
    """The same by libfiu, which knows nothing of this product.

    One thread: libfiu's `realloc` calls dlsym from within the dlerror that oneTBB calls when it first makes
    threads, and glibc then uses what that has freed.
    """
    control = scene.folder.parent / "fiu"
    asan = os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"
    with scene.start("", {"ASAN_OPTIONS": asan}, "--threads", "1",
                     before=("fiu-run", "-x", "-f", str(control))) as server:
        assert scene.send(server), "refused before the fault"
        subprocess.run(["fiu-ctrl", "-f", str(control), "-c", f"enable name={name},failinfo=5",
                        str(server.process.pid)], check=True, timeout=PATIENCE_SECONDS)
        load = Load(server, scene.clients)
        load.join(PATIENCE_SECONDS)
        load.finish()
        scene.expect_refused(server, 503, STOPPED)
        scene.expect_whole(server)
    return scene.expect_after_restart()


def fill_up(scene, server):
    """Until there is no room; nothing is acknowledged that is not kept, reads go on."""
    while scene.send(server, 1):
        pass
    # A smaller one may still fit, so the refusal that came is looked at, not the next.
    refusals = [client.refusal for client in scene.clients if client.refusal]
    expect(f"refusal {refusals}", [(status, problem["code"]) for status, problem in refusals], [(507, "disk_full")])
    expect_unfit(server, "disk", "disk_full")
    scene.expect_whole(server)
    expect("/v1/stats", text_of(server, "/v1/stats")[0], 200)


def full_disk(scene, make_room, rule=""):
    with scene.start(rule) as server:
        assert scene.send(server), "refused before the fault"
        scene.fuse.touch()
        fill_up(scene, server)
        make_room()
        assert scene.send(server), f"refused with room again: {[client.refusal for client in scene.clients]}"
        scene.expect_whole(server)
        expect("/readyz", text_of(server, "/readyz")[0], 200)
    return scene.expect_after_restart()


def on_small_disk(patron, seed, folder):
    """In a mount namespace of its own: a file system of 16 MiB, most of it ballast."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", folder], check=True)
    ballast = Path(folder) / "ballast"
    ballast.write_bytes(bytes(14 << 20))
    return full_disk(Scene(patron, seed, folder, events_max=100), ballast.unlink)


def namespace():
    """How to get a mount namespace: as root, as an own user, or not at all."""
    for words in (["unshare", "--mount"], ["unshare", "--mount", "--map-root-user"]):
        if not shutil.which(words[0]):
            return None
        with tempfile.TemporaryDirectory() as folder:
            tried = subprocess.run([*words, "mount", "-t", "tmpfs", "tmpfs", folder], capture_output=True)
        if tried.returncode == 0:
            return words
    return None


def full_file_system(patron, seed):
    words = namespace()
    with tempfile.TemporaryDirectory() as folder:
        if not words:
            print("no file system can be mounted here: the disk fills up by the preloaded faults instead")
            scene = Scene(patron, seed, folder)
            return full_disk(scene, scene.fuse.unlink, "full:put:200000")
        done = subprocess.run([*words, sys.executable, __file__, "--patron", patron, "--small-disk", folder],
                              env=os.environ | {"PATRON_TEST_SEED": str(seed)})
        expect("exit code of the test on a small disk", done.returncode, 0)
    return None


def exhaust_descriptors(server, most=200):
    """Idle connections until the server takes no more of them."""
    idle = []
    for _ in range(most):
        connection = socket.create_connection(("127.0.0.1", server.port), timeout=0.3)
        idle.append(connection)
        connection.sendall(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n")
        try:
            if b" 200 " not in connection.recv(4096):
                return idle
        except (TimeoutError, ConnectionError):
            return idle
    raise AssertionError(f"{most} connections with 64 descriptors")


def without_descriptors(patron, seed, folder):
    scene = Scene(patron, seed, folder)
    with scene.start(before=("prlimit", "--nofile=64:64")) as server:
        assert scene.send(server), "refused before"
        idle = exhaust_descriptors(server)
        expect("/livez", text_of(server, "/livez")[0], 200)
        expect("/metrics", text_of(server, "/metrics")[0], 200)
        assert scene.send(server), f"refused: {[client.refusal for client in scene.clients]}"
        scene.expect_whole(server)
        status, answer = snapshot(server)
        expect(f"a snapshot without descriptors: {answer}", (status, answer["code"]), (503, "no_descriptors"))
        for connection in idle:
            connection.close()
        expect_new_connection(server)
        assert scene.send(server), f"refused later: {[client.refusal for client in scene.clients]}"
        expect("snapshot with descriptors again", snapshot(server)[0], 200)
    return scene.expect_after_restart()


def expect_new_connection(server):
    for _ in range(PATIENCE_SECONDS):
        connection = server.connect()
        try:
            if server.request("GET", "/livez", connection=connection)[0] == 200:
                return
        except CONNECTION_LOST:
            pass
        finally:
            connection.close()
    raise AssertionError("no new connection is taken, though descriptors are free again")


def run_all(patron, seed, sanitized):
    scenes = [(failing_writes, rule) for rule in FAILING_WRITES]
    scenes += [(failing_snapshots, rule) for rule in FAILING_SNAPSHOTS]
    scenes += [(harmless_snapshots, rule) for rule in HARMLESS_SNAPSHOTS]
    scenes += [(short_writes, rule) for rule in SHORT]
    if sanitized:
        print("skipped: libfiu and a sanitizer replace the same functions; it is used in the release build")
    elif shutil.which("fiu-run"):
        scenes += [(failing_by_fiu, name) for name in
                   ("posix/io/sync/fdatasync", "posix/io/sync/*", "posix/io/rw/pwrite")]
    else:
        print("fiu-run is not installed (fiu-utils): its faults are left out")
    for scene, what in scenes:
        with tempfile.TemporaryDirectory() as folder:
            try:
                count = scene(Scene(patron, seed, folder), what)
            except Exception as failure:
                raise AssertionError(f"{scene.__name__} with {what}: {failure!r}") from failure
        print(f"{scene.__name__:20} {what:36} {count} batches acknowledged, all kept", flush=True)
    full_file_system(patron, seed)
    if sanitized:
        print("skipped: the sanitizer needs descriptors of its own; want of them is tested in the release build")
        return
    with tempfile.TemporaryDirectory() as folder:
        print(f"without descriptors: {without_descriptors(patron, seed, folder)} batches acknowledged, all kept")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--patron", required=True, help="the binary")
    parser.add_argument("--quick", action="store_true", help="of a sanitizer build: without libfiu, with descriptors")
    parser.add_argument("--small-disk", help="mount a small file system here and fill it")
    arguments = parser.parse_args()
    seed = seed_of_test()
    if arguments.small_disk:
        count = on_small_disk(arguments.patron, seed, arguments.small_disk)
        print(f"a full file system: {count} batches acknowledged, all kept")
    else:
        run_all(arguments.patron, seed, arguments.quick)


if __name__ == "__main__":
    sys.exit(main())
