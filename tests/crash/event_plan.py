"""The events a crash test sends: batches that follow from a seed, one stream of them per client.

Every client writes to customers of its own and sends its batches in order, an unanswered one again before
the next. So what each customer must end as does not depend on where the crashes fell.
"""

import json
import os
import random
from collections import Counter

CLOCK = "2026-03-01T00:00:00Z"  # of every server: now stands still
DAYS_BACK = 700
TIERS = ("silver", "gold", "platinum")


def seed_of_test():
    """Printed by every test; PATRON_TEST_SEED repeats it."""
    seed = int(os.environ.get("PATRON_TEST_SEED", 0)) or random.SystemRandom().randrange(1, 2**32)
    print(f"seed {seed} (PATRON_TEST_SEED repeats it)", flush=True)
    return seed


def crash_rounds(wanted):
    return int(os.environ.get("PATRON_CRASH_ROUNDS", wanted))


class Batch:
    """Some events sent as one request; with a key, the request may be repeated for the same answer."""

    def __init__(self, events, key=None):
        self.events = events
        self.key = key
        self.body = json.dumps(events).encode()

    def ids(self):
        return [event["id"] for event in self.events]


class ClientPlan:
    """The endless stream of one client's batches."""

    def __init__(self, seed, client, customers=6, events_max=8, erases=True):
        self.random = random.Random(f"{seed}/{client}")
        self.client = client
        self.customers = [f"c{client}-{number}" for number in range(customers)]
        self.events_max = events_max
        self.erases = erases
        self.made = 0
        self.open_orders = {}  # order id -> customer, cents: not refunded, not erased

    def next_batch(self):
        count = self.random.randint(1, self.events_max)
        events = [self._event() for _ in range(count)]
        key = f"key-{self.client}-{self.made}" if self.random.random() < 0.3 else None
        return Batch(events, key)

    def _event(self):
        self.made += 1
        event = {"id": f"e{self.client}-{self.made}", "customer": self.random.choice(self.customers),
                 "at": self._at()}
        kind = self.random.choices(("order", "refund", "visit", "profile", "override", "complaint", "erase"),
                                   (50, 12, 15, 8, 6, 8, 0.6 if self.erases else 0))[0]
        if kind == "refund" and not self.open_orders:
            kind = "order"
        event["type"] = kind
        getattr(self, f"_{kind}")(event)
        return event

    def _at(self):
        month, day = self.random.randint(1, 12), self.random.randint(1, 28)
        return f"{self.random.choice((2024, 2025))}-{month:02}-{day:02}T{self.random.randint(0, 23):02}:00:00Z"

    def _order(self, event):
        cents = self.random.randint(2, 500_000)
        event |= {"order_id": f"o{self.client}-{self.made}", "amount": f"{cents // 100}.{cents % 100:02}"}
        self.open_orders[event["order_id"]] = (event["customer"], cents)

    def _refund(self, event):
        order = self.random.choice(list(self.open_orders))
        event["customer"], cents = self.open_orders.pop(order)
        back = self.random.randint(1, cents - 1)
        event |= {"order_id": order, "amount": f"{back // 100}.{back % 100:02}"}

    def _visit(self, event):
        pass

    def _complaint(self, event):
        event["severity"] = self.random.randint(1, 5)

    def _profile(self, event):
        event |= {"region": self.random.choice(("east", "west", "北")), "influence": self.random.randint(0, 100),
                  "tags": self.random.sample(("a", "b", "c", "d"), 2)}

    def _override(self, event):
        mode = self.random.choice(("pin", "floor", "clear"))
        event |= {"mode": mode, "reason": "a promise", "by": "expert"}
        if mode != "clear":
            event["tier"] = self.random.choice(TIERS)

    def _erase(self, event):
        self.open_orders = {order: what for order, what in self.open_orders.items()
                            if what[0] != event["customer"]}


def orders_of(batches):
    """Orders per customer after these batches, none for who was erased since."""
    counts = Counter()
    for batch in batches:
        for event in batch.events:
            if event["type"] == "erase":
                counts.pop(event["customer"], None)
            elif event["type"] == "order":
                counts[event["customer"]] += 1
            else:
                counts[event["customer"]] += 0
    return counts
