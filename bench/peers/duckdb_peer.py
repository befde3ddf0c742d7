"""DuckDB in a process of its own, and the score's formulas as SQL over the columns that they read."""

import json
import shutil
import subprocess
from pathlib import Path

PACKAGES = Path(__file__).resolve().parents[2] / "build" / "peers"
CHECKED_ROWS = 1000

# x + 1 purchases, the first and last of them, what signals add to the log odds of leaving, and what the
# rules of the tiers read: the columns that Patron's own evaluation of all customers reads.
CUSTOMERS_SQL = """
CREATE OR REPLACE TABLE customers AS
SELECT i::INTEGER AS customer,
       (hash(i) % 6)::INTEGER AS x,
       CASE WHEN hash(i) % 6 = 0 THEN 0 ELSE (hash(i + 1000000007) % 300)::INTEGER END AS t_x_days,
       {now_ms} - 86400000 * (300 + (hash(i + 2000000011) % 100)::BIGINT) AS first_midnight_ms,
       CASE WHEN hash(i + 3000000019) % 4 = 0 THEN 0.8 ELSE 0.0 END AS signals_logit,
       ((hash(i + 4000000007) % 2500000) / 100.0)::DOUBLE AS spend_365d,
       (1 + hash(i) % 6)::INTEGER AS orders_365d,
       (hash(i + 5000000029) % 4)::UTINYINT AS tier,
       (1 + hash(i + 6000000041) % 3)::UTINYINT AS band
FROM range({customers}) t(i)
"""

# purchase_formulas.h line by line; SQL has neither log1p nor expm1.
SCORES_SQL = """
SELECT customer, 1 / (1 + exp(d)) AS p_alive, risk,
       CASE WHEN risk >= {high} OR (band = 3 AND risk >= {high} - {hysteresis}) THEN 3
            WHEN risk >= {medium} OR (band >= 2 AND risk >= {medium} - {hysteresis}) THEN 2
            ELSE 1 END::UTINYINT AS band,
       {tier} AS tier
FROM (SELECT *, 1 / (1 + exp(-(greatest(d, -u) + ln((1 + exp(-abs(d + u))) / (1 - exp(-u))) + signals_logit))) AS risk
    FROM (SELECT *, ln({a}) - ln({b} + x) + ({r} + x) * ln(1 + (age - t_x) / ({alpha} + t_x)) AS d,
                 ({r} + x) * ln(1 + {horizon} / ({alpha} + age)) AS u
        FROM (SELECT *, t_x_days / {unit_days} AS t_x,
                     greatest(({now_ms} - first_midnight_ms) / 86400000.0 / {unit_days}, t_x_days / {unit_days}) AS age
            FROM customers)))
"""


def tier_sql(policy):
    """By spend and orders of the year: entered, or still held by whoever stands there."""
    cases = []
    for rank, tier in reversed(list(enumerate(policy["tiers"]))):
        if rank:
            enter, keep = (" AND ".join(f"{feature} >= {rule['>=']}" for feature, rule in tier[door][0].items())
                           for door in ("enter", "keep"))
            cases.append(f"WHEN ({enter}) OR (tier >= {rank} AND {keep}) THEN {rank}")
    return f"(CASE {' '.join(cases)} ELSE 0 END)::UTINYINT"


def scores_sql(policy, now_ms):
    model, bands = policy["purchase_model"], policy["risk_bands"]
    return SCORES_SQL.format(
        now_ms=now_ms, tier=tier_sql(policy), high=bands["high"], medium=bands["medium"],
        hysteresis=bands["hysteresis"], unit_days=f"{float(model['unit_days'])}::DOUBLE",
        horizon=policy["horizon_days"] / model["unit_days"],
        **{name: f"{model[name]}::DOUBLE" for name in ("a", "b", "r", "alpha")})


def why_not():
    if not shutil.which("node"):
        return "node, which carries DuckDB here, is not installed; bench/peers/install.sh does it"
    if not (PACKAGES / "node_modules" / "@duckdb" / "node-api").is_dir():
        return f"DuckDB is not in {PACKAGES}; bench/peers/install.sh puts it there"
    return None


class DuckDb:
    def __init__(self, label, cores):
        self.label = label
        self.process = subprocess.Popen(
            ["taskset", "-c", cores, "node", Path(__file__).with_name("duckdb_runner.mjs"), PACKAGES,
             str(len(cores.split(",")))], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.version = self.sql("SELECT version()")["rows"][0][0]

    @property
    def pid(self):
        return self.process.pid

    def sql(self, text):
        self.process.stdin.write(json.dumps({"sql": text}) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline() or '{"error": "DuckDB has ended"}')
        if "error" in answer:
            raise SystemExit(f"DuckDB: {answer['error']}\n{text}")
        return answer

    def stop(self):
        self.process.stdin.close()
        self.process.wait(30)
        self.process.stdout.close()
