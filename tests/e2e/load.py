"""`patron load` tells the truth: about a server that stops for a second, that dies, that counts what it was sent.

The figures are held against what the server counted and against how long it was really stopped, never against a
speed.
"""

import argparse
import http.server
import json
import math
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import xml.etree.ElementTree
from pathlib import Path

from patron_server import PATIENCE_SECONDS, Server, clean_environment, expect, run_patron

NS = 1_000_000_000
SVG = "{http://www.w3.org/1999/xhtml}"


class Sizes:
    def __init__(self, quick):
        self.customers = 300 if quick else 5_000
        self.rate = 500 if quick else 10_000
        self.event_rate = 500 if quick else 5_000
        self.seconds = 1
        self.subscribers = 4 if quick else 20


def load(server, *arguments, code=0, to=None):
    """The JSON of one run that must end with `code`."""
    done = run_patron(server.patron, "load", "--to", to or server.url, "--quiet", "--json", "-", *arguments)
    assert done.returncode == code, f"load {arguments} ended with {done.returncode}: {done.stderr}{done.stdout[:2000]}"
    return json.loads(done.stdout)


def classes_of(report):
    return {one["name"]: one for one in report["classes"]}


def metric(server, name):
    text = server.request("GET", "/metrics")[2]
    return sum(float(value) for value in re.findall(rf"^{re.escape(name)} (\S+)$", text, re.M))


def answers(server):
    return metric(server, 'patron_http_answers_total{class="2xx"}')


# ---- a server that stops ----

def stopped_run(server, sizes, *pace):
    """(report, seconds) of a run of six seconds in which the server stood still from the third one on."""
    process = subprocess.Popen(
        [server.patron, "load", "--to", server.url, "--quiet", "--json", "-", "--timeline", "--mode", "read",
         "--customers", str(sizes.customers), "--duration", "6", *map(str, pace)],
        stdout=subprocess.PIPE, text=True, env=clean_environment())
    time.sleep(3)  # warm-up and two seconds
    begun = time.monotonic()
    server.process.send_signal(signal.SIGSTOP)
    time.sleep(1)
    server.process.send_signal(signal.SIGCONT)
    stopped = time.monotonic() - begun
    text = process.communicate(timeout=PATIENCE_SECONDS)[0]
    expect("the exit code", process.returncode, 0)
    return json.loads(text), stopped


def count_from(one, seconds):
    return sum(count for low, _, count in one["buckets"] if low >= seconds * NS)


def check_stop_is_felt(server, sizes):
    """Who comes while the server stands still waits from a whole second down to nothing, one like the other."""
    report, stopped = stopped_run(server, sizes, "--rate", sizes.rate)
    one = classes_of(report)["read"]
    wanted = sizes.rate * 6
    expect("requests sent", one["counted"]["sent"], wanted)
    expect("answers", one["counted"]["answered"], wanted)
    expect("latencies", one["latency_ns"]["count"], wanted)
    worst = one["latency_ns"]["max"] / NS
    # The server was stopped a little longer than between the two signals, never shorter by more than a period.
    assert worst >= stopped - 0.02, f"the slowest took {worst} s while the server stood for {stopped} s"
    # Who came in the first half of the stop waited for longer than the second half of it.
    half = count_from(one, stopped / 2)
    least = sizes.rate * stopped / 2
    assert half >= 0.95 * least, f"{half} of {least} requests waited for half of the stop"
    # All who came in it, and who stood behind them, waited: their latencies fall from `worst` to 0 in one line.
    steps = 5
    marks = [worst * (0.1 + 0.9 * i / steps) for i in range(steps)]
    above = [count_from(one, mark) for mark in marks] + [0]
    parts = [a - b for a, b in zip(above, above[1:])]
    mean = sum(parts) / steps
    assert sum(parts) >= 0.85 * sizes.rate * stopped, f"{sum(parts)} waited, {sizes.rate * stopped:.0f} came in the stop"
    # A machine shared with others may hold up the answers for a while, which is a part that is larger.
    assert min(parts) >= 0.5 * mean, f"latencies of the stop are uneven: {parts}"
    print(f"open loop: stopped {stopped:.3f} s, slowest {worst:.3f} s, {half} of half a stop, spread {parts}")
    return half


