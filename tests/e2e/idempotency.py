"""The same request twice, and sixteen times at once, and again after a restart: applied once, answered the same.

The events carry no ids, so that nothing but the Idempotency-Key can tell a request that came again.
"""

import http.client
import json
import sys
import tempfile
import threading
import time

from patron_server import PATIENCE_SECONDS, Server, expect, parse_arguments

AT_ONCE = 16
ROUNDS = 20


def visits(*customers):
    return json.dumps([{"type": "visit", "customer": customer} for customer in customers])


def post(server, key, body, query="", connection=None):
    """(status, whether it was a replay, text)"""
    status, headers, text = server.request(
        "POST", f"/v1/events{query}", body, {"Content-Type": "application/json", "Idempotency-Key": key},
        connection=connection)
    return status, headers.get("Idempotency-Replayed") == "true", text


def check_twice(server):
    first = post(server, "order-1", visits("A", "B"))
    expect("first", first[:2], (200, False))
    expect("again", post(server, "order-1", visits("A", "B")), (200, True, first[2]))
    expect("seq", server.get("/v1/stats")["seq"], 2)
    status, _, text = post(server, "order-1", visits("A"))
    expect("another body", (status, json.loads(text)["code"]), (422, "idempotency_key_reused"))
    for key in ("", "a b", "k" * 256):
        status, _, text = post(server, key, visits("A"))
        expect(f"the key {key[:8]!r}", (status, json.loads(text)["field"]), (400, "Idempotency-Key"))
    expect("seq", server.get("/v1/stats")["seq"], 2)
    return first


def check_mended(server):
    expect("a broken body", post(server, "mended", "[{")[0], 400)
    expect("mended under the same key", post(server, "mended", visits("C"))[:2], (200, False))


def check_scores(server):
    first = json.loads(post(server, "scored", visits("D"), "?return=score")[2])
    server.post("/v1/events", {"type": "visit", "customer": "D"})
    status, replayed, text = post(server, "scored", visits("D"), "?return=score")
    again = json.loads(text)
    expect("replay", (status, replayed, again["seq"]), (200, True, first["seq"]))
    expect("scores are of the moment", again["scores"]["D"]["seq"], first["seq"] + 1)


def send_until_answered(server, key, start, answers):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE_SECONDS)
    try:
        start.wait()
        while True:
            status, _, text = post(server, key, visits("E"), connection=connection)
            if status != 409:
                answers.append((status, text))
                return
            expect("code", json.loads(text)["code"], "idempotency_key_in_flight")
            time.sleep(0.001)
    except Exception as failure:  # brought to the main thread, whatever it is
        answers.append((0, repr(failure)))
    finally:
        connection.close()


def check_at_once(server):
    before = server.get("/v1/stats")["seq"]
    for number in range(ROUNDS):
        answers = []
        start = threading.Barrier(AT_ONCE)
        clients = [threading.Thread(target=send_until_answered,
                                    args=(server, f"at-once-{number}", start, answers))
                   for _ in range(AT_ONCE)]
        for client in clients:
            client.start()
        for client in clients:
            client.join()
        expect("different answers", len(set(answers)), 1)
        expect("status", answers[0][0], 200)
        expect("answers", len(answers), AT_ONCE)
        expect("seq", server.get("/v1/stats")["seq"], before + number + 1)


def main():
    patron = parse_arguments(__doc__.splitlines()[0]).patron
    with tempfile.TemporaryDirectory() as folder:
        data = f"{folder}/data"
        with Server(patron, "--log-level", "warn", data=data) as server:
            first = check_twice(server)
            check_mended(server)
            check_scores(server)
            check_at_once(server)
            seq = server.get("/v1/stats")["seq"]
        for ending in ("stopped", "killed"):
            with Server(patron, "--log-level", "warn", data=data) as server:
                expect("seq", server.get("/v1/stats")["seq"], seq)
                expect("after a restart", post(server, "order-1", visits("A", "B")), (200, True, first[2]))
                expect("another body", post(server, "order-1", visits("A"))[0], 422)
                once_more = post(server, ending, visits("F"))
                expect("a new key", once_more[:2], (200, False))
                seq += 1
                server.kill()
            with Server(patron, "--log-level", "warn", data=data) as server:
                expect("after a crash", post(server, ending, visits("F")), (200, True, once_more[2]))
                expect("seq", server.get("/v1/stats")["seq"], seq)
    print(f"{ROUNDS} requests, {AT_ONCE} times each at once: applied once; keys survive restart and crash")


if __name__ == "__main__":
    sys.exit(main())
