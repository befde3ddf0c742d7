"""Half a million invoice lines imported, and every customer compared with a plain reading of the file.

Spend net of returns and the return rate of every customer are computed here in exact decimals from the
raw lines, independently of the importer and the server.
"""

import csv
import gzip
import sys
import tempfile
import time
from collections import Counter, defaultdict
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path

from patron_server import Server, expect, import_files, parse_arguments, shared_file

CENT = Decimal("0.01")
RATE_ERROR = 5.01e-6  # ratios are printed with five decimals
CLOCK = "2011-12-10T00:00:00+08:00"


def read_plainly(path):
    """Invoice sums of each customer, and the number of lines without a customer."""
    invoices, without = defaultdict(Decimal), 0
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["CustomerID"]:
                amount = Decimal(row["Quantity"]) * Decimal(row["UnitPrice"])
                invoices[row["CustomerID"].removesuffix(".0"), row["InvoiceNo"]] += amount
            else:
                without += 1
    return invoices, without


def totals_of(invoices):
    """Gross and refunded amount of each customer, as a shop would book the invoices."""
    gross, refunded, empty = defaultdict(Decimal), defaultdict(Decimal), 0
    for (customer, invoice), amount in invoices.items():
        cents = abs(amount).quantize(CENT, ROUND_HALF_EVEN)
        if invoice.startswith("C") or amount < 0:
            refunded[customer] += cents
            empty += cents == 0
        else:
            gross[customer] += cents
    return gross, refunded, empty


def check_refusals(path, without):
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    reasons = Counter(row["reason"] for row in rows)
    expect("rows refused for having no customer", reasons["no_customer"], without)
    first = next(row for row in rows if row["reason"] == "no_customer")
    with gzip.open(shared_file("data/online_retail_by_day_concat.csv.gz"), "rt", encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            if number == int(first["line"]):
                expect("the raw text of the first refused row", first["raw"], line.rstrip("\r\n"))
                return


def check_customers(server, gross, refunded):
    customers = gross.keys() | refunded.keys()
    expect("customers", server.get("/v1/stats")["customers"], len(customers))
    for customer in sorted(customers):
        features = server.features(customer)
        net = gross[customer] - refunded[customer]
        expect(f"spend of {customer}", Decimal(repr(features["spend_lifetime"])).quantize(CENT), net)
        if gross[customer] > 0 or refunded[customer] > 0:  # unknown where nothing was paid
            paid = gross[customer] or refunded[customer]
            wanted = float(min(refunded[customer] / paid, Decimal(1)))
            rate = features["return_rate_lifetime"]
            assert abs(rate - wanted) < RATE_ERROR, f"return rate of {customer}: {rate}, not {wanted}"
    return len(customers)


def main():
    arguments = parse_arguments(__doc__.splitlines()[0])
    path = shared_file("data/online_retail_by_day_concat.csv.gz")
    invoices, without = read_plainly(path)
    gross, refunded, empty = totals_of(invoices)
    with tempfile.TemporaryDirectory() as folder, Server(arguments.patron, "--clock", CLOCK) as server:
        errors = Path(folder) / "refused.csv"
        start = time.monotonic()
        done = import_files(
            server, path, "--map",
            "customer=CustomerID,order_id=InvoiceNo,at=InvoiceDate,quantity=Quantity,price=UnitPrice",
            "--refund-prefix", "C", "--trim-decimal-ids", "--decimals", "2", "--errors", errors, code=1)
        seconds = time.monotonic() - start
        expect("rows", done["rows"], 541909)
        expect("refusals", done["refused_by_reason"],
               {"no_customer": without} | ({"empty_refund": empty} if empty else {}))
        expect("events accepted", done["accepted"], len(invoices) - empty)
        check_refusals(errors, without)
        customers = check_customers(server, gross, refunded)
    print(f"{done['rows']} lines in {seconds:.1f} s ({done['rows'] / seconds:.0f}/s), "
          f"{done['accepted']} orders and refunds of {customers} customers, all as computed")


if __name__ == "__main__":
    sys.exit(main())