def check_closed_loop_hides_it(server, sizes, felt):
    """The same stop in a closed loop: as many requests are slow as there are connections."""
    connections = 16
    report, stopped = stopped_run(server, sizes, "--closed", "--connections", connections)
    one = classes_of(report)["read"]
    half = count_from(one, stopped / 2)
    assert half <= connections, f"{half} slow requests of {connections} connections"
    assert half < felt / 5, f"a closed loop saw {half} of {felt}"
    assert any("hides" in line or "hidden" in line for line in report["warnings"]), report["warnings"]
    print(f"closed loop: the same stop of {stopped:.3f} s is {half} slow requests of {one['latency_ns']['count']}")


# ---- what it counts ----

def check_reads(server, sizes, tmp):
    for mode, more in (("read", ()), ("read", ("--arrivals", "poisson", "--zipf", "1.1", "--threads", "2")),
                       ("pipelined", ("--depth", "8")), ("batch", ("--ids-per-request", "20")),
                       ("read", ("--target", "/readyz"))):
        before = answers(server)
        report = load(server, "--mode", mode, "--rate", sizes.rate / 5, "--duration", sizes.seconds, "--warmup", 0.5,
                      "--customers", sizes.customers, *more)
        one, = report["classes"]
        # /metrics itself, /version, and a look at the first and the last customer or at the target.
        looks = 1 + 1 + (1 if "--target" in more else 2)
        expect(f"answers of {mode} {more}", answers(server) - before, one["whole"]["answered"] + looks)
        expect("sent", one["whole"]["sent"], one["whole"]["answered"])
        if "poisson" not in more:
            expect("sent on time", one["counted"]["sent"], int(sizes.rate / 5 * sizes.seconds))
        expect("units", one["counted"]["units"],
               one["counted"]["answered"] * (20 if mode == "batch" else 1))
        expect("failures", (report["errors"], one["first_wrong"]), (0, ""))
        expect("version", report["server"]["name"], "patron")
        check_quantiles(one)


def check_quantiles(one):
    """The buckets alone give the percentiles again."""
    latency, total = one["latency_ns"], sum(count for _, _, count in one["buckets"])
    expect("counts of the buckets", total, latency["count"])
    for name, q in (("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p99.9", 0.999), ("p99.99", 0.9999)):
        rank, seen = max(1, math.ceil(q * total)), 0
        for low, high, count in one["buckets"]:
            seen += count
            if seen >= rank:
                break
        assert min(low, latency["max"]) <= latency[name] <= max(high, latency["min"]), (name, latency, low, high)
        assert high - low <= 0.001 * max(low, 1000), "a bucket wider than three digits"
    assert one["buckets"][0][0] <= latency["min"] <= one["buckets"][0][1]
    assert one["buckets"][-1][0] <= latency["max"] <= one["buckets"][-1][1]
    assert latency["min"] <= latency["p50"] <= latency["p99"] <= latency["p99.99"] <= latency["max"]


def check_ingest(server, sizes):
    before = metric(server, "patron_events_applied_total")
    report = load(server, "--mode", "ingest", "--event-rate", sizes.event_rate, "--events-per-request", 50, "--duration",
                  sizes.seconds, "--warmup", 0.5, "--customers", sizes.customers)
    one, = report["classes"]
    expect("events", metric(server, "patron_events_applied_total") - before, one["whole"]["units"])
    expect("events asked for", one["counted"]["units"], sizes.event_rate * sizes.seconds)
    expect("duplicates", metric(server, "patron_events_duplicate_total"), 0)
    again = load(server, "--mode", "ingest", "--closed", "--connections", 2, "--duration", 0.5, "--warmup", 0,
                 "--customers", sizes.customers)
    expect("events of a closed loop", metric(server, "patron_events_applied_total") - before,
           one["whole"]["units"] + again["classes"][0]["whole"]["units"])


def check_mixed(server, sizes, tmp):
    before, page = metric(server, "patron_events_applied_total"), tmp / "mixed.html"
    report = load(server, "--mode", "mixed", "--rate", sizes.rate / 10, "--event-rate", sizes.event_rate, "--scan-every",
                  0.25, "--duration", sizes.seconds, "--customers", sizes.customers, "--timeline", "--html", page)
    found = classes_of(report)
    expect("classes", list(found), ["read", "ingest", "scan"])
    expect("events", metric(server, "patron_events_applied_total") - before, found["ingest"]["whole"]["units"])
    expect("scans", found["scan"]["counted"]["answered"], int(sizes.seconds / 0.25))
    expect("reads", found["read"]["counted"]["answered"], sizes.rate / 10 * sizes.seconds)
    for one in found.values():
        check_quantiles(one)
        expect("seconds told", len(one["timeline"]), sizes.seconds)
        # Answers may come behind the last second, whose requests are sent in it or a moment later.
        assert sum(slot["answered"] for slot in one["timeline"]) <= one["whole"]["answered"]
    check_page(page.read_text(encoding="utf-8"), list(found))


