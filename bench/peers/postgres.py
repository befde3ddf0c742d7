"""PostgreSQL in a cluster of its own, pinned like every server, and pgbench as its load.

Pgbench takes whole seconds, and keeps the time of one select in twenty and of every upsert.
"""

import os
import pwd
import re
import shutil
import subprocess
import time
from pathlib import Path

import machine
from servers import START_SECONDS_MAX, Server

USER = "postgres"  # who runs the cluster when we are root, which PostgreSQL refuses to be
LOADER_CORE = "1"
SELECTS_TIMED = 0.05  # of all transactions
SETTINGS = {"listen_addresses": "127.0.0.1", "max_connections": 100, "max_wal_size": "16GB",
            "checkpoint_timeout": "1h", "autovacuum": "off", "jit": "off"}

SCORES_SQL = """
CREATE TABLE score (customer int PRIMARY KEY, tier text, tier_by_rules text, since timestamptz,
    valid_until timestamptz, next_tier text, service_level text, churn_risk float8, risk_band text,
    p_alive float8, lifecycle text, follow_up_due_at timestamptz, next_transition_at timestamptz,
    policy text, seq bigint);
INSERT INTO score SELECT i, 'silver', 'silver', now(), now(), 'gold', 'C', 0.79166, 'medium', 0.5313,
    'at_risk', now(), now(), 'default@1', i FROM generate_series(0, {customers} - 1) i;
VACUUM ANALYZE score;
CHECKPOINT;
"""
SELECT = "\\set n random(0, :customers - 1)\nSELECT * FROM score WHERE customer = :n"

FACTS_SQL = """
CREATE TABLE orders (id bigint PRIMARY KEY DEFAULT nextval('order_ids'), customer int, at timestamptz, amount bigint);
CREATE TABLE customers (customer int PRIMARY KEY, spend bigint, orders int, visits int,
    last_order timestamptz, last_visit timestamptz);
INSERT INTO orders (customer, at, amount)
    SELECT i % {customers}, now() - random() * interval '400 days', 10000 + (random() * 89999)::int
    FROM generate_series(0, 3 * {customers} - 1) i;
INSERT INTO customers SELECT customer, sum(amount), count(*), 0, max(at), NULL FROM orders GROUP BY customer;
VACUUM ANALYZE;
CHECKPOINT;
"""
SEQUENCE_SQL = "CREATE SEQUENCE order_ids CACHE 10000"

# Orders and visits in turn, grouped by customer; in the order of customers, or transactions would wait for
# each other in a circle.
UPSERT = """\
WITH facts AS MATERIALIZED (
    SELECT (random() * (:customers::int - 1))::int AS customer, 10000 + (random() * 89999)::int AS amount,
           now() - random() * interval '1 second' AS at, g % 2 = 1 AS is_order
    FROM generate_series(1, :events::int) g),
kept AS (INSERT INTO orders (customer, at, amount) SELECT customer, at, amount FROM facts WHERE is_order)
INSERT INTO customers AS c
    SELECT customer, coalesce(sum(amount) FILTER (WHERE is_order), 0), count(*) FILTER (WHERE is_order),
           count(*) FILTER (WHERE NOT is_order), max(at) FILTER (WHERE is_order), max(at) FILTER (WHERE NOT is_order)
    FROM facts GROUP BY customer ORDER BY customer
ON CONFLICT (customer) DO UPDATE SET
    spend = c.spend + excluded.spend, orders = c.orders + excluded.orders, visits = c.visits + excluded.visits,
    last_order = greatest(c.last_order, excluded.last_order), last_visit = greatest(c.last_visit, excluded.last_visit);
"""
TOLD_SQL = "SELECT sum(orders + visits) FROM customers"


