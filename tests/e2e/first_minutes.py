"""The first minutes with the real binary: start, fill, look, change, erase, end; and starts that must fail."""

import json
import signal
import sys
import tempfile

from patron_server import PATIENCE_SECONDS, Server, expect, parse_arguments, run_patron

CUSTOMERS = 2000


def check_commands(patron):
    version = json.loads(run_patron(patron, "version", "--output", "json").stdout)
    assert version["version"], version
    expect("no command", run_patron(patron).returncode, 2)
    expect("an unknown option", run_patron(patron, "serve", "--nonsense").returncode, 2)
    for words in (["--help"], ["serve", "--help"], ["import", "--help"], ["simulate", "--help"]):
        done = run_patron(patron, *words)
        expect(f"patron {words}", (done.returncode, bool(done.stdout)), (0, True))
    values = json.loads(run_patron(patron, "config", "print", "--output", "json", "--threads", "3").stdout)
    expect("origin of a flag", [v for v in values if v["key"] == "store.threads"],
           [{"key": "store.threads", "value": "3", "origin": "flag", "place": "--threads"}])
    text = run_patron(patron, "config", "print", "--origin").stdout
    assert 'listen = "127.0.0.1:8080"' in text and "# default" in text, text


def expect_failed_start(patron, code, *words, say):
    done = run_patron(patron, "serve", "--data", "none", *words)
    expect(f"exit code of serve {words}", done.returncode, code)
    lines = done.stderr.splitlines()
    assert len(lines) == 1 and lines[0].startswith("patron: ") and say in lines[0], done.stderr


def check_failing_starts(patron, taken):
    expect_failed_start(patron, 2, "--listen", "0.0.0.0:0", say="--insecure")
    expect_failed_start(patron, 69, "--listen", f"127.0.0.1:{taken}", say="another")
    expect_failed_start(patron, 66, "--listen", "127.0.0.1:0", "--policy", "/nonexistent.json",
                        say="/nonexistent.json")
    expect_failed_start(patron, 2, "--listen", "127.0.0.1:0", "--durability", "always", say="fsync")


def fill(server):
    arguments = ("simulate", "--customers", CUSTOMERS, "--seed", "7", "--days", "400", "--until",
                 "2026-11-20T00:00:00Z")
    done = run_patron(server.patron, *arguments, "--to", server.url, "--summary")
    expect("simulate", (done.returncode, done.stderr), (0, ""))
    truth = json.loads(done.stdout)
    expect("applied events", server.get("/v1/stats")["seq"], truth["events"])
    again = run_patron(server.patron, *arguments, "--to", server.url)
    assert f"0 accepted, {truth['events']} duplicates, 0 refused" in again.stdout, again.stdout
    return truth


def check_file_and_import(server, truth, folder):
    path = f"{folder}/events.ndjson"
    done = run_patron(server.patron, "simulate", "--customers", CUSTOMERS, "--seed", "7", "--days", "400",
                      "--until", "2026-11-20T00:00:00Z", "--out", path)
    expect("simulate --out", done.returncode, 0)
    imported = run_patron(server.patron, "import", path, "--to", server.url)
    assert f"0 accepted, {truth['events']} duplicates" in imported.stdout, imported.stdout
    piped = run_patron(server.patron, "import", "-", "--format", "ndjson", "--to", server.url, "--output",
                       "json", text_in='{"type":"visit","customer":"C0000001","at":0}\n{"type":"odd"}\nno\n')
    summary = json.loads(piped.stdout)
    expect("piped import", (piped.returncode, summary["accepted"], summary["events_refused"]), (1, 1, 1))
    expect("reasons", sorted(summary["refused_by_reason"]), ["bad_json", "unknown_type"])


def check_reads(server):
    stats = server.get("/v1/stats")
    expect("customers", stats["customers"], CUSTOMERS)
    for counts in ("tiers", "lifecycle"):
        expect(f"sum of {counts}", sum(stats[counts].values()), CUSTOMERS)
    status, headers, text = server.request("GET", "/v1/customers/C0000001/score")
    score = json.loads(text)
    expect("score", (status, score["customer_id"]), (200, "C0000001"))
    assert score["tier"] in stats["tiers"], score
    status, _, text = server.request("GET", "/v1/customers/C0000001/score",
                                     headers={"If-None-Match": headers["ETag"]})
    expect("not modified", (status, text), (304, ""))
    many = server.post("/v1/scores", {"ids": ["C0000001", "nobody", "C0000002"]})
    assert json.dumps(many).count("customer_id") == 2, many
    status, _, text = server.request("GET", "/v1/customers/nobody/score")
    expect("an unknown customer", (status, json.loads(text)["code"]), (404, "unknown_customer"))


def check_override(server):
    path = "/v1/customers/C0000001"
    tiers = list(server.get("/v1/stats")["tiers"])
    before = server.get(f"{path}/score")
    other = next(tier for tier in tiers if tier != before["tier_by_rules"])
    status, _, text = server.request("PUT", f"{path}/override", json.dumps(
        {"mode": "pin", "tier": other, "reason": "a promise made by phone", "by": "expert"}),
        {"Content-Type": "application/json"})
    expect("override", status, 200)
    seq = json.loads(text)["seq"]
    after = server.get(f"{path}/score?min_seq={seq}")
    expect("tier, tier by rules", (after["tier"], after["tier_by_rules"]), (other, before["tier_by_rules"]))
    status, _, text = server.request("DELETE", f"{path}/override?by=expert&reason=over")
    expect("override cleared", status, 200)
    expect("tier", server.get(f"{path}/score?min_seq={json.loads(text)['seq']}")["tier"], before["tier"])


def check_erase(server):
    status, _, text = server.request("DELETE", "/v1/customers/C0000002")
    expect("erase", status, 200)
    status, _, _ = server.request("GET", f"/v1/customers/C0000002?min_seq={json.loads(text)['seq']}")
    expect("an erased customer", status, 404)
    expect("customers", server.get("/v1/stats")["customers"], CUSTOMERS - 1)


def check_operations(server):
    for path in ("/livez", "/readyz", "/healthz", "/openapi.json", "/version"):
        expect(path, server.request("GET", path)[0], 200)
    metrics = server.request("GET", "/metrics")[2]
    for name in ("patron_http_answers_total", "patron_http_connections "):
        assert name in metrics, f"{name} is not in /metrics"


def check_end(patron):
    for ending in (signal.SIGTERM, signal.SIGINT):
        with Server(patron, "--log-level", "off") as server:
            server.get("/v1/stats")
            server.process.send_signal(ending)
            expect(f"exit code on {ending.name}", server.process.wait(PATIENCE_SECONDS), 0)


def main():
    patron = parse_arguments(__doc__).patron
    check_commands(patron)
    with tempfile.TemporaryDirectory() as folder, Server(patron) as server:
        check_failing_starts(patron, server.port)
        truth = fill(server)
        check_file_and_import(server, truth, folder)
        check_reads(server)
        check_override(server)
        check_erase(server)
        check_operations(server)
    check_end(patron)
    print(f"{truth['events']} events of {CUSTOMERS} customers in, read, overridden, erased; ended cleanly")


if __name__ == "__main__":
    sys.exit(main())
