"""What a listener must be told, by brute force from what an unfiltered one was told: filters, pictures, messages."""

import bisect
import json
from urllib.parse import quote

TOPIC_FIELDS = {"tier": ("tier", "tier_by_rules"), "risk_band": ("risk_band",), "lifecycle": ("lifecycle",),
                "follow_up": ("follow_up",), "override": ("override",)}
VISIBLE = tuple(field for fields in TOPIC_FIELDS.values() for field in fields)
SCORE_FIELDS = {"tier": "tier", "band": "risk_band", "lifecycle": "lifecycle"}  # by parameter
ROUNDING = 2e-5  # two risks of five decimals each: nearer to the bound than this, either answer is right


def cursor_offset(cursor):
    return int(cursor.split(":")[1])


class Wanted:
    """One filter: what it says in a query, and what it means. Attributes of a customer never change here."""

    def __init__(self, topics=None, min_risk_change=None, **lists):
        self.topics = sorted(TOPIC_FIELDS) if topics is None else topics
        self.fields = [field for topic in self.topics for field in TOPIC_FIELDS.get(topic, ())]
        self.least = float(min_risk_change or 0)
        self.lists = {name: set(values) for name, values in lists.items()}
        parts = [] if topics is None else ["topics=" + ",".join(topics)]
        parts += [name + "=" + ",".join(quote(value, safe="") for value in values)
                  for name, values in lists.items()]
        parts += [] if min_risk_change is None else [f"min_risk_change={min_risk_change}"]
        self.query = "&".join(parts)

    def holds(self, customer, score, attributes):
        for name, values in self.lists.items():
            if name == "customer":
                known = customer
            elif name in SCORE_FIELDS:
                known = score[SCORE_FIELDS[name]]
            elif name == "tag":
                if values.isdisjoint(attributes.get(customer, {}).get("tags", ())):
                    return False
                continue
            else:
                known = attributes.get(customer, {}).get(name)
            if known not in values:
                return False
        return True

    def passing(self, change, attributes):
        """(verb or None, whether it is certain)"""
        before = change.before is not None and self.holds(change.customer, change.before, attributes)
        after = change.after is not None and self.holds(change.customer, change.after, attributes)
        if before != after:
            return ("leave" if before else "enter"), True
        if not before or all(change.before[field] == change.after[field] for field in self.fields):
            return None, True
        risks = change.before["churn_risk"], change.after["churn_risk"]
        if None in risks:
            moved = 0 if risks == (None, None) else 2
        else:
            moved = abs(risks[1] - risks[0])
        certain = self.least == 0 or (change.risk_told and abs(moved - self.least) > ROUNDING)
        return ("change" if moved >= self.least else None), certain

    def picture(self, state, attributes):
        return {customer: score for customer, score in state.items() if self.holds(customer, score, attributes)}

    def flaw(self, seen, state, attributes, without=()):
        """Of a picture, which should be that of the state. Where the filter keeps changes back, it may be old."""
        fields = [field for field in self.fields if field not in without] if self.least == 0 else ()
        return picture_flaw(seen, self.picture(state, attributes), fields)


class Change:
    """`risk_told`: the risk before is that of a change, not of a row of a snapshot, which may be newer than what
    the server compares with: the risk as of the customer's last change."""

    def __init__(self, offset, customer, before, after, tail, risk_told):
        self.offset, self.customer, self.before, self.after, self.tail = offset, customer, before, after, tail
        self.risk_told = risk_told


class Truth:
    """All changes, in order, with the state of everybody at any offset."""

    def __init__(self, attributes):
        self.attributes = attributes
        self.state = {}
        self.heard = 0
        self.start = None  # offset of the snapshot
        self.changes = []
        self.moved = set()  # customers
        self.by_tail = {}
        self.cached = {}

    def hear(self, log):
        """Takes over what is new in the log of the unfiltered listener."""
        for verb, body in log[self.heard:]:
            if verb:
                message = json.loads(b'{"type":"%s"' % verb.encode() + body)
                if self.start is None:  # part of the snapshot: somebody moved after his row was told
                    self.put(message["customer_id"], message["score"])
                else:
                    self.add(cursor_offset(message["cursor"]), message, body)
            elif body["type"] == "customer":
                self.state[body["customer_id"]] = body["score"]
            elif body["type"] == "snapshot_end":
                self.start, self.first_state = cursor_offset(body["cursor"]), dict(self.state)
        self.heard = len(log)

    @property
    def head(self):
        return self.changes[-1].offset if self.changes else self.start

    def add(self, offset, message, tail):
        assert offset == self.head + 1, f"the unfiltered listener is told {offset} after {self.head}"
        customer, after = message["customer_id"], message["score"]
        before = self.state.get(customer)
        for field in VISIBLE:
            told = message["changes"].get(field)
            seen = tuple(score and score[field] for score in (before, after))
            assert (told["from"], told["to"]) == seen if told else seen[0] == seen[1], (
                f"{field} {seen} is told as {told} in {message}")
        wanted = "enter" if before is None else "leave" if after is None else "change"
        assert message["type"] == wanted, f"{wanted} expected: {message}"
        self.changes.append(Change(offset, customer, before, after, tail, customer in self.moved))
        self.moved.add(customer)
        self.by_tail[tail] = offset
        self.put(customer, after)

    def put(self, customer, score):
        if score is None:
            del self.state[customer]
        else:
            self.state[customer] = score

    def expected(self, wanted):
        """[(offset, verb, whether certain)] of all changes that pass, or may."""
        known = self.cached.setdefault(wanted.query, [self.start, []])
        for change in self.changes[known[0] - self.start:]:
            verb, certain = wanted.passing(change, self.attributes)
            if verb or not certain:
                known[1].append((change.offset, verb or "change", certain))
        known[0] = self.head
        return known[1]

    def expected_after(self, wanted, offset):
        whole = self.expected(wanted)
        return whole[bisect.bisect_right(whole, offset, key=lambda entry: entry[0]):]

    def states(self, offsets):
        """(offset, everybody's scores) for each of the offsets, in their order; the dictionary is reused."""
        state, at = dict(self.first_state), self.start
        for offset in sorted(offsets):
            for change in self.changes[at - self.start:offset - self.start]:
                if change.after is None:
                    state.pop(change.customer)
                else:
                    state[change.customer] = change.after
            at = offset
            yield offset, state


def picture_flaw(seen, expected, fields):
    """What is wrong with a picture, or None. Fields nobody asked to be told of may be old."""
    if seen.keys() != expected.keys():
        more, less = seen.keys() - expected.keys(), expected.keys() - seen.keys()
        return f"{len(more)} customers too many {sorted(more)[:3]}, {len(less)} missing {sorted(less)[:3]}"
    for customer, score in expected.items():
        for field in fields:
            if seen[customer][field] != score[field]:
                return f"{customer}: {field} is {seen[customer][field]}, expected {score[field]}"
    return None


def messages_flaw(seen, expected):
    """`seen` is [(offset, verb)]; what is wrong with it, or None. Uncertain ones may be there or not."""
    at = 0
    for offset, verb, certain in expected:
        if at < len(seen) and seen[at] == (offset, verb):
            at += 1
        elif certain:
            return f"message {at} is {seen[at] if at < len(seen) else 'not there'}, expected {(offset, verb)}"
    return f"{len(seen) - at} too many, first {seen[at]}" if at < len(seen) else None