def programs():
    """The folder of initdb and postgres, or None."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    on_path = shutil.which("postgres")
    return folders[-1] if folders else Path(on_path).parent if on_path else None


def why_not():
    """Why PostgreSQL cannot be measured here, or None."""
    if not programs():
        return "PostgreSQL is not installed; bench/peers/install.sh does it"
    if os.geteuid() == 0 and USER not in [entry.pw_name for entry in pwd.getpwall()]:
        return f"PostgreSQL refuses to run as root, and there is no user {USER}"
    return None


def as_user():
    return ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups"] if os.geteuid() == 0 else []


class Postgres(Server):
    def __init__(self, folder, label, customers):
        folder, port, self.bin = Path(folder), machine.free_port(), programs()
        self.customers = customers
        folder.mkdir()
        if os.geteuid() == 0:
            shutil.chown(folder, USER)
            folder.parent.chmod(0o711)
        made = subprocess.run([*as_user(), self.bin / "initdb", "-D", folder / "data", "-U", USER, "-A", "trust", "-E",
                               "UTF8", "--locale=C", "--no-sync"], capture_output=True, text=True, cwd=folder)
        if made.returncode != 0:
            raise SystemExit(f"initdb, in {folder}: {made.stderr[-500:]}")
        settings = {**SETTINGS, "unix_socket_directories": folder,
                    "shared_buffers": f"{max(256, customers * 400 // 2**20)}MB"}
        words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        super().__init__(label, folder, [
            *as_user(), self.bin / "postgres", "-D", folder / "data", "-p", port, *words], port)
        self.wait_until_ready()

    def wait_until_ready(self):
        end = time.monotonic() + START_SECONDS_MAX
        while time.monotonic() < end:
            done = subprocess.run([self.bin / "pg_isready", "-h", "127.0.0.1", "-p", str(self.port)], capture_output=True)
            if done.returncode == 0:
                return
            time.sleep(0.05)
        raise RuntimeError(f"{self.label} did not start: {self.errors()}")

    def sql(self, *statements):
        words = [word for statement in statements for word in ("-c", statement)]
        done = subprocess.run([self.bin / "psql", "-h", "127.0.0.1", "-p", str(self.port), "-U", USER, "-XAtq",
                               "-v", "ON_ERROR_STOP=1", *words], capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"{self.label}: {done.stderr[-500:]}")
        return done.stdout.strip()

    def script(self, text):
        for statement in text.format(customers=self.customers).split(";\n"):
            if statement.strip():
                self.sql(statement)

    def sync(self, on):
        """Whether a commit waits for the disk."""
        self.sql(f"ALTER SYSTEM SET fsync = {'on' if on else 'off'}", "SELECT pg_reload_conf()")
        while self.sql("SHOW fsync") != ("on" if on else "off"):
            time.sleep(0.01)


class Pgbench:
    """One sample of a script by prepared statements; `units` of work in each transaction."""

    def __init__(self, server, name, script, connections, units, seconds):
        self.server, self.connections, self.units = server, connections, units
        self.seconds = max(1, round(seconds))
        self.script = server.folder / f"{name}.sql"
        self.script.write_text(script, encoding="ascii")
        self.folder = server.folder / f"{name}_log"
        self.folder.mkdir()
        self.told = 0  # units in all
        self.timed_share = 1 if "INSERT" in script else SELECTS_TIMED
        self.describe = f"pgbench -M prepared -c {connections} -j 1 -T {self.seconds}, {name}"

    def __call__(self):
        for old in self.folder.iterdir():
            old.unlink()
        processes = set(machine.descendants(self.server.pid))
        done = subprocess.run(
            ["taskset", "-c", LOADER_CORE, self.server.bin / "pgbench", "-h", "127.0.0.1", "-p", str(self.server.port),
             "-U", USER, "-n", "-M", "prepared", "-f", self.script, "-c", str(self.connections), "-j", "1",
             "-T", str(self.seconds), "-D", f"customers={self.server.customers}", "-D", f"events={self.units}",
             "-l", "--sampling-rate", str(self.timed_share), "--log-prefix", self.folder / "log", USER],
            capture_output=True, text=True, timeout=60)
        rate = re.search(r"^tps = (\S+) \(without initial", done.stdout, re.M)
        count = re.search(r"^number of transactions actually processed: (\d+)", done.stdout, re.M)
        if done.returncode != 0 or not rate or not count:
            raise SystemExit(f"{self.describe}: {done.stdout[-500:]}{done.stderr[-500:]}")
        while set(machine.descendants(self.server.pid)) - processes:
            time.sleep(0.002)  # until those who served it have ended, whose CPU time is theirs until then
        self.told += int(count[1]) * self.units
        return {"rate": float(rate[1]) * self.units, "units": int(count[1]) * self.units,
                "units_all": int(count[1]) * self.units, **self.quantiles()}

    def quantiles(self):
        taken = sorted(int(line.split()[2]) for file in self.folder.iterdir()
                       for line in file.read_text(encoding="ascii").splitlines())
        if not taken:  # fewer transactions than it samples one of
            return {"p50_us": 0, "p99_us": 0, "p999_us": 0}
        return {f"p{name}_us": taken[min(len(taken) - 1, int(len(taken) * share))]
                for name, share in (("50", 0.5), ("99", 0.99), ("999", 0.999))}


def select_scripts():
    """One select whose answer must be one row (\\gset), and sixteen in a pipeline."""
    return SELECT + " \\gset\n", "\\startpipeline\n" + (SELECT + ";\n") * 16 + "\\endpipeline\n"
