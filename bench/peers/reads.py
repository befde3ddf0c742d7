"""P1, P2, P3: reads of one customer, sixteen in a write, a hundred in a request."""

import statistics

import postgres
from ground import FILL_SECONDS_MAX, NOT_INSTALLED
from postgres import Pgbench, Postgres
from sampling import Contender, Row, run_rounds, say, user_instructions
from servers import Nginx, Patron, RawEpoll, Redis, find_program

BODY_SAMPLES = 200
CONNECTIONS, BATCH_CONNECTIONS = 64, 16
POSTGRES_CONNECTIONS = 16  # with 64 processes for one core it answers fewer
PIPELINED, IDS = 16, 100
RAW, NGINX, GET = "raw epoll", "nginx `return 200`", "Redis GET"
HMGET, MGET, SELECT = "Redis HMGET of 14 fields", "Redis MGET of 100", "PostgreSQL select"

TARGETS = {
    "P1": {RAW: "NEAR ≥ 0.85", NGINX: "NEAR ≥ 1.6, FAR ≥ 1.15; p99 ≤ 0.65×", GET: "NEAR ≥ 1.8, FAR ≥ 1.4"},
    "P2": {NGINX: "NEAR ≥ 12, FAR ≥ 10", GET: "NEAR ≥ 6, FAR ≥ 3.5"},
    "P3": {MGET: "NEAR ≥ 10, FAR ≥ 8; p99 ≤ 0.2×"},
}


class Reads:
    def __init__(self, ground):
        self.ground, self.customers = ground, ground.customers
        self.patron = ground.start(Patron(ground.arguments.patron, ground.folder / "patron"))
        ground.memory["patron"] = ground.fill_patron(self.patron)
        accounted = self.patron.metric("patron_store_memory_bytes") / self.customers
        ground.note(f"Of Patron's memory its store accounts for {accounted:,.0f} B/customer, orders and the memory "
                    "of event ids included (`patron_store_memory_bytes`).")
        self.head, self.body = self.answer_sizes()

    def answer_sizes(self):
        step = max(1, self.customers // BODY_SAMPLES)
        answers = [self.patron.get(f"/v1/customers/C{customer:08}/score")
                   for customer in range(0, self.customers, step)]
        head = statistics.median_low(head for head, _ in answers)
        body = statistics.median_low(len(body) for _, body in answers)
        self.ground.note(f"Patron's answer: {head} bytes of head, {body} of body (median of {len(answers)}); raw epoll "
                         f"answers with {head + body} in all, nginx with a body of {body}, Redis with a value of {body}.")
        return head, body

    def load(self, kind, per_write, connections=CONNECTIONS, more=()):
        return [kind, "--customers", self.customers, "--connections", connections, "--per-write", per_write, *more]

    # Who answers what; None: not here.

    def redis(self, name, kind, more=()):
        binary = find_program("redis-server")
        if not binary:
            return None
        server = self.ground.start(Redis(binary, self.ground.folder / name, name))
        say(f"filling {name} with {self.customers:,} {kind}")
        self.ground.loads.run(server.port, self.load(kind, 200, 8, more), FILL_SECONDS_MAX)
        return server

    def texts(self):
        """(label, server or None, {row: load}) of those that hold whole answers."""
        tools, folder = self.ground.arguments.tools, self.ground.folder
        points = {"P1": self.load("http-reads", 1), "P2": self.load("http-reads", PIPELINED)}
        yield RAW, self.ground.start(RawEpoll(tools / "raw_epoll", folder / "raw", self.head + self.body)), points
        nginx = find_program("nginx")
        yield NGINX, nginx and self.ground.start(Nginx(nginx, folder / "nginx", self.body)), points
        length = ["--value-bytes", self.body]
        values = self.redis("redis_values", "redis-values", length)
        yield GET, values, {"P1": self.load("redis-reads", 1, more=length),
                            "P2": self.load("redis-reads", PIPELINED, more=length)}
        yield MGET, values, {"P3": self.load("redis-batch-reads", IDS, BATCH_CONNECTIONS, length)}

    def fields(self):
        """The same of those that hold a score member by member."""
        yield HMGET, self.redis("redis_hashes", "redis-hashes"), {
            "P1": self.load("redis-hash-reads", 1), "P2": self.load("redis-hash-reads", PIPELINED)}

    def selects(self):
        """{row: Contender}, or why there is none."""
        why_not = postgres.why_not()
        if why_not:
            return why_not
        server = self.ground.start(Postgres(self.ground.folder / "postgres_scores", SELECT, self.customers))
        say(f"filling {server.label} with {self.customers:,} rows")
        server.script(postgres.SCORES_SQL)
        one, many = postgres.select_scripts()
        seconds = self.ground.arguments.seconds
        return {"P1": Contender(server, generate=Pgbench(server, "select", one, POSTGRES_CONNECTIONS, 1, seconds)),
                "P2": Contender(server, generate=Pgbench(server, "pipeline", many, POSTGRES_CONNECTIONS, PIPELINED, seconds))}

    # The rows.

    def rows(self, names):
        works = {"P1": (f"GET score, {CONNECTIONS} connections, 1 per write",
                        self.load("http-reads", 1, more=["--check-id"])),
                 "P2": (f"GET score, {CONNECTIONS} connections, {PIPELINED} pipelined",
                        self.load("http-reads", PIPELINED, more=["--check-id"])),
                 "P3": (f"POST scores, {IDS} ids, {BATCH_CONNECTIONS} connections",
                        self.load("http-batch-reads", IDS, BATCH_CONNECTIONS))}
        return {name: Row(name, works[name][0], [Contender(self.patron, works[name][1])], TARGETS[name])
                for name in names}

    def against(self, names, peers, selects=None):
        """Rows with all these peers, sampled; then the peers end, to make room."""
        rows = self.rows(names)
        for label, server, loads in peers:
            for name, load in loads.items():
                if server:
                    rows[name].contenders.append(Contender(server, load, label=label))
                else:
                    rows[name].skipped.append((label, NOT_INSTALLED))
        for name, row in rows.items():
            if isinstance(selects, str):
                row.skipped.append((SELECT, selects))
            elif selects:
                row.contenders.append(selects[name])
        run_rounds(rows.values(), self.ground.loads, self.ground.arguments.rounds)
        for contender in [each for row in rows.values() for each in row.contenders]:
            if contender.server is not self.patron:
                contender.server.stop()
        return list(rows.values())


def measure(ground):
    reads = Reads(ground)
    refreshed = reads.patron.metric("patron_records_refreshed_total")
    rows = reads.against(("P1", "P2", "P3"), reads.texts())
    counted = list(rows)
    rows += reads.against(("P1", "P2"), reads.fields(), reads.selects())
    asked = reads.patron.metric("patron_records_refreshed_total") - refreshed
    ground.note(f"During P1 to P3 the beat was asked by {asked:,.0f} reads.")
    if not ground.arguments.quick:
        for row in counted:
            count = user_instructions(reads.patron, ground.loads, row.contenders[0].load)
            ground.instructions[(row.name, row.work)] = count
    ground.version = reads.patron.version()
    return rows
