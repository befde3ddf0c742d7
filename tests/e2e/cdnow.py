"""CDNOW through the front door: imported as files, read back customer by customer.

The sample's purchase statistics at the end of its calibration period and the master's recency, frequency
and spend must equal the golden tables exactly.
"""

import csv
import sys

from patron_server import Server, expect, import_files, parse_arguments, shared_file

CALIBRATION_END = "1997-09-30T00:00:00+08:00"
HISTORY_END = "1998-06-30T00:00:00+08:00"


def golden(name):
    with open(shared_file(name), newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def check_sample(patron):
    file = shared_file("data/CDNOW_sample.txt")
    options = [file, "--delimiter", "spaces", "--map", "customer=2,at=3,amount=5", "--at-format", "%Y%m%d",
               "--until", CALIBRATION_END]
    table = golden("golden/cdnow_cbs_1997-09-30.csv")
    with Server(patron, "--clock", CALIBRATION_END) as server:
        done = import_files(server, *options)
        expect("rows of the sample", done["rows"], 6919)
        expect("events sent", done["events_sent"], 6919 - done["rows_later"])
        expect("accepted", done["accepted"], done["events_sent"])
        again = import_files(server, *options)
        expect("the same file again", (again["accepted"], again["duplicates"]), (0, done["accepted"]))
        expect("customers", server.get("/v1/stats")["customers"], len(table))
        for row in table:
            features = server.features(f"{int(row['id']):04d}")
            seen = features["x"], features["t_x_days"], features["T_days"]
            expect(f"x, t_x, T of {row['id']}", seen,
                   (int(row["x"]), int(row["t_x_days"]), int(row["T_days"])))
    print(f"sample: {done['accepted']} orders of {len(table)} customers, x, t_x and T all as in the table")


def check_master(patron):
    file = shared_file("data/CDNOW_master.txt")
    table = golden("golden/rfm_cdnow_master_1998-06-30.csv")
    with Server(patron, "--clock", HISTORY_END) as server:
        done = import_files(server, file, "--delimiter", "spaces", "--at-format", "%Y%m%d", "--map",
                            "customer=customer_id,at=date,amount=dollar_value", "--until", HISTORY_END)
        expect("accepted", (done["rows"], done["accepted"]), (69659, 69659))
        expect("customers", server.get("/v1/stats")["customers"], len(table))
        for row in table:
            features = server.features(f"{int(row['id']):05d}")
            seen = (features["recency_whole_days"], features["x"] + 1,
                    round(features["spend_lifetime"] * 100))
            wanted = tuple(int(row[name]) for name in ("recency_days", "frequency", "monetary_cents"))
            expect(f"recency, frequency, spend of {row['id']}", seen, wanted)
    print(f"master: {done['accepted']} orders of {len(table)} customers, all as in the table")


def main():
    patron = parse_arguments(__doc__.splitlines()[0]).patron
    check_sample(patron)
    check_master(patron)


if __name__ == "__main__":
    sys.exit(main())
