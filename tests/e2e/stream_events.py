"""What customers do while others listen: orders, refunds, visits, complaints, profiles, overrides, erasures."""

import datetime
import random
import threading
import time

REGIONS = ["north", "south", "east, by the sea", "西部"]
OWNERS = ["li", "o'neill", "50%"]
INDUSTRIES = ["retail", "food & drink"]
TAGS = ["vip", "a,b", "x=y", "press"]
TIERS = ["standard", "silver", "gold", "platinum"]


def instant_text(seconds):
    when = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
    return when.isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Life:
    """Events by one seed. Whoever has a profile has it from the start, for good; some others are erased and come
    again."""

    def __init__(self, seed, customers):
        self.random = random.Random(seed)
        self.number = 0
        self.attributes = {}
        self.alive = [f"c,{i} é%" if i % 50 == 0 else f"c{i}" for i in range(customers)]
        self.again = [f"again-{i}" for i in range(customers // 20)]
        self.orders = []
        self.everybody = self.alive + self.again

    def next_id(self):
        self.number += 1
        return f"e{self.number}"

    def first_bodies(self):
        """Profiles, then a history."""
        profiles = []
        for customer in self.alive:
            if self.random.random() < 0.8:
                known = {"region": self.random.choice(REGIONS), "owner": self.random.choice(OWNERS),
                         "industry": self.random.choice(INDUSTRIES),
                         "tags": self.random.sample(TAGS, self.random.randint(0, 2))}
                self.attributes[customer] = known
                profiles.append({"type": "profile", "customer": customer, **known})
        yield profiles
        history = []
        for customer in self.alive:
            for _ in range(self.random.choice((0, 0, 1, 3, 12))):
                history.append(self.order(customer, days_ago=self.random.uniform(0, 420)))
        yield history

    def order(self, customer, days_ago=0.0):
        event = {"type": "order", "id": self.next_id(), "customer": customer, "order_id": f"o{self.number}",
                 "amount": f"{self.random.choice((20, 300, 2500)) + self.random.randrange(100) / 100:.2f}"}
        if days_ago:
            event["at"] = instant_text(time.time() - days_ago * 86400)
        self.orders.append(event)
        return event

    def refund(self):
        order = self.orders.pop(self.random.randrange(len(self.orders)))
        amount = round(float(order["amount"]) * self.random.choice((0.3, 1)), 2)
        return {"type": "refund", "id": self.next_id(), "customer": order["customer"], "order_id": order["order_id"],
                "amount": f"{amount:.2f}"}

    def override(self, customer):
        event = {"type": "override", "id": self.next_id(), "customer": customer, "reason": "test", "by": "expert"}
        mode = self.random.choice(("pin", "pin", "floor", "ceiling", "clear"))
        event["mode"] = mode
        if mode != "clear":
            event["tier"] = self.random.choice(TIERS)
            if self.random.random() < 0.3:
                event["until"] = instant_text(time.time() + self.random.uniform(0.5, 5))
        return event

    def erase(self):
        if self.random.random() < 0.3 and len(self.alive) > 100:
            customer = self.alive.pop(self.random.randrange(len(self.alive)))
        else:
            customer = self.random.choice(self.again)
        self.orders = [order for order in self.orders if order["customer"] != customer]
        return {"type": "erase", "id": self.next_id(), "customer": customer}

    def event(self):
        kind = self.random.choices(
            ("override", "order", "refund", "visit", "complaint", "follow_up", "ticket_opened", "churn", "again",
             "erase"), (40, 20, 6, 6, 6, 6, 4, 1, 6, 2))[0]
        customer = self.random.choice(self.alive)
        plain = {"id": self.next_id(), "customer": customer}
        if kind == "override":
            return self.override(customer)
        if kind == "refund" and self.orders:
            return self.refund()
        if kind == "visit":
            return {"type": "visit", **plain}
        if kind == "complaint":
            return {"type": "complaint", **plain, "severity": self.random.randint(1, 5)}
        if kind == "follow_up":
            return {"type": "follow_up", **plain, "channel": "phone"}
        if kind == "ticket_opened":
            return {"type": "ticket_opened", **plain, "ticket_id": f"t{self.number}", "severity": 3}
        if kind == "churn":
            return {"type": "churn_confirmed", **plain, "reason": "price"}
        if kind == "again":
            return self.order(self.random.choice(self.again), self.random.uniform(0, 300))
        if kind == "erase":
            return self.erase()
        return self.order(customer)

    def body(self, most):
        return [self.event() for _ in range(self.random.randint(1, most))]


class Writer(threading.Thread):
    """Posts bodies until told to stop; `pause` seconds between two."""

    def __init__(self, server, life, most, pause):
        super().__init__(daemon=True)
        self.server, self.life, self.most, self.pause = server, life, most, pause
        self.stop = threading.Event()
        self.events = 0
        self.bodies = 0
        self.failure = None

    def run(self):
        try:
            while not self.stop.wait(self.life.random.uniform(0, 2 * self.pause)):
                body = self.life.body(self.most)
                self.server.post("/v1/events", body)
                self.events += len(body)
                self.bodies += 1
        except Exception as failure:  # handed to whoever waits for the end
            self.failure = failure

    def finish(self):
        self.stop.set()
        self.join(60)
        if self.failure:
            raise self.failure
