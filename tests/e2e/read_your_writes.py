"""Sixty-four clients write and read their own customer at once: none ever reads before its own write.

Each event's answer names the sequence it can be read at; a read that demands it, and the score that the
answer itself carries, must already know the order just made.
"""

import http.client
import sys
import threading

from patron_server import PATIENCE_SECONDS, Server, expect, parse_arguments

CLIENTS = 64
ORDERS = 25


def order(client, number):
    return {"id": f"{client}-{number}", "type": "order", "customer": f"customer-{client}",
            "at": "2026-01-01T00:00:00Z", "order_id": f"{client}-{number}", "amount": "10.00"}


def write_and_read(server, client, failures):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE_SECONDS)
    try:
        last = 0
        for number in range(1, ORDERS + 1):
            written = server.post("/v1/events?return=score", order(client, number), connection=connection)
            expect("accepted", written["accepted"], 1)
            seq = written["seq"]
            assert seq > last, f"sequence {seq} after {last}"
            last = seq
            carried = written["scores"][f"customer-{client}"]
            assert carried["seq"] >= seq, f"the score carried is of {carried['seq']}, the write of {seq}"
            path = f"/v1/customers/customer-{client}"
            score = server.get(f"{path}/score?min_seq={seq}", connection=connection)
            assert score["seq"] >= seq, f"read at {score['seq']}, demanded {seq}"
            features = server.get(f"{path}?min_seq={seq}", connection=connection)["features"]
            expect("orders", features["orders_lifetime"], number)
            expect("spend", round(features["spend_lifetime"] * 100), number * 1000)
    except Exception as failure:  # brought to the main thread, whatever it is
        failures.append(f"client {client}: {failure!r}")
    finally:
        connection.close()


def main():
    arguments = parse_arguments(__doc__.splitlines()[0])
    failures = []
    with Server(arguments.patron, "--clock", "2026-01-02T00:00:00Z") as server:
        clients = [threading.Thread(target=write_and_read, args=(server, client, failures))
                   for client in range(CLIENTS)]
        for client in clients:
            client.start()
        for client in clients:
            client.join()
        assert not failures, failures[0]
        expect("sequence of all", server.get("/v1/stats")["seq"], CLIENTS * ORDERS)
        status, _, _ = server.request("GET", f"/v1/customers/customer-0/score?min_seq={CLIENTS * ORDERS + 1}")
        expect("a read of what is not written yet", status, 425)
    print(f"{CLIENTS} clients, {CLIENTS * ORDERS} orders, each read back at once by its own client")


if __name__ == "__main__":
    sys.exit(main())
