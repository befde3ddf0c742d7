#include "scoring/tier_rules.h"

#include <algorithm>
#include <cmath>

namespace patron::scoring {
namespace {

// What one clause misses, if that is exactly one demanded feature.
std::optional<Gap> gap_to_clause(const Clause& clause, const Moment& moment) {
    std::optional<Gap> gap;
    for (const Atom& atom : clause) {
        const double value = feature_value(moment, atom.feature);
        if (holds(atom, value)) {
            continue;
        }
        const bool can_be_brought =
            atom.comparison == Comparison::AtLeast && info(atom.feature.kind).demanded;
        if (!can_be_brought || (gap && gap->feature != atom.feature)) {
            return std::nullopt;
        }
        const double missing = atom.threshold - (std::isnan(value) ? 0 : value);
        gap = Gap{atom.feature, std::max(missing, gap ? gap->missing : 0)};
    }
    return gap;
}

// The share of what is asked that is missing.
double share(const Gap& gap, const Moment& moment) {
    const double value = feature_value(moment, gap.feature);
    return gap.missing / (gap.missing + (std::isnan(value) ? 0 : std::max(0.0, value)));
}

// Of two gaps in one unit the smaller number (an order brings spend to every window), of two units
// the smaller share of what is asked.
std::optional<Gap> smaller(std::optional<Gap> a, std::optional<Gap> b, const Moment& moment) {
    if (!a || !b) {
        return a ? a : b;
    }
    if (info(a->feature.kind).unit == info(b->feature.kind).unit) {
        return b->missing < a->missing ? b : a;
    }
    return share(*b, moment) < share(*a, moment) ? b : a;
}

}  // namespace

bool holds(const Atom& atom, double value) {
    switch (atom.comparison) {
        case Comparison::AtLeast:
            return value >= atom.threshold;
        case Comparison::AtMost:
            return value <= atom.threshold;
        case Comparison::Equal:
            return value == atom.threshold;
        case Comparison::In:
            return std::find(atom.allowed.begin(), atom.allowed.end(), value) != atom.allowed.end();
    }
    return false;
}

bool holds(const Rule& rule, const Moment& moment) {
    return std::any_of(rule.begin(), rule.end(), [&](const Clause& clause) {
        return std::all_of(clause.begin(), clause.end(), [&](const Atom& atom) {
            return holds(atom, feature_value(moment, atom.feature));
        });
    });
}

std::uint8_t entered_tier(const Moment& moment) {
    const auto& tiers = moment.policy.policy.tiers;
    for (std::size_t i = tiers.size() - 1; i > 0; --i) {
        if (holds(tiers[i].enter, moment)) {
            return static_cast<std::uint8_t>(i);
        }
    }
    return 0;
}

bool retained(const Moment& moment, std::uint8_t tier) {
    if (tier == 0) {
        return true;
    }
    const Tier& held = moment.policy.policy.tiers[tier];
    return (held.keep && holds(*held.keep, moment)) || holds(held.enter, moment);
}

std::optional<Gap> gap_to(const Rule& rule, const Moment& moment) {
    if (holds(rule, moment)) {
        return std::nullopt;
    }
    std::optional<Gap> best;
    for (const Clause& clause : rule) {
        const auto gap = gap_to_clause(clause, moment);
        if (gap) {
            best = smaller(best, gap, moment);
        }
    }
    return best;
}

std::optional<Gap> gap_to_retain(const Moment& moment, std::uint8_t tier) {
    if (retained(moment, tier)) {
        return std::nullopt;
    }
    const Tier& held = moment.policy.policy.tiers[tier];
    const auto by_keep = held.keep ? gap_to(*held.keep, moment) : std::nullopt;
    return smaller(by_keep, gap_to(held.enter, moment), moment);
}

}  // namespace patron::scoring
