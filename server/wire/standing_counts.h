#pragma once
// How many customers stand where, as four objects of counts.
//
// Shapes     `,"tiers":{…},"risk_bands":{…},"lifecycle":{…},"follow_up":{…}`: every name is told, a zero
//            too; those without a band count under "none".
// Range      as many counts as names; `tiers` may hold more than the policy has.
// Threads    pure.

#include <cstdint>
#include <span>

#include "server/wire/byte_writer.h"
#include "server/wire/policy_texts.h"

namespace patron::wire {

struct StandingCounts {
    std::span<const std::uint64_t> tiers;       // by tier, lowest first
    std::span<const std::uint64_t> bands;       // by Band
    std::span<const std::uint64_t> stages;      // by Stage
    std::span<const std::uint64_t> follow_ups;  // by FollowUpState
};

void append_standing_counts(
    ByteWriter& out, const PolicyTexts& texts, const StandingCounts& counts
);

}  // namespace patron::wire
