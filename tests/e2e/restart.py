"""What was there before the end is there after it: by SIGTERM, by SIGKILL, and never under other options.

The clock stands still, so that every count, hash and score must be the same to the last digit.
"""

import json
import os
import random
import signal
import sys
import tempfile
import time

from patron_server import PATIENCE_SECONDS, Server, expect, parse_arguments, run_patron

CUSTOMERS = 3000
CLOCK = "2026-11-20T00:00:00Z"
QUIET = ("--clock", CLOCK, "--log-level", "warn")


def fill(server, seed):
    done = run_patron(server.patron, "simulate", "--customers", CUSTOMERS, "--seed", seed, "--days", "400",
                      "--until", CLOCK, "--to", server.url)
    expect("simulate", (done.returncode, done.stderr), (0, ""))


def erase_and_override(server):
    expect("erase", server.request("DELETE", "/v1/customers/C0000002")[0], 200)
    tier = next(iter(server.get("/v1/stats?hashes=true")["tiers"]))
    body = json.dumps({"mode": "pin", "tier": tier, "reason": "a promise", "by": "expert"})
    expect("override", server.request("PUT", "/v1/customers/C0000003/override", body,
                                      {"Content-Type": "application/json"})[0], 200)


def picture(server):
    """Everything that must be the same after a restart."""
    ids = [f"C{number:07}" for number in random.Random(1).sample(range(1, CUSTOMERS + 1), 300)]
    return {
        "stats": server.get("/v1/stats?hashes=true"),
        "later": server.get("/v1/stats?hashes=true&at=2027-06-01T00:00:00Z"),
        "scores": server.post("/v1/scores", {"ids": ids}),
        "portraits": [server.get(f"/v1/customers/{customer}") for customer in ids[:20]
                      if customer != "C0000002"],
    }


def same(what, seen, wanted):
    for part, value in wanted.items():
        assert seen[part] == value, f"{what}: {part} differ: {first_difference(seen[part], value)}"


def first_difference(seen, wanted):
    if isinstance(wanted, dict) and isinstance(seen, dict):
        for name in wanted:
            if seen.get(name) != wanted[name]:
                return f"{name}: {first_difference(seen.get(name), wanted[name])}"
    return f"{str(seen)[:200]}, expected {str(wanted)[:200]}"


def metric(server, name):
    text = server.request("GET", "/metrics")[2]
    return next(float(line.split()[-1]) for line in text.splitlines() if line.startswith(f"{name} "))


def check_stop_and_crash(patron, data):
    """The picture and the sequence number at the end."""
    with Server(patron, *QUIET, data=data) as server:
        assert "durability fsync" in server.keeping and data in server.keeping, server.keeping
        fill(server, 1)
        erase_and_override(server)
        before = picture(server)
    with Server(patron, *QUIET, data=data) as server:
        same("after SIGTERM", picture(server), before)
        expect("events replayed behind the last snapshot", metric(server, "patron_recovery_replayed_events"), 0)
        fill(server, 2)
        before = picture(server)
        server.kill()
    with Server(patron, *QUIET, data=data) as server:
        same("after SIGKILL", picture(server), before)
        assert metric(server, "patron_recovery_replayed_events") > 0, "nothing was replayed"
        again = run_patron(patron, "simulate", "--customers", CUSTOMERS, "--seed", 2, "--days", "400",
                           "--until", CLOCK, "--to", server.url)
        assert " 0 accepted" in again.stdout, f"known events were taken again: {again.stdout}"
        same("after the same events", picture(server), before)
        server.kill()
    return before


def check_recovering(patron, data, before):
    """Alive from the first line on, ready later; a signal during recovery ends it well."""
    with Server(patron, *QUIET, data=data, wait=False) as server:
        expect("/livez", server.request("GET", "/livez")[0], 200)
        refusals = server.wait_until_ready()
        for refusal in refusals:
            expect("code", refusal["code"], "not_ready")
            assert refusal["detail"].startswith("recovery: "), refusal
        same("after recovery", picture(server), before)
        server.kill()
    for pause in (0, 0.005, 0.02, 0.05):
        with Server(patron, *QUIET, data=data, wait=False) as server:
            time.sleep(pause)  # wherever recovery stands by then
            server.process.send_signal(signal.SIGTERM)
            expect("exit code", server.process.wait(PATIENCE_SECONDS), 0)
    with Server(patron, *QUIET, data=data) as server:
        same("after starts cut short", picture(server), before)
    return len(refusals)


def expect_refused(patron, data, code, *words, say):
    done = run_patron(patron, "serve", "--listen", "127.0.0.1:0", "--data", data, "--log-level", "off", *words)
    lines = done.stderr.splitlines()
    expect(f"exit code of serve {words} ({done.stderr})", done.returncode, code)
    assert len(lines) == 1 and lines[0].startswith("patron: ") and say in lines[0], done.stderr


