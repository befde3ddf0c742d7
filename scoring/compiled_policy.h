#pragma once
// A policy and a fact schema, prepared once for fast evaluation: limits in milliseconds, the purchase
// model's tables, and which of the policy's features move day by day.
//
// Errors     the policy must have passed `lint`.
// Threads    immutable; shared by pointer between all readers and writers.
// Cost       built once per revision; half lives and limits are then plain loads.

#include <array>
#include <memory>
#include <optional>

#include "scoring/day_clock.h"
#include "scoring/policy.h"
#include "scoring/purchase_model.h"

namespace patron::scoring {

// A silence limit: a fixed time, or read from the customer's interval or purchase probability.
struct CompiledLimit {
    LimitUnit unit = LimitUnit::Days;
    double value = 0;
    std::int64_t days_ms = 0;
};

struct CompiledPolicy {
    Policy policy;
    FactSchema schema;
    std::shared_ptr<const DayClock> days;
    PreparedPurchaseModel model;

    std::size_t windows = 0;
    std::array<std::int64_t, 4> window_ms{};
    std::int64_t grace_ms = 0;
    std::int64_t new_ms = 0;
    std::int64_t won_back_ms = 0;
    CompiledLimit dormant;
    CompiledLimit churned;
    // By band: the log-odds of risk at which the one above begins; NaN where they are too large, either
    // way, for a bound by arithmetic (risk_bound.h).
    std::array<double, kBands> band_log_odds{};
    // Whole-day recency and tenure (and the RFM recency score) move a rule or the value index until they
    // are this old.
    std::int32_t recency_steps_days = 0;
    std::int32_t tenure_steps_days = 0;
    // Some tier rule or stage limit reads a feature that moves continuously.
    bool continuous_rules = false;
};

// nullptr when the schema's time zone is unknown.
std::shared_ptr<const CompiledPolicy> compile(Policy policy, FactSchema schema);

}  // namespace patron::scoring
