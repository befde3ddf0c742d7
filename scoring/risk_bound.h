#pragma once
// How long silence is sure to leave churn risk in its band: one division instead of three logarithms.
//
// Range      the customer has a purchase; `log_odds` are those of the risk at `now`, signals and all.
// Time       over [now, result), as long as no signal steps. A bound: the risk may stay far longer.
// Accuracy   the margin is a thousand times what the formulas of the risk lose to rounding.
// Threads    pure.
// Source     the log-odds of no purchase are ln(e^-u + e^D) - ln(1 - e^-u), with rho = r + x,
//            D = habit + rho ln((alpha + age) / (alpha + t_x)), u = rho ln(1 + h / (alpha + age)).
//            By age, D and -u rise by at most rho / (alpha + age), and so does the first term, which lies
//            between them; the second by at most 1 / (alpha + age), as (1 + z)^rho - 1 is at least
//            rho z for rho >= 1, rho z (1 + z)^(rho - 1) for rho < 1. Both slopes fall with age.

#include "scoring/moment.h"

namespace patron::scoring {

inline Instant risk_bound(
    const CompiledPolicy& policy, Band band, const ModelInputs& in, double log_odds, Instant now
) {
    constexpr double kMargin = 1e-9;
    constexpr double kFarMs = 100.0 * 36'525 * static_cast<double>(kDayMs);
    if (band == Band::High) {
        return kNever;  // there is none above, and silence never lowers the risk
    }
    const PurchaseParams& params = policy.model.params();
    const double steepness = params.r + static_cast<double>(in.x) + 1;
    const double room =
        policy.band_log_odds[static_cast<std::size_t>(band)] - log_odds - kMargin * steepness;
    if (!(room > 0)) {
        return now;  // also where the band begins too near to certainty to be told so
    }
    const double units = room / steepness * (params.alpha + in.age);
    const double ms = units * params.unit_days * (static_cast<double>(kDayMs) * (1 - kMargin));
    return ms < kFarMs ? plus_ms(now, static_cast<std::int64_t>(ms)) : kNever;
}

}  // namespace patron::scoring
