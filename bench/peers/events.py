"""P4: the same facts told to stores that keep them: durable, applied, visible when answered."""

import machine
import postgres
from ground import EVENTS_OF_A_MEBIBYTE, NOT_INSTALLED
from postgres import Pgbench, Postgres
from sampling import Contender, Row, run_rounds, say
from servers import Patron

REDIS = "Redis, AOF always"
POSTGRES, POSTGRES_UNSYNCED = "PostgreSQL upsert", "PostgreSQL upsert, fsync off"
TARGETS = {REDIS: "≥ 8"}
SHAPES = [("1 MiB bodies, 4 connections", EVENTS_OF_A_MEBIBYTE, 4), ("64 per body, 64 connections", 64, 64)]
QUICK_LEAVES_OUT = "P4 in bodies of 64"


def shapes(ground):
    return SHAPES[:1] if ground.arguments.quick else SHAPES


def upserts(ground):
    """(label, [Contender of each shape]) with and without fsync, or (label, why not)."""
    why_not = postgres.why_not()
    if why_not:
        return [(POSTGRES, why_not), (POSTGRES_UNSYNCED, why_not)]
    server = ground.start(Postgres(ground.folder / "postgres_facts", POSTGRES, ground.customers))
    say(f"filling {server.label} with {ground.customers:,} customers")
    server.sql(postgres.SEQUENCE_SQL)
    server.script(postgres.FACTS_SQL)
    loads = [Pgbench(server, f"upsert_{events}", postgres.UPSERT, connections, events, ground.arguments.seconds)
             for _, events, connections in shapes(ground)]
    server.loads, server.filled = loads, int(server.sql(postgres.TOLD_SQL))
    return [(label, [Contender(server, generate=load, label=label, before=lambda on=on: server.sync(on)) for load in loads])
            for label, on in ((POSTGRES, True), (POSTGRES_UNSYNCED, False))]


def check_upserts(server):
    kept, told = int(server.sql(postgres.TOLD_SQL)) - server.filled, sum(load.told for load in server.loads)
    if kept != told:
        raise SystemExit(f"PostgreSQL keeps {kept:,} events of {told:,}")


def contenders(ground):
    """(label, a Contender of each shape, or why there are none)"""
    patron = ground.start(Patron(ground.arguments.patron, ground.folder / "durable", data=ground.folder / "durable" / "data"))
    used = ground.fill_patron(patron)
    ground.memory.setdefault("patron", used)
    logged = ground.fill_redis(REDIS)
    if logged:
        logged.log_every_write()
    for server, kind in ((patron, "http-events"), (logged, "redis-events")):
        label = server.label if server else REDIS
        yield label, NOT_INSTALLED if not server else [Contender(server, [
            kind, "--customers", ground.customers, "--connections", connections, "--per-write", events])
            for _, events, connections in shapes(ground)]
    yield from upserts(ground)


def measure(ground):
    rows = [Row("P4", f"POST events, durable, {work}", [], TARGETS) for work, _, _ in shapes(ground)]
    for label, made in contenders(ground):
        for index, row in enumerate(rows):
            if isinstance(made, str):
                row.skipped.append((label, made))
            else:
                row.contenders.append(made[index])
    syncs = machine.sync_latencies(ground.folder)
    run_rounds(rows, ground.loads, ground.arguments.rounds)
    ground.note(machine.syncs_told(syncs + machine.sync_latencies(ground.folder)) + " Before and after P4's rounds.")
    for contender in rows[0].contenders:
        if contender.label == POSTGRES:
            check_upserts(contender.server)
    ground.version = rows[0].contenders[0].server.version()
    ground.note("P4 counts events synced, applied, rescored and visible when answered. Redis: HINCRBYFLOAT and HSET "
                "per event; PostgreSQL: facts made by the statement itself, nothing sent or parsed, grouped by "
                "customer; neither sees duplicates or computes a score.")
    return rows
