#pragma once
// Counts of all customers by tier, band, stage and follow-up, as JSON.
//
// Shapes     tiers by index as in the policy; `cells` by tier, band and stage, only the cells that
//            hold somebody are written.
//            Churn risk: how many have one, its mean, and its sum, which is how many are expected to leave.
// Units      risks are summed in billionths and money in minor units, so that no order matters;
//            hashes are wrapping sums over customers, 16 hex digits, absent unless they were asked for.
// Threads    values.

#include <array>
#include <cstddef>
#include <cstdint>

#include "scoring/state.h"
#include "server/wire/byte_writer.h"
#include "server/wire/money_text.h"
#include "server/wire/policy_texts.h"
#include "store/limits.h"
#include "store/store.h"

namespace patron::wire {

struct StatsCounts {
    using ByStage = std::array<std::uint64_t, scoring::kStages>;
    using ByBand = std::array<ByStage, scoring::kBands>;

    std::array<ByBand, store::limits::kTiersMax> cells{};
    std::array<std::uint64_t, scoring::kFollowUpStates> follow_up{};
    std::uint64_t with_risk = 0;
    std::uint64_t risk_billionths = 0;
    MoneySum spend_at_risk;  // risk times net spend of the longest window, where there is some
    bool hashed = false;
    std::uint64_t facts_hash = 0;
    std::uint64_t state_hash = 0;  // facts and states

    void add(const store::ScanRow& row);
    void add(const StatsCounts& other);
};

void append_stats(
    ByteWriter& out, const PolicyTexts& texts, const StatsCounts& counts, const store::ScanEnd& end
);

}  // namespace patron::wire