def check_page(text, names):
    root = xml.etree.ElementTree.fromstring(text)
    lines = root.findall(f".//{SVG}polyline")
    expect("one line per class", [line.get("data-class") for line in lines], names)
    for line in lines:
        points = [tuple(map(float, point.split(","))) for point in line.get("points").split()]
        xs, ys = [x for x, _ in points], [y for _, y in points]
        expect("a line goes to the right", xs, sorted(xs))
        expect("and never down", ys, sorted(ys, reverse=True))
    # Nothing from elsewhere: no link, no script, no image, no import.
    for element in root.iter():
        tag = element.tag.removeprefix(SVG)
        assert tag not in ("link", "script", "img", "iframe"), tag
        for name in ("src", "href"):
            assert element.get(name) is None, (tag, element.get(name))
    assert "url(" not in text and "@import" not in text
    assert "prefers-color-scheme: dark" in text


def check_stream(server, sizes):
    before = (metric(server, "patron_stream_messages_total"), metric(server, "patron_streams_begun_total"))
    report = load(server, "--mode", "stream", "--event-rate", sizes.event_rate / 5, "--events-per-request", 10,
                  "--subscribers", sizes.subscribers, "--topics", "override,tier", "--duration", sizes.seconds,
                  "--warmup", 0, "--customers", sizes.customers)
    found = classes_of(report)
    expect("classes", list(found), ["change", "screen"])
    changes = found["change"]["whole"]["units"]
    expect("changes", changes, sizes.event_rate / 5 * sizes.seconds)
    # Each subscriber hears of each change, or of several at once if it was slow.
    expect("changes on screens", found["screen"]["whole"]["units"], changes * sizes.subscribers)
    expect("changes told", report["feed"]["changes"], changes * sizes.subscribers)
    expect("gaps and ends", (report["feed"]["gaps"], report["feed"]["ended"]), (0, 0))
    expect("streams begun", metric(server, "patron_streams_begun_total") - before[1], sizes.subscribers)
    told = metric(server, "patron_stream_messages_total") - before[0]
    # The server also counts each hello.
    expect("messages", told, report["feed"]["messages"] + sizes.subscribers)
    check_quantiles(found["screen"])
    # Nobody is left with an override.
    for customer in ("C0000000", f"C{sizes.customers - 1:07d}"):
        expect("override", server.get(f"/v1/customers/{customer}/score")["override"], None)


# ---- what goes wrong ----

def check_usage(patron):
    for arguments, words in ((("--mode", "fly"), "fly"), (("--rate", "-1"), "--rate"), (("--rate", "5", "--closed"), "--closed"),
                             (("--mode", "stream", "--closed"), "stream"), (("--mode", "read", "--event-rate", "5"), "--rate"),
                             (("--mode", "stream", "--rate", "5"), "--event-rate"),
                             (("--target", "x"), "begins with /"), (("--mode", "batch", "--target", "/x"), "--target"),
                             (("--threads", "4", "--connections", "2"), "--connections"), (("--to", "localhost"), "localhost"),
                             (("--fill", "5", "--customers", "6"), "--fill"), (("--unknown",), "--unknown")):
        done = run_patron(patron, "load", *arguments)
        expect(f"exit code of {arguments}", done.returncode, 2)
        assert words in done.stderr, f"{arguments}: {done.stderr}"
        expect("stdout", done.stdout, "")


def check_nobody_there(server):
    for more in ((), ("--target", "/")):
        done = run_patron(server.patron, "load", "--to", "http://127.0.0.1:1", *more)
        expect("exit code", done.returncode, 1)
        assert "http://127.0.0.1:1" in done.stderr and "refused" in done.stderr.lower(), done.stderr
    done = run_patron(server.patron, "load", "--to", server.url, "--customers", 9_999_999)
    expect("exit code", done.returncode, 1)
    assert "C9999998" in done.stderr and "--fill" in done.stderr, done.stderr


