#include <algorithm>
#include <cmath>
#include <set>

#include "tests/support/reference_scoring.h"

namespace patron::scoring {

using namespace reference;

namespace {

bool compare(const Atom& atom, double value) {
    if (std::isnan(value)) {
        return false;
    }
    switch (atom.comparison) {
        case Comparison::AtLeast:
            return !(value < atom.threshold);
        case Comparison::AtMost:
            return !(value > atom.threshold);
        case Comparison::Equal:
            return !(value < atom.threshold) && !(value > atom.threshold);
        case Comparison::In:
            break;
    }
    bool found = false;
    for (const double allowed : atom.allowed) {
        found = found || allowed == value;
    }
    return found;
}

}  // namespace

bool ReferenceCustomer::holds(const Rule& rule, Instant now) const {
    for (const Clause& clause : rule) {
        bool all = true;
        for (const Atom& atom : clause) {
            all = all && compare(atom, feature(atom.feature, now));
        }
        if (all) {
            return true;
        }
    }
    return false;
}

bool ReferenceCustomer::retained(std::uint8_t tier, Instant now) const {
    const Tier& t = policy_.policy.tiers[tier];
    return tier == 0 || holds(t.enter, now) || (t.keep && holds(*t.keep, now));
}

std::uint8_t ReferenceCustomer::tier_by_rules(State& state, Instant now) const {
    int tier = state.tier_by_rules;
    for (int higher = tier + 1; higher < static_cast<int>(policy_.policy.tiers.size()); ++higher) {
        if (holds(policy_.policy.tiers[static_cast<std::size_t>(higher)].enter, now)) {
            tier = higher;
        }
    }
    const auto held = [&](int t) {
        return retained(static_cast<std::uint8_t>(t), now);
    };
    while (!held(tier)) {
        if (state.grace_until == kNever) {
            state.grace_until = Instant{now.ms + in_ms(policy_.policy.grace_days)};
        }
        if (now < state.grace_until) {
            return static_cast<std::uint8_t>(tier);
        }
        int to = std::max(0, tier - policy_.policy.max_step);
        for (int t = to; t < tier; ++t) {
            to = held(t) ? t : to;
        }
        tier = to;
        state.grace_until = kNever;
    }
    state.grace_until = kNever;
    return static_cast<std::uint8_t>(tier);
}

std::uint8_t ReferenceCustomer::overridden(std::uint8_t tier, Instant now) const {
    const TierOverride& by = facts_.tier_override;
    if (by.kind == OverrideKind::None || now < by.at || now >= by.until) {
        return tier;
    }
    const bool lifts = by.kind != OverrideKind::Ceiling && tier < by.tier;
    const bool lowers = by.kind != OverrideKind::Floor && tier > by.tier;
    return lifts || lowers ? by.tier : tier;
}

Band ReferenceCustomer::band(Band before, double risk) const {
    if (std::isnan(risk)) {
        return Band::None;
    }
    const RiskBands& b = policy_.policy.bands;
    const double high = before == Band::High ? b.high - b.hysteresis : b.high;
    const bool was_up = before == Band::Medium || before == Band::High;
    const double medium = was_up ? b.medium - b.hysteresis : b.medium;
    if (risk >= high) {
        return Band::High;
    }
    return risk >= medium ? Band::Medium : Band::Low;
}

std::int64_t ReferenceCustomer::silence_ms(const SilenceLimit& limit, Instant now) const {
    const double interval = of_purchases(FeatureKind::OrderIntervalDays, now);
    const bool own = limit.unit == LimitUnit::Intervals && !std::isnan(interval);
    return in_ms(own ? limit.value * interval : limit.days);
}

bool ReferenceCustomer::too_silent(const SilenceLimit& limit, Instant now) const {
    if (limit.unit == LimitUnit::Probability) {
        return p_any(now) < limit.value;
    }
    return now.ms - seen(now).purchases.back().ms >= silence_ms(limit, now);
}

bool ReferenceCustomer::confirmed(Instant now) const {
    for (const LedgerEntry& e : seen(now).entries) {
        if (e.kind() == EntryKind::ChurnConfirmed && e.at >= seen(now).purchases.back()) {
            return true;
        }
    }
    return false;
}

// The last purchase that came when the customer was gone.
Instant ReferenceCustomer::comeback(Instant now) const {
    const Seen& s = seen(now);
    Instant last = kLongAgo;
    for (std::size_t i = 1; i < s.purchases.size(); ++i) {
        const Instant before = s.purchases[i - 1];
        const Instant at = s.purchases[i];
        bool gone = at.ms - before.ms >= in_ms(policy_.policy.lifecycle.churned.days);
        for (const LedgerEntry& e : s.entries) {
            gone = gone || (e.kind() == EntryKind::ChurnConfirmed && e.at >= before && e.at < at);
        }
        last = gone ? at : last;
    }
    return last;
}

Stage ReferenceCustomer::stage(Band risk, Instant now) const {
    if (!has_purchase(now)) {
        return Stage::Prospect;
    }
    const Lifecycle& life = policy_.policy.lifecycle;
    if (confirmed(now) || too_silent(life.churned, now)) {
        return Stage::Churned;
    }
    if (too_silent(life.dormant, now)) {
        return Stage::Dormant;
    }
    const Instant back = comeback(now);
    if (back != kLongAgo && now.ms - back.ms < in_ms(life.won_back_days)) {
        return Stage::WonBack;
    }
    const Seen& s = seen(now);
    if (s.days.size() == 1 && now.ms - s.purchases.front().ms < in_ms(life.new_days)) {
        return Stage::New;
    }
    return risk == Band::Medium || risk == Band::High ? Stage::AtRisk : Stage::Active;
}

void ReferenceCustomer::follow_up(State& state, Instant now) const {
    const Policy& p = policy_.policy;
    const double cadence = p.service_for(state.tier, state.stage).cadence_days;
    const double factor = p.follow_up.cadence_factor[static_cast<std::size_t>(state.band)];
    state.follow_up_due = kNever;
    if (facts_.profile.do_not_contact) {
        state.follow_up = FollowUpState::DoNotContact;
        return;
    }
    if (feature({FeatureKind::ContactPressure, 0}, now) > p.follow_up.contact_pressure_max) {
        state.follow_up = FollowUpState::OverContacted;
        return;
    }
    if (cadence == 0) {
        state.follow_up = FollowUpState::None;
        return;
    }
    const Instant last = last_follow_up(now);
    const Instant from = last == kLongAgo ? state.since : last;
    state.follow_up_due = Instant{from.ms + in_ms(cadence * factor)};
    state.follow_up = now < state.follow_up_due ? FollowUpState::Planned : FollowUpState::Due;
}

State ReferenceCustomer::step(State state, Instant now) const {
    const State before = state;
    state.settled_at = now;
    state.tier_by_rules = tier_by_rules(state, now);
    state.tier = overridden(state.tier_by_rules, now);
    if (state.tier != before.tier) {
        state.since = now;
    }
    state.band = band(before.band, churn_risk(now, state.tier));
    state.stage = stage(state.band, now);
    follow_up(state, now);
    return state;
}

// Every instant at which something that moves in steps may move, whatever the state.
std::vector<Instant> ReferenceCustomer::fixed_ticks(Instant from, Instant to) const {
    std::set<Instant> ticks{to, facts_.tier_override.at, facts_.tier_override.until};
    const auto after = [&](Instant at, double days) {
        ticks.insert(Instant{at.ms + in_ms(days)});
    };
    const Lifecycle& life = policy_.policy.lifecycle;
    for (const LedgerEntry& e : facts_.ledger) {
        for (const double days :
             {0.0, 365.0, life.new_days, life.won_back_days, life.dormant.days, life.churned.days
             }) {
            after(e.at, days);
        }
        for (const int days : policy_.policy.window_days) {
            after(e.at, days);
        }
        for (int day = 0; e.kind() == EntryKind::TicketOpened && day <= 14; ++day) {
            after(e.at, day);
        }
        for (std::size_t t = 0; e.kind() == EntryKind::FollowUp && t < policy_.policy.tiers.size();
             ++t) {
            const double cadence = policy_.policy.service_for(t, Stage::Active).cadence_days;
            for (int day = 0; day <= cadence + 1; ++day) {
                ticks.insert(Instant{e.at.ms + in_ms(cadence) + day * kDayMs});
            }
        }
    }
    const Day last = policy_.days->day_of(to);
    for (Day day = policy_.days->day_of(from); day <= last; ++day) {
        ticks.insert(policy_.days->start_of(day));
    }
    std::vector<Instant> out;
    for (const Instant t : ticks) {
        if (t > from && t <= to) {
            out.push_back(t);
        }
    }
    return out;
}

// The next fixed tick, or an earlier one that the state or the customer's own interval makes.
Instant ReferenceCustomer::next_tick(
    const State& state, const std::vector<Instant>& fixed, Instant to
) const {
    Instant next = to;
    const auto consider = [&](Instant t) {
        if (t > state.settled_at && t < next) {
            next = t;
        }
    };
    const auto following = std::upper_bound(fixed.begin(), fixed.end(), state.settled_at);
    if (following != fixed.end()) {
        consider(*following);
    }
    consider(state.grace_until);
    consider(state.follow_up_due);
    if (has_purchase(state.settled_at)) {
        const Instant last = seen(state.settled_at).purchases.back();
        const Lifecycle& life = policy_.policy.lifecycle;
        consider(Instant{last.ms + silence_ms(life.dormant, state.settled_at)});
        consider(Instant{last.ms + silence_ms(life.churned, state.settled_at)});
    }
    return next;
}

bool ReferenceCustomer::change_before(State& state, Instant last) const {
    constexpr std::int64_t kProbeMs = 6 * kHourMs;
    Instant low = state.settled_at;
    while (low < last) {
        Instant high = std::min(last, Instant{low.ms + kProbeMs});
        if (!step(state, high).same_standing(state)) {
            while (high.ms - low.ms > 1) {
                const Instant middle{low.ms + (high.ms - low.ms) / 2};
                (step(state, middle).same_standing(state) ? low : high) = middle;
            }
            state = step(state, high);
            return true;
        }
        low = high;
    }
    return false;
}

State ReferenceCustomer::move(State state, Instant to, bool stop_when_seen) const {
    const State start = state;
    const std::vector<Instant> fixed = fixed_ticks(state.settled_at, to);
    while (state.settled_at < to) {
        const Instant tick = next_tick(state, fixed, to);
        if (!change_before(state, Instant{tick.ms - 1})) {
            state = step(state, tick);
        }
        if (stop_when_seen && seen_as(state) != seen_as(start)) {
            return state;
        }
    }
    return state;
}

State ReferenceCustomer::advance(State state, Instant to) const {
    return move(state, to, false);
}

Instant ReferenceCustomer::next_visible_change(State state, Instant until) const {
    const State moved = move(state, until, true);
    return seen_as(moved) == seen_as(state) ? kNever : moved.settled_at;
}

}  // namespace patron::scoring
