#include "scoring/standing.h"

#include <algorithm>

#include "scoring/risk_band.h"
#include "scoring/vector_math.h"

namespace patron::scoring {
namespace {

constexpr std::int64_t kOutlookHorizonMs = 36'525 * kDayMs;

// When the oldest order (or refund) inside the feature's window leaves it; kNever without a window.
Instant window_deadline(
    const CompiledPolicy& policy, const Facts& facts, Feature feature, Instant now
) {
    if (!info(feature.kind).windowed) {
        return kNever;
    }
    const std::int64_t window = policy.window_ms[feature.window];
    for (const LedgerEntry& entry : facts.ledger) {
        if (entry.kind() == EntryKind::Order && entry.at.ms > now.ms - window) {
            return entry.at <= now ? plus_ms(entry.at, window) : kNever;
        }
    }
    return kNever;
}

TimedGap gap_to_next(const Moment& m, std::uint8_t tier) {
    const auto& tiers = m.policy.policy.tiers;
    if (tier + 1u >= tiers.size()) {
        return {};
    }
    const auto gap = gap_to(tiers[tier + 1].enter, m);
    if (!gap) {
        return {};
    }
    return {gap->missing, window_deadline(m.policy, m.facts, gap->feature, m.now), gap->feature};
}

// What `tier` misses at the instant at which the walk has lost it.
TimedGap gap_at_loss(const Walk& walk, std::uint8_t tier) {
    const auto gap = gap_to_retain(walk.moment(), tier);
    return gap ? TimedGap{gap->missing, walk.state().settled_at, gap->feature} : TimedGap{};
}

// The instant at which a continuous condition other than the band flips first, for policies that
// have such: a reader checks the band itself, but not those.
Instant continuous_limit(const Moment& m, const Settled& settled, Instant end) {
    if (!m.policy.continuous_rules) {
        return end;
    }
    const Walk walk(m.policy, m.facts, settled, m.rollup);
    const Instant last = std::min(Instant{end.ms - 1}, plus_ms(m.now, kOutlookHorizonMs));
    return last > m.now ? std::min(end, walk.first_crossing(last)) : end;
}

}  // namespace

Standing make_standing(const Moment& m, const State& state) {
    return make_standing(m, settled_before(m, state));
}

Standing make_standing(const Moment& m, const Settled& settled) {
    Standing s;
    s.state = settled.state;
    s.value_index = value_index(m);
    s.has_purchase = m.rollup.has_purchase();
    if (s.has_purchase) {
        s.first_midnight = m.rollup.first_midnight;
        s.last_purchase = m.rollup.last_purchase;
        s.x = m.rollup.x();
        s.t_x_days = m.rollup.t_x_days();
        s.signals_logit = settled.signals_logit;
    }
    const TierOverride& by = m.facts.tier_override;
    if (by.in_force(m.now)) {
        s.override_kind = by.kind;
        s.override_tier = by.tier;
        s.override_until = by.until;
    }
    s.valid_until = continuous_limit(m, settled, piece_end(m, settled));
    s.next_transition = std::min(settled.risk_until, s.valid_until);
    return s;
}

void add_outlook(const CompiledPolicy& policy, const Facts& facts, Standing& s) {
    const Instant horizon = plus_ms(s.state.settled_at, kOutlookHorizonMs);
    Walk walk(policy, facts, s.state);
    const Visible now = walk.visible();
    s.to_next = gap_to_next(walk.moment(), s.state.tier_by_rules);
    s.to_keep = {};
    s.next_transition = kNever;
    bool keep_known = s.state.tier_by_rules == 0;
    for (int piece = 0; piece < kSearchPiecesMax; ++piece) {
        if (!keep_known && walk.state().tier_by_rules != s.state.tier_by_rules) {
            const bool lost = walk.state().tier_by_rules < s.state.tier_by_rules;
            s.to_keep = lost ? gap_at_loss(walk, s.state.tier_by_rules) : TimedGap{};
            keep_known = true;
        }
        const bool moved = s.next_transition != kNever;
        if ((moved && keep_known) || walk.state().settled_at >= horizon) {
            break;
        }
        walk.next(horizon);
        if (!moved && walk.visible() != now) {
            s.next_transition = walk.state().settled_at;
        }
        s.next_transition_bound = piece + 1 == kSearchPiecesMax && s.next_transition == kNever;
    }
    if (s.next_transition_bound) {
        s.next_transition = walk.state().settled_at;
    }
    s.transition_known = true;
    s.outlook_known = true;
}

Walk walk_to_transition(const CompiledPolicy& policy, const Facts& facts, const Standing& s) {
    const Instant to = s.next_transition;
    if (to <= s.valid_until) {  // nothing happens before, so one step leads there
        const Rollup rollup = roll_up(policy, facts, to);
        return {policy, facts, settle({policy, facts, rollup, to}, s.state), rollup};
    }
    Walk walk(policy, facts, s.state);
    while (walk.state().settled_at < to) {
        walk.next(to);
    }
    return walk;
}

void add_transition(Walk& walk, Standing& s, Instant until) {
    const Visible now = walk.visible();
    s.transition_known = true;
    s.next_transition_bound = false;
    for (int piece = 0; piece < kSearchPiecesMax; ++piece) {
        walk.next(until);
        s.next_transition = walk.state().settled_at;
        if (walk.visible() != now) {
            return;
        }
        if (s.next_transition >= until) {
            s.transition_known = false;
            return;
        }
    }
    s.next_transition_bound = true;
}

namespace {

double quiet_logit(const CompiledPolicy& policy, const ModelInputs& in) {
    return policy.model.no_purchase_logit(in.x, in.t_x, in.age);
}

bool in_band(const CompiledPolicy& policy, const Standing& s, double risk) {
    return band_after(policy.policy.bands, s.state.band, risk) == s.state.band;
}

ModelInputs inputs_at(const CompiledPolicy& policy, const Standing& s, Instant t) {
    return model_inputs(policy, s.x, s.t_x_days, s.first_midnight, t);
}

}  // namespace

bool holds_at(const CompiledPolicy& policy, const Standing& s, Instant now) {
    const Instant at = std::max(now, s.state.settled_at);
    if (at >= s.valid_until) {
        return false;
    }
    if (!s.has_purchase || at < s.next_transition) {
        return true;
    }
    if (s.transition_known) {
        return false;
    }
    const double quiet = quiet_logit(policy, inputs_at(policy, s, at));
    return in_band(policy, s, vm::sigmoid(quiet + s.signals_logit));
}

Instant quiet_until(const CompiledPolicy& policy, const Standing& s, Instant at) {
    if (s.transition_known) {
        return s.next_transition;
    }
    const Instant look = std::min(Instant{s.valid_until.ms - 1}, plus_ms(at, kDayMs));
    if (s.next_transition > look) {
        return std::max(s.next_transition, at);
    }
    return look >= at && holds_at(policy, s, look) ? Instant{look.ms + 1} : at;
}

std::optional<Score> score_at(const CompiledPolicy& policy, const Standing& s, Instant now) {
    Score score;
    score.as_of = std::max(now, s.state.settled_at);
    if (score.as_of >= s.valid_until) {
        return std::nullopt;
    }
    if (!s.has_purchase) {
        return score;
    }
    const ModelInputs in = inputs_at(policy, s, score.as_of);
    const auto [quiet, p_alive] = policy.model.churn_base(in.x, in.t_x, in.age);
    score.churn_risk = vm::sigmoid(quiet + s.signals_logit);
    if (!in_band(policy, s, score.churn_risk)) {
        return std::nullopt;
    }
    score.p_alive = p_alive;
    score.purchase_probability = vm::sigmoid(-quiet);
    return score;
}

}  // namespace patron::scoring