def check_refusals_are_errors(server):
    report = load(server, "--target", "/v1/nothing", "--rate", 100, "--duration", 0.5, "--warmup", 0, code=1)
    one, = report["classes"]
    expect("statuses", one["counted"]["statuses"], {"404": 50})
    expect("latencies of refusals", one["latency_ns"]["count"], 0)
    expect("errors", report["errors"], 50)
    assert one["first_wrong"].startswith("404"), one["first_wrong"]
    load(server, "--target", "/v1/nothing", "--rate", 100, "--duration", 0.5, "--warmup", 0, "--max-errors", 50)


class Other(http.server.BaseHTTPRequestHandler):
    """A server of another kind: closes behind each answer, sheds, sends chunks."""

    def do_GET(self):
        if self.path == "/chunks":
            self.protocol_version = "HTTP/1.1"
            self.send_response(200)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.write(b"1\r\nx\r\n0\r\n\r\n")
            return
        body = b"x" * 100_000
        self.send_response(503 if self.path == "/shed" else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def check_other_servers(server):
    other = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Other)
    threading.Thread(target=other.serve_forever, daemon=True).start()
    to = f"http://127.0.0.1:{other.server_address[1]}"
    pace = ("--rate", 50, "--duration", 1, "--warmup", 0, "--connections", 2)
    report = load(server, "--target", "/", *pace, to=to)
    expect("answers over closing connections", report["classes"][0]["counted"]["answered"], 50)
    expect("version", report["server"], None)
    report = load(server, "--target", "/shed", *pace, to=to)
    one = report["classes"][0]
    expect("shed", (one["counted"]["shed"], one["latency_ns"]["count"], report["errors"]), (50, 0, 0))
    report = load(server, "--target", "/chunks", *pace, to=to, code=1)
    assert "chunked" in report["classes"][0]["first_wrong"], report["classes"][0]["first_wrong"]
    other.shutdown()


def check_full_server(patron, sizes):
    """A server without room for so many connections is an error, not a loop of tries."""
    with Server(patron, "--connections-max", "8") as server:
        done = run_patron(patron, "load", "--to", server.url, "--target", "/livez", "--connections", 30, "--rate", 100,
                          "--duration", 1, "--warmup", 0)
        expect("exit code", done.returncode, 1)
        assert "503" in done.stderr + done.stdout, done.stderr + done.stdout


def check_pending_bound(server, sizes):
    """Beyond the bound nothing is sent, but the waiting counts."""
    pending = sizes.rate // 5
    report, stopped = stopped_run(server, sizes, "--rate", sizes.rate, "--max-pending", pending, "--max-errors", 10**9)
    one = classes_of(report)["read"]
    expect("all of them", one["counted"]["sent"] + one["unsent"], sizes.rate * 6)
    expect("latencies", one["latency_ns"]["count"], sizes.rate * 6)
    # Those of the stop that found no place waited until the end, which was more than two seconds away.
    left_out = 0.9 * (sizes.rate * stopped - pending) - 64
    assert one["unsent"] >= left_out, f"{one['unsent']} never sent, {left_out:.0f} at least found no place"
    assert count_from(one, 2) >= left_out, f"{count_from(one, 2)} waited until the end, {left_out:.0f} at least"
    expect("errors", report["errors"], one["unsent"])


def check_killed(patron, sizes):
    with Server(patron) as server:
        fill(server, sizes)
        process = subprocess.Popen(
            [patron, "load", "--to", server.url, "--quiet", "--json", "-", "--rate", str(sizes.rate / 5), "--duration", "3",
             "--warmup", "0", "--customers", str(sizes.customers), "--drain", "1"],
            stdout=subprocess.PIPE, text=True, env=clean_environment())
        time.sleep(1.5)
        server.kill()
        text = process.communicate(timeout=PATIENCE_SECONDS)[0]
    expect("exit code", process.returncode, 1)
    one, = json.loads(text)["classes"]
    counted = one["counted"]
    assert counted["answered"] > 0 and counted["failures"]["no_connection"] > 0, one
    # Every request that was due is told: answered, lost, or never sent.
    told = counted["answered"] + counted["failures"]["connection_lost"] + one["unsent"] + one["unanswered"]
    expect("all that was due", told, int(sizes.rate / 5 * 3))
    assert one["unsent"] > 0 and one["latency_ns"]["max"] > NS, one["latency_ns"]


