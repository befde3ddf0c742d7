"""The purchase model as anybody would write it down: what the other two are checked against."""

import math


def sigmoid(x):
    return 1 / (1 + math.exp(-x))


def log_odds(model, horizon_days, x, t_x_days, age_days):
    """(ln of the odds of having left, logit of no purchase within the horizon): MBG/NBD."""
    t_x = t_x_days / model["unit_days"]
    age = max(age_days / model["unit_days"], t_x)
    rho, alpha = model["r"] + x, model["alpha"]
    left = math.log(model["a"]) - math.log(model["b"] + x) + rho * math.log1p((age - t_x) / (alpha + t_x))
    quiet = rho * math.log1p(horizon_days / model["unit_days"] / (alpha + age))
    none = max(left, -quiet) + math.log((1 + math.exp(-abs(left + quiet))) / -math.expm1(-quiet))
    return left, none


def band_after(bands, band, risk):
    """1 low, 2 medium, 3 high; a band is left only below its threshold minus the hysteresis."""
    for rank, name in ((3, "high"), (2, "medium")):
        if risk >= bands[name] or (band >= rank and risk >= bands[name] - bands["hysteresis"]):
            return rank
    return 1


def tier_after(tiers, tier, values):
    def meets(rules):
        return all(values[feature] >= rule[">="] for feature, rule in rules[0].items())
    for rank in range(len(tiers) - 1, 0, -1):
        if meets(tiers[rank]["enter"]) or (tier >= rank and meets(tiers[rank]["keep"])):
            return rank
    return 0


def score(policy, row, now_ms):
    """(p_alive, risk, band, tier) of a row of the columns that DuckDB reads too."""
    age_days = (now_ms - row["first_midnight_ms"]) / 86_400_000
    left, none = log_odds(policy["purchase_model"], policy["horizon_days"], row["x"], row["t_x_days"], age_days)
    risk = sigmoid(none + row["signals_logit"])
    return (sigmoid(-left), risk, band_after(policy["risk_bands"], row["band"], risk),
            tier_after(policy["tiers"], row["tier"], row))
