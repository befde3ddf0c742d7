"""The figures as one markdown table, and everything behind them as JSON."""

import statistics

from sampling import FOREIGN_SHARE_MAX, NEAR_NS_MAX, PING_PONG_RATIO_MAX, kept_samples, median_of, ratios

HEAD = ["#", "Work", "Contender", "Mode", "n", "Measured", "p50 / p99 / p999 µs",
        "Server CPU per unit, µs: user + system", "Patron ÷ contender, per round", "Target"]


def spread(values, form):
    low, middle, high = min(values), statistics.median(values), max(values)
    return f"{form(middle)} [{form(low)}–{form(high)}]"


def rate_text(rates):
    if statistics.median(rates) >= 1e6:
        return spread(rates, lambda rate: f"{rate / 1e6:.2f}") + " M/s"
    return spread(rates, lambda rate: f"{rate / 1e3:,.0f}") + " k/s"


def ratio_text(row, label, mode, keep_disturbed):
    rates = ratios(row, label, mode, "rate", keep_disturbed)
    if not rates:
        return "no round with both"
    tails = ratios(row, label, mode, "p99_us", keep_disturbed)
    return f"{spread(rates, '{:.2f}'.format)}, n={len(rates)}; p99 {statistics.median(tails):.2f}×"


def row_lines(row, keep_disturbed):
    for contender in row.contenders:
        label = contender.label
        shown = 0
        for mode in ("NEAR", "FAR"):
            samples = [s for s in kept_samples(row, label, mode, keep_disturbed) if s]
            if not samples:
                continue
            shown += 1
            is_patron = contender is row.contenders[0]
            yield [row.name, row.work, label, mode, str(len(samples)),
                   rate_text([s["rate"] for s in samples]),
                   " / ".join(f"{median_of(samples, key):,.0f}" for key in ("p50_us", "p99_us", "p999_us")),
                   " + ".join(f"{median_of(samples, key):.2f}" for key in ("server_user_us", "server_system_us")),
                   "–" if is_patron else ratio_text(row, label, mode, keep_disturbed),
                   row.targets.get(label, "–")]
        if not shown:
            why = ", ".join(sorted({each[label]["dropped"] for each in row.rounds}))
            yield [row.name, row.work, label, "–", "0", f"every sample dropped: {why}", "–", "–", "–",
                   row.targets.get(label, "–")]
    for label, why in row.skipped:
        yield [row.name, row.work, label, "–", "0", f"**SKIPPED: {why}**", "–", "–", "–", "–"]


RATIO_HEAD = ["#", "Work", "Beside", "Mode", "n", "Patron", "The other", "Patron ÷ other: median [range]",
              "p99: Patron ÷ other", "Target"]


def ratio_rows(row, keep_disturbed):
    """(label, mode, [ratios], [their p99], rates) of everybody whom Patron was sampled with in one round."""
    for contender in row.contenders[1:]:
        for mode in ("NEAR", "FAR"):
            rates = ratios(row, contender.label, mode, "rate", keep_disturbed)
            if rates:
                both = [[s["rate"] for s in kept_samples(row, label, mode, keep_disturbed) if s]
                        for label in (row.contenders[0].label, contender.label)]
                yield contender.label, mode, rates, ratios(row, contender.label, mode, "p99_us", keep_disturbed), both


def ratio_lines(row, keep_disturbed):
    seen = set()
    for label, mode, rates, tails, (mine, theirs) in ratio_rows(row, keep_disturbed):
        seen.add(label)
        yield [row.name, row.work, label, mode, str(len(rates)), rate_text(mine), rate_text(theirs),
               f"**{statistics.median(rates):.2f}** [{min(rates):.2f}–{max(rates):.2f}]",
               f"{statistics.median(tails):.2f}" if tails else "–", row.targets.get(label, "–")]
    for contender in row.contenders[1:]:
        if contender.label not in seen:
            yield [row.name, row.work, contender.label, "–", "0", "–", "–", "no round in which both samples were kept",
                   "–", row.targets.get(contender.label, "–")]
    for label, why in row.skipped:
        yield [row.name, row.work, label, "–", "0", "–", "–", f"**SKIPPED: {why}**", "–", "–"]


