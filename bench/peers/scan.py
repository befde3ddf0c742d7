"""P5: every customer under the policy at this instant. Patron beside DuckDB, both on the same cores."""

import json
import re
import statistics
import subprocess
import time
import urllib.request

import duckdb_peer
import formulas
from duckdb_peer import CHECKED_ROWS, CUSTOMERS_SQL, DuckDb
from sampling import Contender, Row, run_rounds
from servers import Patron

CORES = "0,1"
MADE, COUNTED = "DuckDB, a table of scores", "DuckDB, counts and averages"
ASKED_EACH_SAMPLE = 3
DAY_MS = 86_400_000
KNOWN_HISTORIES = ((0,), (40, 400), (10, 11, 200), (90, 120, 121, 390))  # days ago of every order
KNOWN_TOLERANCE = 1.1e-5  # the server answers with five digits


def loyalty_policy(binary):
    """(the preset's text, the same as a dictionary): JSON with comments to the end of a line."""
    text = subprocess.run([binary, "policy", "show", "loyalty"], capture_output=True, text=True, check=True).stdout
    return text, json.loads(re.sub(r'("(?:[^"\\]|\\.)*")|//[^\n]*', lambda match: match[1] or "", text))


def median_scan(customers, ask):
    """One sample: how many customers a second, by the median of some questions."""
    taken = [ask() for _ in range(ASKED_EACH_SAMPLE)]
    middle = statistics.median(taken)
    return {"rate": customers / middle, "units": customers * len(taken), "units_all": customers * len(taken),
            "p50_us": middle * 1e6, "p99_us": max(taken) * 1e6, "p999_us": max(taken) * 1e6}


def asked_patron(server, customers):
    begun = time.perf_counter()
    _, body = server.get("/v1/stats")
    taken = time.perf_counter() - begun
    if json.loads(body)["customers"] < customers:
        raise SystemExit(f"{server.label} counted too few: {body[:200]!r}")
    return taken


def asked_duckdb(duckdb, sql, customers, count_of):
    answer = duckdb.sql(sql)
    counted = count_of(answer["rows"])
    if counted != customers:
        raise SystemExit(f"DuckDB scored {counted} customers instead of {customers}")
    return answer["seconds"]


def check_duckdb(duckdb, policy, sql, now_ms):
    """A thousand of its rows against the formulas in Python."""
    names = ("customer", "x", "t_x_days", "first_midnight_ms", "signals_logit", "spend_365d", "orders_365d",
             "tier", "band")
    rows = duckdb.sql(f"SELECT {', '.join('c.' + name for name in names)}, s.p_alive, s.risk, s.band, s.tier "
                      f"FROM customers c JOIN ({sql}) s USING (customer) ORDER BY hash(c.customer) "
                      f"LIMIT {CHECKED_ROWS}")["rows"]
    worst = 0
    for row in rows:
        values = {name: float(value) for name, value in zip(names, row)}
        p_alive, risk, band, tier = formulas.score(policy, values, now_ms)
        theirs = [float(value) for value in row[len(names):]]
        worst = max(worst, abs(theirs[0] / p_alive - 1), abs(theirs[1] / risk - 1))
        if worst > 1e-9 or (band, tier) != tuple(theirs[2:]):
            raise SystemExit(f"DuckDB differs: {values} gives {(p_alive, risk, band, tier)}, not {theirs}")
    return (f"{len(rows):,} rows of DuckDB's agree with the formulas in Python: at most {worst:.0e} apart, every tier "
            "and band the same.")


def check_patron(server, policy):
    """Some customers of known history against the formulas in Python."""
    midnight_ms = int(time.time() * 1000) // DAY_MS * DAY_MS
    lines = [json.dumps({"type": "order", "id": f"known{index}-{day}", "order_id": f"known{index}-{day}", "amount": 100,
                         "customer": f"known{index}", "at": midnight_ms - day * DAY_MS + min(1000, day * 1000)})
             for index, days in enumerate(KNOWN_HISTORIES) for day in days]
    asked = urllib.request.Request(f"http://127.0.0.1:{server.port}/v1/events", data="\n".join(lines).encode(),
                                   headers={"Content-Type": "application/x-ndjson"})
    with urllib.request.urlopen(asked, timeout=60) as answer:
        if json.load(answer)["accepted"] != len(lines):
            raise SystemExit("Patron did not take the customers of known history")
    worst = 0
    for index, days in enumerate(KNOWN_HISTORIES):
        begun_ms = time.time() * 1000
        score = json.loads(server.get(f"/v1/customers/known{index}/score")[1])
        left, _ = formulas.log_odds(policy["purchase_model"], policy["horizon_days"], len(days) - 1,
                                    max(days) - min(days), max(days) + (begun_ms - midnight_ms) / DAY_MS)
        worst = max(worst, abs(score["p_alive"] - formulas.sigmoid(-left)))
    if worst > KNOWN_TOLERANCE:
        raise SystemExit(f"Patron's p_alive differs from the formulas in Python by {worst}")
    return (f"{len(KNOWN_HISTORIES)} customers of known history: Patron's p_alive agrees with the formulas in Python to "
            f"{worst:.0e}.")


def measure(ground):
    text, policy = loyalty_policy(ground.arguments.patron)
    file = ground.folder / "loyalty.json"
    file.write_text(text, encoding="utf-8")
    patron = ground.start(Patron(ground.arguments.patron, ground.folder / "scan", cores=CORES,
                                 more=["--policy", file, "--time-zone", "UTC"]))
    ground.fill_patron(patron)
    ground.note(check_patron(patron, policy))
    customers = ground.customers
    row = Row("P5", f"all {customers:,} customers under the policy, now; 2 threads each", [Contender(
        patron, generate=lambda: median_scan(customers, lambda: asked_patron(patron, customers)))],
        {MADE: "≥ 20; 10 M ≤ 100 ms"})
    why_not = duckdb_peer.why_not()
    if why_not:
        row.skipped += [(MADE, why_not), (COUNTED, why_not)]
    else:
        row.contenders += duckdb_contenders(ground, policy)
    run_rounds([row], ground.loads, ground.arguments.rounds)
    for contender in row.contenders:
        middle = statistics.median(each[contender.label]["p50_us"] for each in row.rounds) / 1e3
        ground.note(f"P5, {contender.label}: {middle:,.1f} ms for all {customers:,}, median of all samples.")
    ground.version = patron.version()
    return [row]


def duckdb_contenders(ground, policy):
    duckdb, customers, now_ms = ground.start(DuckDb("DuckDB", CORES)), ground.customers, int(time.time() * 1000)
    duckdb.sql(CUSTOMERS_SQL.format(customers=customers, now_ms=now_ms))
    scores = duckdb_peer.scores_sql(policy, now_ms)
    ground.note(f"DuckDB {duckdb.version}: {check_duckdb(duckdb, policy, scores, now_ms)}")
    made = f"CREATE OR REPLACE TABLE scores AS {scores}"
    counted = f"SELECT tier, band, count(*), avg(p_alive), avg(risk) FROM ({scores}) GROUP BY ALL ORDER BY ALL"
    yield Contender(duckdb, label=MADE, generate=lambda: median_scan(customers, lambda: asked_duckdb(
        duckdb, made, customers, lambda rows: int(rows[0][0]))))
    yield Contender(duckdb, label=COUNTED, generate=lambda: median_scan(customers, lambda: asked_duckdb(
        duckdb, counted, customers, lambda rows: sum(int(row[2]) for row in rows))))
