#include "scoring/standing.h"

#include <algorithm>

#include "scoring/risk_band.h"
#include "scoring/vector_math.h"

namespace patron::scoring {
namespace {

constexpr std::int64_t kOutlookHorizonMs = 36'525 * kDayMs;

// When the oldest order (or refund) inside the feature's window leaves it; kNever without a window.
Instant window_deadline(const CompiledPolicy& policy, const Facts& facts, Feature feature, Instant now) {
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

// What is missing at the deadline, when the grace ends and nothing more has come.
TimedGap gap_at_deadline(const CompiledPolicy& policy, const Facts& facts, const State& in_grace) {
    const Rollup then = roll_up(policy, facts, in_grace.grace_until);
    const Moment m{policy, facts, then, in_grace.grace_until};
    const auto gap = gap_to_retain(m, in_grace.tier_by_rules);
    return gap ? TimedGap{gap->missing, in_grace.grace_until, gap->feature} : TimedGap{};
}

// The instant at which a continuous condition other than the band flips first, for policies that have
// such: a reader checks the band itself, but not those.
Instant continuous_limit(const Moment& m, const State& state, Instant end) {
    if (!m.policy.continuous_rules) {
        return end;
    }
    const Walk walk(m.policy, m.facts, state);
    const Instant last =
        std::min(Instant{end.ms - 1}, plus_ms(m.now, kOutlookHorizonMs));
    return last > m.now ? std::min(end, walk.first_crossing(last)) : end;
}

}  // namespace

Standing make_standing(const Moment& m, const State& state) {
    const SignalValues signals = signal_values(m, {state.tier});
    Standing s;
    s.state = state;
    s.value_index = value_index(m);
    s.has_purchase = m.rollup.has_purchase();
    if (s.has_purchase) {
        s.first_midnight = m.rollup.first_midnight;
        s.last_purchase = m.rollup.last_purchase;
        s.x = m.rollup.x();
        s.t_x_days = m.rollup.t_x_days();
        s.signals_logit = signals_logit(m.policy.policy, signals);
    }
    const TierOverride& by = m.facts.tier_override;
    if (by.in_force(m.now)) {
        s.override_kind = by.kind;
        s.override_tier = by.tier;
        s.override_until = by.until;
    }
    s.valid_until = continuous_limit(m, state, piece_end(m, state, signals));
    return s;
}

void add_outlook(const CompiledPolicy& policy, const Facts& facts, Standing& s) {
    const Instant horizon = plus_ms(s.state.settled_at, kOutlookHorizonMs);
    Walk walk(policy, facts, s.state);
    s.to_next = gap_to_next(walk.moment(), s.state.tier_by_rules);
    s.to_keep = {};
    s.next_transition = kNever;
    bool keep_known = s.state.tier_by_rules == 0;
    for (int piece = 0; piece < kSearchPiecesMax; ++piece) {
        if (!keep_known && walk.state().grace_until != kNever) {
            s.to_keep = gap_at_deadline(policy, facts, walk.state());
            keep_known = true;
        }
        keep_known |= walk.state().tier_by_rules != s.state.tier_by_rules;
        const bool moved = s.next_transition != kNever;
        if ((moved && keep_known) || walk.state().settled_at >= horizon) {
            break;
        }
        walk.next(horizon);
        if (!moved && !walk.state().same_visible(s.state)) {
            s.next_transition = walk.state().settled_at;
        }
        s.next_transition_bound = piece + 1 == kSearchPiecesMax && s.next_transition == kNever;
    }
    if (s.next_transition_bound) {
        s.next_transition = walk.state().settled_at;
    }
    s.outlook_known = true;
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
    const ModelInputs in =
        model_inputs(policy, s.x, s.t_x_days, s.first_midnight, score.as_of);
    const double quiet = policy.model.no_purchase_logit(in.x, in.t_x, in.age);
    score.churn_risk = vm::sigmoid(quiet + s.signals_logit);
    if (band_after(policy.policy.bands, s.state.band, score.churn_risk) != s.state.band) {
        return std::nullopt;
    }
    score.p_alive = policy.model.p_alive(in.x, in.t_x, in.age);
    score.purchase_probability = vm::sigmoid(-quiet);
    return score;
}

}  // namespace patron::scoring
