#pragma once
// The columns of a block, byte by byte: what its writer and its reader share (SNAPSHOT_FORMAT.md).
//
// Shapes     fixed widths, little-endian.
// Threads    values.

#include <array>
#include <cstddef>
#include <cstdint>

#include "scoring/state.h"
#include "store/snapshot_parts.h"

namespace patron::store::snapshot_columns {

inline constexpr std::uint32_t kBlockTag = snapshot_part::tag("PBLK");
inline constexpr std::size_t kBlockHeaderBytes = 32;

enum Column : std::size_t { kIds, kStates, kActivities, kSizes, kEntries, kAttributes, kCount };
inline constexpr std::array<std::uint32_t, kCount> kTags{
    snapshot_part::tag("ids "),
    snapshot_part::tag("stat"),
    snapshot_part::tag("actv"),
    snapshot_part::tag("size"),
    snapshot_part::tag("ledg"),
    snapshot_part::tag("attr"),
};
inline constexpr std::array<const char*, kCount> kNames{
    "ids", "log states", "activities", "ledger sizes", "ledger entries", "attributes"
};

struct SavedState {
    std::uint8_t tier_by_rules = 0;
    std::uint8_t tier = 0;
    std::uint8_t band = 0;
    std::uint8_t stage = 0;
    std::uint8_t follow_up = 0;
    std::array<std::uint8_t, 3> zero{};
    std::int64_t settled_at = 0;
    std::int64_t since = 0;
    std::int64_t grace_until = 0;
    std::int64_t follow_up_due = 0;
};
static_assert(sizeof(SavedState) == 40);

inline constexpr std::size_t kActivityBytes = 12;  // sum f64, ref i32

inline SavedState saved(const scoring::State& s) {
    return {
        s.tier_by_rules,
        s.tier,
        static_cast<std::uint8_t>(s.band),
        static_cast<std::uint8_t>(s.stage),
        static_cast<std::uint8_t>(s.follow_up),
        {},
        s.settled_at.ms,
        s.since.ms,
        s.grace_until.ms,
        s.follow_up_due.ms
    };
}

inline scoring::State restored(const SavedState& s) {
    return {
        s.tier_by_rules,
        s.tier,
        static_cast<scoring::Band>(s.band),
        static_cast<scoring::Stage>(s.stage),
        static_cast<scoring::FollowUpState>(s.follow_up),
        {s.settled_at},
        {s.since},
        {s.grace_until},
        {s.follow_up_due}
    };
}

}  // namespace patron::store::snapshot_columns
