#pragma once
// What a customer's past decides: tier with its grace, band, stage, follow-up. Everything else is a
// function of facts and now.
//
// Time       the state is settled up to `settled_at`: every transition due until then has happened.
// Threads    values.
// Source     semantics: events (states are a function of the log), value index and tier.

#include <cstdint>

#include "scoring/policy.h"
#include "scoring/units.h"

namespace patron::scoring {

enum class FollowUpState : std::uint8_t { None, Planned, Due, OverContacted, DoNotContact };
inline constexpr std::size_t kFollowUpStates = 5;

struct State {
    std::uint8_t tier_by_rules = 0;
    std::uint8_t tier = 0;  // after the override in force
    Band band = Band::None;
    Stage stage = Stage::Prospect;
    FollowUpState follow_up = FollowUpState::None;
    Instant settled_at = kLongAgo;
    Instant since = kLongAgo;        // of `tier`
    Instant grace_until = kNever;    // kNever: the tier's rule holds
    Instant follow_up_due = kNever;  // derived; kNever: none is planned

    // Whether two states differ in what a transition is: not in when they were settled.
    bool same_standing(const State& o) const {
        return tier_by_rules == o.tier_by_rules && tier == o.tier && band == o.band &&
               stage == o.stage && follow_up == o.follow_up && grace_until == o.grace_until;
    }
    // What an outsider calls a transition: grace beginning or ending is not one.
    bool same_visible(const State& o) const {
        return tier_by_rules == o.tier_by_rules && tier == o.tier && band == o.band &&
               stage == o.stage && follow_up == o.follow_up;
    }
    bool operator==(const State&) const = default;
};

}  // namespace patron::scoring
