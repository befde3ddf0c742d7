#pragma once
// One customer at one instant: the rollup's steps and, on top, what moves continuously.
//
// Shapes     `rollup` holds at `now` (rollup.at <= now < rollup.valid_until).
// Units      feature values in the feature's unit (feature.h); unknown is NaN.
// Time       recency, tenure and ticket age rise with `now`; p_alive and purchase probability fall.
// Errors     none.
// Threads    pure.

#include <algorithm>

#include "scoring/compiled_policy.h"
#include "scoring/facts.h"
#include "scoring/rollup.h"

namespace patron::scoring {

struct Moment {
    const CompiledPolicy& policy;
    const Facts& facts;
    const Rollup& rollup;
    Instant now;
};

double feature_value(const Moment& moment, Feature feature);

// Silence and age in the purchase model's unit. Only with a purchase.
struct ModelInputs {
    std::uint32_t x;
    double t_x;
    double age;
};
inline ModelInputs model_inputs(
    const CompiledPolicy& policy,
    std::uint32_t x,
    std::int32_t t_x_days,
    Instant first_midnight,
    Instant now
) {
    const double unit = policy.policy.purchase.unit_days;
    const double t_x = t_x_days / unit;
    const double age_days =
        static_cast<double>(now.ms - first_midnight.ms) / static_cast<double>(kDayMs);
    // A clock change in between may shorten the age by its hour.
    return {x, t_x, std::max(age_days / unit, t_x)};
}
ModelInputs model_inputs(const Moment& moment);

// Weighted sum of the dimensions' points, 0..100; NaN without dimensions. A dimension whose feature is
// unknown gives its lowest points.
double value_index(const Moment& moment);

// Share of the policy's inputs (weighted signals, dimensions) that are known, 0..1.
double data_completeness(const Moment& moment);

}  // namespace patron::scoring