def table(head, body):
    return ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head),
            *("| " + " | ".join(cells) + " |" for cells in body)]


def instruction_lines(instructions):
    for (name, work), count in instructions.items():
        text = "not measured: perf cannot count here" if count is None else f"{count:,.0f} user instructions"
        target = "≤ 3,000" if name == "P1" else "–"
        yield [name, work, "patron", "any", "1", text, "–", "–", "–", target]


def memory_lines(memory):
    for label, used in memory.items():
        if "skipped" in used:
            yield ["P9", "memory", label, "–", "0", f"**SKIPPED: {used['skipped']}**", "–", "–", "–", "–"]
            continue
        grown = used["full"] - used["empty"]
        per_customer = grown / used["customers"]
        without_orders = (grown - 24 * used["orders"]) / used["customers"]
        yield ["P9", f"{used['customers']:,} customers, {used['orders']:,} orders", label, "any", "1",
               f"{grown / 2**20:,.0f} MiB grown (empty: {used['empty'] / 2**20:,.0f}): {per_customer:,.0f} "
               f"B/customer; beside 24 B/order: {without_orders:,.0f} B/customer",
               "–", "–", "–", "≤ 320 B/customer beside 24 B/order" if label == "patron" else "–"]


def memory_sentences(memory):
    """P9 beside each other: what a customer with his orders takes of the whole process."""
    if not {"patron", "Redis hashes"} <= memory.keys():
        return ["- P9, memory: **SKIPPED** beside Redis, which is not installed, or was not filled (`--only`)."]
    each = {label: (used["full"] - used["empty"]) / used["customers"] for label, used in memory.items()}
    parts = ", ".join(f"{label} {size:,.0f} B" for label, size in each.items())
    used = memory["patron"]
    return [f"- P9, memory of a customer with {used['orders'] / used['customers']:.1f} orders: {parts}; Patron ÷ Redis "
            f"**{each['patron'] / each['Redis hashes']:.2f}**; Patron's beside 24 B/order: "
            f"{each['patron'] - 24 * used['orders'] / used['customers']:,.0f} B (target ≤ 320)."]


def markdown(report, rows, keep_disturbed):
    lines = [
        f"**{report['date']}**, {report['machine']}; patron {report['version']}; `{report['command']}`; "
        f"{report['rounds']} rounds of {report['seconds']} s per contender, every server on core 0 "
        "(Patron with one I/O thread and one beat thread), the generator on core 1.", ""]
    body = [line for row in rows for line in row_lines(row, keep_disturbed)]
    body += [*instruction_lines(report["instructions"]), *memory_lines(report["memory"])]
    lines += table(HEAD, body)
    lines += ["", f"Medians, in brackets the range. NEAR: ping-pong below {NEAR_NS_MAX} ns one way. Dropped: "
              f"the two ping-pongs of a sample differ by more than {PING_PONG_RATIO_MAX} times, or others used "
              f"more than {FOREIGN_SHARE_MAX:.0%} of a core.", "", *[f"- {note}" for note in report["notes"]]]
    if keep_disturbed:
        lines += ["", "**NOT TO BE QUOTED: disturbed samples were kept (`--keep-disturbed`).**"]
    return "\n".join(lines)


def raw(report, rows):
    return {**report,
            "instructions": [{"row": name, "work": work, "user_instructions_per_unit": count}
                             for (name, work), count in report["instructions"].items()],
            "rows": [{"name": row.name, "work": row.work, "skipped": row.skipped,
                      "loads": {c.label: [str(word) for word in c.load] for c in row.contenders},
                      "rounds": row.rounds} for row in rows]}
