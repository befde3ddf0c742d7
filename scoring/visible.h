#pragma once
// What an outsider sees of a customer: the values whose change is a transition.
//
// Threads    values.
// Source     semantics: time (tier, band, stage, follow-up state and override).

#include <cstdint>

#include "scoring/facts.h"
#include "scoring/state.h"

namespace patron::scoring {

struct Visible {
    std::uint8_t tier_by_rules = 0;
    std::uint8_t tier = 0;
    Band band = Band::None;
    Stage stage = Stage::Prospect;
    FollowUpState follow_up = FollowUpState::None;
    OverrideKind override_kind = OverrideKind::None;  // in force
    std::uint8_t override_tier = 0;                   // 0 without one
    bool operator==(const Visible&) const = default;
};

inline Visible visible(const State& s, const TierOverride& by) {
    const bool in_force = by.in_force(s.settled_at);
    return {
        s.tier_by_rules,
        s.tier,
        s.band,
        s.stage,
        s.follow_up,
        in_force ? by.kind : OverrideKind::None,
        in_force ? by.tier : std::uint8_t{0}
    };
}

}  // namespace patron::scoring
