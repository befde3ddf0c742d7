"""CDNOW through the front door: imported as files, read back customer by customer.

The sample's purchase statistics at the end of its calibration period and the master's recency, frequency
and spend must equal the golden tables exactly, and with their cut points the RFM scores.
"""

import csv
import json
import os
import re
import subprocess
import sys
import tempfile

from patron_server import Server, expect, import_files, parse_arguments, shared_file

CALIBRATION_END = "1997-09-30T00:00:00+08:00"
HISTORY_END = "1998-06-30T00:00:00+08:00"


def golden(name):
    with open(shared_file(name), newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


# The default policy with the cut points of one golden table in it.
def policy_with_cuts(patron, folder, cuts):
    shown = subprocess.run([patron, "policy", "show", "default"], capture_output=True, text=True, check=True)
    text = re.sub(r'"rfm": *\{[^}]*\}', '"rfm": ' + json.dumps({
        "r": cuts["cuts_R"],
        "f": cuts["cuts_F"],
        "m": [cents / 100 for cents in cuts["cuts_M"]],
    }), shown.stdout)
    path = os.path.join(folder, "policy.json")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def golden_cuts(name):
    with open(shared_file("golden/rfm_clv_meta.json"), encoding="utf-8") as file:
        return json.load(file)[name]


def check_rfm(features, row):
    rfm = features["rfm"]
    expect(f"RFM scores of {row['id']}", (rfm["r"], rfm["f"], rfm["m"]),
           tuple(int(row[name]) for name in ("R_A", "F_A", "M_A")))


def check_sample(patron, folder):
    policy = policy_with_cuts(patron, folder, golden_cuts("rfm_cdnow_sample_1997_09_30"))
    scores = {row["id"]: row for row in golden("golden/rfm_cdnow_sample_1997-09-30.csv")}
    file = shared_file("data/CDNOW_sample.txt")
    options = [file, "--delimiter", "spaces", "--map", "customer=2,at=3,amount=5", "--at-format", "%Y%m%d",
               "--until", CALIBRATION_END]
    table = golden("golden/cdnow_cbs_1997-09-30.csv")
    with Server(patron, "--clock", CALIBRATION_END, "--policy", policy) as server:
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
            check_rfm(features, scores[row["id"]])
    print(f"sample: {done['accepted']} orders of {len(table)} customers, x, t_x, T and RFM scores all as in the table")


def check_master(patron, folder):
    policy = policy_with_cuts(patron, folder, golden_cuts("rfm_cdnow_master_1998_06_30"))
    file = shared_file("data/CDNOW_master.txt")
    table = golden("golden/rfm_cdnow_master_1998-06-30.csv")
    with Server(patron, "--clock", HISTORY_END, "--policy", policy) as server:
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
            check_rfm(features, row)
    print(f"master: {done['accepted']} orders of {len(table)} customers, all as in the table")


def main():
    patron = parse_arguments(__doc__.splitlines()[0]).patron
    with tempfile.TemporaryDirectory() as folder:
        check_sample(patron, folder)
        check_master(patron, folder)


if __name__ == "__main__":
    sys.exit(main())