def check_refused_starts(patron, data, folder):
    expect_refused(patron, data, 78, "--currency", "EUR", say="currency")
    expect_refused(patron, data, 78, "--time-zone", "UTC", say="time_zone")
    file = f"{folder}/file"
    with open(file, "w", encoding="utf-8") as out:
        out.write("no folder")
    expect_refused(patron, file, 73, say=file)
    expect_refused(patron, f"{folder}/missing/data", 73, say="make that folder first")


def check_failing_recovery(patron, data, folder, before):
    """A start that fails after its first line ends with one line and a code, and harms nothing."""
    policy = f"{folder}/vip.json"
    with open(policy, "w", encoding="utf-8") as out:
        out.write(run_patron(patron, "policy", "show", "vip").stdout)
    done = run_patron(patron, "serve", "--listen", "127.0.0.1:0", "--data", data, "--log-level", "off",
                      "--policy", policy)
    expect(f"exit code ({done.stderr})", done.returncode, 78)
    assert done.stdout.startswith("patron listening on http://127.0.0.1:"), done.stdout
    lines = done.stderr.splitlines()
    assert len(lines) == 1 and data in lines[0] and "tier" in lines[0], done.stderr
    with Server(patron, *QUIET, data=data) as server:
        same("with the policy it had", picture(server), before)


def check_commands(patron, data, folder):
    with Server(patron, *QUIET, data=data) as server:
        expect_refused(patron, data, 69, say="another process")
        made = run_patron(patron, "snapshot", "--to", server.url, "--output", "json")
        expect("snapshot", (made.returncode, made.stderr), (0, ""))
        snapshot = json.loads(made.stdout)
        stats = server.get("/v1/stats?hashes=true")
        expect("what it holds", (snapshot["customers"], snapshot["seq"]), (stats["customers"], stats["seq"]))
        file = f"{data}/snapshots/{snapshot['name']}"
        verified = run_patron(patron, "snapshot", "verify", file, "--output", "json")
        expect("verified", (verified.returncode, json.loads(verified.stdout)), (0, snapshot))

        backup = f"{folder}/backup"
        made = run_patron(patron, "backup", backup, "--to", server.url, "--output", "json")
        expect("backup", (made.returncode, made.stderr), (0, ""))
        expect("its place", json.loads(made.stdout)["directory"], backup)
        expect("its seq", json.loads(made.stdout)["seq"], stats["seq"])
        assert os.path.isfile(f"{backup}/patron.db") and os.listdir(f"{backup}/snapshots"), os.listdir(backup)
        expect("left at the server", os.listdir(f"{data}/backups"), [])
        expect("onto what is there", run_patron(patron, "backup", backup, "--to", server.url).returncode, 73)
        expect("into nothing", run_patron(patron, "backup", f"{folder}/no/backup", "--to",
                                          server.url).returncode, 73)
    damage(file)
    expect("a damaged snapshot", run_patron(patron, "snapshot", "verify", file).returncode, 65)
    expect("no server", run_patron(patron, "snapshot", "--to", server.url).returncode, 69)


def damage(file):
    with open(file, "r+b") as out:
        out.seek(os.path.getsize(file) // 2)
        byte = out.read(1)
        out.seek(-1, os.SEEK_CUR)
        out.write(bytes([byte[0] ^ 1]))


def check_in_memory(patron):
    with Server(patron, *QUIET) as server:
        assert "--data none" in server.keeping, server.keeping
        expect("snapshot", run_patron(patron, "snapshot", "--to", server.url).returncode, 73)
    for mode, say in (("interval", "at most 250 ms"), ("none", "not of the machine")):
        with tempfile.TemporaryDirectory() as folder, Server(
                patron, *QUIET, "--durability", mode, "--sync-interval-ms", "250", data=f"{folder}/d") as server:
            assert say in server.keeping, server.keeping
            expect("durability", server.get("/healthz")["durability"], mode)


def main():
    patron = parse_arguments(__doc__.splitlines()[0]).patron
    with tempfile.TemporaryDirectory() as folder:
        data = f"{folder}/data"
        before = check_stop_and_crash(patron, data)
        refusals = check_recovering(patron, data, before)
        check_refused_starts(patron, data, folder)
        check_failing_recovery(patron, data, folder, before)
        check_commands(patron, data, folder)
        with Server(patron, *QUIET, data=data) as server:
            same("with a damaged snapshot", picture(server), before)
    check_in_memory(patron)
    stats = before["stats"]
    print(f"{stats['customers']} customers, seq {stats['seq']}, state hash {stats['state_hash']}: the same after "
          f"every end; {refusals} answers of /readyz before it was ready")


if __name__ == "__main__":
    sys.exit(main())
