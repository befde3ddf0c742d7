"""What every group of contenders stands on: the load, a folder, servers that end with it, filled stores."""

import time

import machine
from sampling import Loads, say
from servers import Redis, find_program

FILL_SECONDS_MAX, SETTLE_SECONDS_MAX = 1800, 900
SETTLED_CPU_SHARE, SETTLED_REFRESH_SHARE = 0.03, 0.001
BYTES_PER_CUSTOMER = 1_700  # of all contenders that live at one time, with room to spare
EVENTS_OF_A_MEBIBYTE = 9_200  # of 113 bytes, orders and visits in turn
NOT_INSTALLED = "not installed; bench/peers/install.sh does it"


class Ground:
    def __init__(self, arguments, folder, stack):
        self.arguments, self.folder, self.stack = arguments, folder, stack
        self.loads = Loads(arguments.tools, arguments.seconds)
        self.customers = arguments.customers
        self.notes, self.memory, self.instructions = [], {}, {}

    def start(self, server):
        self.stack.callback(server.stop)
        return server

    def note(self, text):
        say(text)
        self.notes.append(text)

    def fill(self, server, kind, per_write, more=()):
        """Says the whole of `kind` to the server; what it needed of memory."""
        empty = machine.resident_bytes(server.pid)
        say(f"filling {server.label} with {self.customers:,} customers")
        filled = self.loads.run(server.port, [
            kind, "--customers", self.customers, "--connections", 8, "--per-write", per_write, *more],
            FILL_SECONDS_MAX)
        say(f"  {filled['units']:,} in {filled['seconds']:.1f} s")
        return {"empty": empty, "orders": filled["units"], "customers": self.customers,
                "full": machine.resident_bytes(server.pid)}

    def fill_patron(self, server, more=()):
        used = self.fill(server, "http-history", 5000, more)
        known = server.metric("patron_customers")
        if known != self.customers:
            raise SystemExit(f"Patron knows {known:,.0f} customers instead of {self.customers:,}")
        self.settle(server)
        return {**used, "full": machine.resident_bytes(server.pid)}

    def fill_redis(self, label):
        """The same history as hashes; None without Redis."""
        binary = find_program("redis-server")
        if not binary:
            return None
        server = self.start(Redis(binary, self.folder / label.replace(" ", "_"), label))
        self.memory["Redis hashes"] = self.fill(server, "redis-history", 500)
        return server

    def settle(self, server):
        """Until the idle server has made its outlooks ready: no work of its own, no read that waits."""
        end = time.monotonic() + SETTLE_SECONDS_MAX
        probe_load = ["http-reads", "--customers", self.customers, "--connections", 64]
        while time.monotonic() < end:
            cpu = machine.cpu_seconds_of(server.pid)
            time.sleep(1)
            idle_share = machine.cpu_seconds_of(server.pid) - cpu
            refreshed = server.metric("patron_records_refreshed_total")
            probe = self.loads.timed(server.port, probe_load, 0.3, 0)
            share = (server.metric("patron_records_refreshed_total") - refreshed) / probe["units"]
            if idle_share <= SETTLED_CPU_SHARE and share <= SETTLED_REFRESH_SHARE:
                say(f"settled: idle CPU {idle_share:.0%}, {share:.3%} of reads asked the beat")
                return
        self.note(f"**Patron did not settle in {SETTLE_SECONDS_MAX} s**: idle CPU {idle_share:.0%}, "
                  f"{share:.2%} of reads asked the beat")
