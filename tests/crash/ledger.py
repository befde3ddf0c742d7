"""What clients of a server that dies know for certain: what was answered, what was sent and not answered."""

import json
import threading

from crash_server import CONNECTION_LOST
from event_plan import ClientPlan, orders_of
from patron_server import expect


class Client:
    """One client: sends its plan batch by batch, an unanswered one again first, and keeps the ledger."""

    def __init__(self, seed, number, **plan):
        self.plan = ClientPlan(seed, number, **plan)
        self.answered = []  # (batch, answer), in order
        self.unanswered = None
        self.unanswered_is_in = None  # whether recovery brought it back; None: not looked at
        self.refusal = None  # (status, document) of the last batch, if it was refused
        self.failure = None

    def sent(self):
        return [batch for batch, _ in self.answered] + ([self.unanswered] if self.unanswered else [])

    def run(self, server, acknowledged, stop):
        """Until `stop`, a refusal or the end of the connection."""
        connection = server.connect()
        try:
            while not stop.is_set() and self.send_next(server, connection):
                acknowledged.set()
        except CONNECTION_LOST:
            pass
        except Exception as failure:  # brought to the main thread, whatever it is
            self.failure = failure
        finally:
            connection.close()

    def send_unanswered(self, server):
        if self.unanswered and not self.send_next(server):
            raise AssertionError(f"refused: {self.refusal}")

    def send_next(self, server, connection=None):
        """The unanswered batch or the next; False if it was refused, and stays unanswered."""
        repeated = self.unanswered is not None
        batch = self.unanswered or self.plan.next_batch()
        self.unanswered, self.refusal = batch, None
        status, answer = server.send(batch, connection)
        if status != 200:
            self.refusal = (status, answer)
            return False
        self._check(batch, answer, repeated)
        self.answered.append((batch, answer))
        self.unanswered = self.unanswered_is_in = None
        if self.plan.random.random() < 0.05:
            self._send_known_again(server, connection)
        return True

    def _check(self, batch, answer, repeated):
        """A request is taken whole or not at all, and never twice."""
        new = (len(batch.events), 0)
        seen = (answer["accepted"], answer["duplicates"])
        if not repeated or batch.key or self.unanswered_is_in is False:
            expect(f"answer to {batch.ids()}", seen, new)
        elif self.unanswered_is_in:
            expect(f"answer to {batch.ids()}, sent again", seen, new[::-1])
        else:
            assert seen in (new, new[::-1]), f"{batch.ids()} was taken in part: {answer}"

    def _send_known_again(self, server, connection):
        batch, answer = self.plan.random.choice(self.answered)
        status, again = server.send(batch, connection)
        if status == 200 and batch.key:
            expect(f"answer to the same key {batch.key}", again, answer)
        elif status == 200:
            expect("known events", (again["accepted"], again["duplicates"]), (0, len(batch.events)))

    def check_recovered(self, server, exactly=False):
        """Every customer stands as after all that was answered, or, unless `exactly`, that and the
        unanswered batch."""
        seen = {customer: orders for customer in self.plan.customers
                if (orders := orders_at(server, customer)) is not None}
        least, most = orders_of([batch for batch, _ in self.answered]), orders_of(self.sent())
        assert seen == least or (seen == most and not exactly), (
            f"client {self.plan.client}: orders are {seen}; {dict(least)} were acknowledged, "
            f"{dict(most)} sent")
        if least != most:
            self.unanswered_is_in = seen == most


def orders_at(server, customer):
    status, _, text = server.request("GET", f"/v1/customers/{customer}")
    if status == 404:
        return None
    assert status == 200, f"{customer}: {status} {text}"
    return json.loads(text)["features"].get("orders_lifetime", 0)


class Load:
    """All clients at once, in threads of their own."""

    def __init__(self, server, clients):
        self.clients = clients
        self.acknowledged = threading.Event()
        self.stop_sending = threading.Event()
        self.threads = [threading.Thread(target=client.run, args=(server, self.acknowledged, self.stop_sending))
                        for client in clients]
        for thread in self.threads:
            thread.start()

    def join(self, seconds=None):
        for thread in self.threads:
            thread.join(seconds)

    def finish(self):
        """After the server is gone or the clients were told to stop: their threads end, their doubts surface."""
        self.stop_sending.set()
        self.join()
        for client in self.clients:
            if client.failure:
                raise client.failure


def check_log(log, clients, forgotten=0):
    """Acknowledged within logged within sent: each event once, where its answer said."""
    expect("sequence numbers", [seq for seq, _, _ in log], list(range(forgotten + 1, forgotten + 1 + len(log))))
    place = {}
    for seq, _, event in log:
        if event is not None:
            assert event["id"] not in place, f"{event['id']} is in the log twice, at {seq} and {place[event['id']]}"
            place[event["id"]] = seq
    removed = {seq for seq, _, event in log if event is None}
    for client in clients:
        for batch, answer in client.answered:
            if answer["accepted"]:
                first = answer["seq"] - len(batch.events) + 1
                for seq, name in enumerate(batch.ids(), first):
                    assert place.get(name) == seq or seq in removed, (
                        f"{name} was acknowledged at {seq}, the log has it at {place.get(name)}")
    sent = {name for client in clients for batch in client.sent() for name in batch.ids()}
    assert place.keys() <= sent, f"never sent: {sorted(place.keys() - sent)[:5]}"


def events_of(clients):
    """All events, in the order of their sequence numbers."""
    at = {}
    for client in clients:
        for batch, answer in client.answered:
            at |= dict(enumerate(batch.events, answer["seq"] - len(batch.events) + 1))
    expect("sequence numbers", sorted(at), list(range(1, len(at) + 1)))
    return [at[seq] for seq in sorted(at)]