def check_never_answered(server, sizes):
    """A server that stands still until the end: what it owes is in the tail."""
    process = subprocess.Popen(
        [server.patron, "load", "--to", server.url, "--quiet", "--json", "-", "--rate", "100", "--duration", "2", "--warmup",
         "0", "--customers", str(sizes.customers), "--drain", "0.5", "--connections", "8"],
        stdout=subprocess.PIPE, text=True, env=clean_environment())
    time.sleep(1)
    server.process.send_signal(signal.SIGSTOP)
    text = process.communicate(timeout=PATIENCE_SECONDS)[0]
    server.process.send_signal(signal.SIGCONT)
    expect("exit code", process.returncode, 1)
    one, = json.loads(text)["classes"]
    expect("unanswered", one["unanswered"], 8)
    expect("all that was due", one["counted"]["answered"] + one["unanswered"] + one["unsent"], 200)
    expect("latencies", one["latency_ns"]["count"], 200)
    assert one["latency_ns"]["max"] >= 1 * NS, one["latency_ns"]


def interrupted_run(server, sizes, *arguments):
    """(exit code, stdout, stderr) of a run of ten minutes that is interrupted when the server has answered a hundred times."""
    process = subprocess.Popen(
        [server.patron, "load", "--to", server.url, "--quiet", "--json", "-", "--rate", "200", "--duration", "600",
         "--customers", str(sizes.customers), "--threads", "2", *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=clean_environment())
    before, until = answers(server), time.monotonic() + PATIENCE_SECONDS
    while answers(server) < before + 100 and time.monotonic() < until:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    out, told = process.communicate(timeout=PATIENCE_SECONDS)
    return process.returncode, out, told


def check_interrupted(server, sizes):
    """Ctrl-C ends a run early: what was due until then is told, and nothing of it is lost."""
    code, out, _ = interrupted_run(server, sizes, "--warmup", "0")
    expect("exit code", code, 1)
    report = json.loads(out)
    one, = report["classes"]
    expect("what it says of itself", (report["interrupted"], report["errors"]), (True, 0))
    assert any("interrupted after" in line for line in report["warnings"]), report["warnings"]
    expect("answers to all that was due", one["counted"]["answered"], one["counted"]["sent"])
    expect("latencies", one["latency_ns"]["count"], one["counted"]["sent"])
    # 200 a second from the beginning to the instant of the signal, for both threads the same.
    due, seconds = one["counted"]["sent"], one["counted"]["sent"] / one["sent_rate"]
    assert due >= 50 and abs(due - 200 * seconds) <= 2, f"{due} in {seconds} s"
    assert seconds <= report["took_s"], f"{seconds} of {report['took_s']}"
    code, out, told = interrupted_run(server, sizes, "--warmup", "600")
    expect("an end in the warm-up", (code, out), (1, ""))
    assert "interrupted before anything was counted" in told, told


def fill(server, sizes):
    """Puts the customers in with the tool itself; its table says so."""
    done = run_patron(server.patron, "load", "--to", server.url, "--fill", sizes.customers, "--rate", 50, "--duration", 0.5,
                      "--warmup", 0)
    expect("exit code", done.returncode, 0)
    assert f"of {sizes.customers} customers put in" in done.stderr, done.stderr
    for word in ("p99.99", "asked/s", "read feels", "sends were late"):
        assert word in done.stdout, f"{word} is missing: {done.stdout}"
    expect("customers", server.get("/v1/stats")["customers"], sizes.customers)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--patron", required=True, help="the binary")
    parser.add_argument("--quick", action="store_true", help="lower rates, for slow builds")
    arguments = parser.parse_args()
    sizes = Sizes(arguments.quick)
    check_usage(arguments.patron)
    with Server(arguments.patron) as server, tempfile.TemporaryDirectory() as folder:
        tmp = Path(folder)
        fill(server, sizes)
        check_nobody_there(server)
        check_reads(server, sizes, tmp)
        check_ingest(server, sizes)
        check_mixed(server, sizes, tmp)
        check_stream(server, sizes)
        check_refusals_are_errors(server)
        check_other_servers(server)
        felt = check_stop_is_felt(server, sizes)
        check_closed_loop_hides_it(server, sizes, felt)
        check_pending_bound(server, sizes)
        check_never_answered(server, sizes)
        check_interrupted(server, sizes)
    check_full_server(arguments.patron, sizes)
    check_killed(arguments.patron, sizes)
    return 0


if __name__ == "__main__":
    sys.exit(main())
