#pragma once
// One aspect of a customer that changes with a transition: what, from where, to where.
//
// Shapes     values as codes: tier indices, or the enumeration of the aspect. A transition is as many
//            crossings as aspects differ; the tier by the rules is told only where the tier itself stays,
//            and an override that hands on to another of its kind crosses to itself.
// Order      crossings sort by aspect, then by codes.
// Threads    values.

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "scoring/visible.h"
#include "server/wire/byte_writer.h"
#include "server/wire/policy_texts.h"

namespace patron::wire {

enum class Aspect : std::uint8_t { Tier, TierByRules, RiskBand, Lifecycle, FollowUp, Override };
inline constexpr std::size_t kAspects = 6;

struct Crossing {
    Aspect what = Aspect::Tier;
    std::uint8_t from = 0;
    std::uint8_t to = 0;
    auto operator<=>(const Crossing&) const = default;
};

template <class Visit>
void each_crossing(const scoring::Visible& from, const scoring::Visible& to, Visit visit) {
    const auto code = [](auto value) {
        return static_cast<std::uint8_t>(value);
    };
    if (from.tier != to.tier) {
        visit(Crossing{Aspect::Tier, from.tier, to.tier});
    } else if (from.tier_by_rules != to.tier_by_rules) {
        visit(Crossing{Aspect::TierByRules, from.tier_by_rules, to.tier_by_rules});
    }
    if (from.band != to.band) {
        visit(Crossing{Aspect::RiskBand, code(from.band), code(to.band)});
    }
    if (from.stage != to.stage) {
        visit(Crossing{Aspect::Lifecycle, code(from.stage), code(to.stage)});
    }
    if (from.follow_up != to.follow_up) {
        visit(Crossing{Aspect::FollowUp, code(from.follow_up), code(to.follow_up)});
    }
    if (from.override_kind != to.override_kind || from.override_tier != to.override_tier) {
        visit(Crossing{Aspect::Override, code(from.override_kind), code(to.override_kind)});
    }
}

// In the order of Aspect.
std::span<const std::string_view> aspect_names();

// The words of an aspect's codes; "none" where the value is told as null.
std::span<const std::string_view> code_names(Aspect what, const PolicyTexts& texts);

// `"what":"tier","from":"gold","to":"silver"`; no band and no override are null.
void append_crossing(ByteWriter& out, const PolicyTexts& texts, Crossing crossing);

}  // namespace patron::wire
