#pragma once
// Counts of all customers by tier, band, stage and follow-up, as JSON.
//
// Shapes     tiers by index as in the policy; `cells` by tier, band and stage, only the cells that
//            hold somebody are written.
// Units      hashes are wrapping sums over customers, so that no order matters; 16 hex digits.
// Threads    values.

#include <array>
#include <cstddef>
#include <cstdint>

#include "scoring/state.h"
#include "server/wire/byte_writer.h"
#include "server/wire/policy_texts.h"
#include "store/limits.h"
#include "store/store.h"

namespace patron::wire {

struct StatsCounts {
    using ByStage = std::array<std::uint64_t, scoring::kStages>;
    using ByBand = std::array<ByStage, scoring::kBands>;

    std::array<ByBand, store::limits::kTiersMax> cells{};
    std::array<std::uint64_t, scoring::kFollowUpStates> follow_up{};
    std::uint64_t facts_hash = 0;
    std::uint64_t state_hash = 0;  // facts and states

    void add(const scoring::State& state, std::uint64_t facts, std::uint64_t states);
    void add(const StatsCounts& other);
};

void append_stats(
    ByteWriter& out, const PolicyTexts& texts, const StatsCounts& counts, const store::ScanEnd& end
);

}  // namespace patron::wire
