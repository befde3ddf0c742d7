#include "scoring/transition.h"

#include <algorithm>
#include <cmath>

#include "scoring/crossing_search.h"
#include "scoring/lifecycle.h"
#include "scoring/risk_band.h"
#include "scoring/risk_bound.h"
#include "scoring/signals.h"
#include "scoring/tier_rules.h"
#include "scoring/vector_math.h"

namespace patron::scoring {
namespace {

// How far a search for the next transition looks: a century.
constexpr std::int64_t kSearchHorizonMs = 36'525 * kDayMs;

// Where a tier falls to whose rule no longer holds: the highest lower tier still held, at most
// `max_step` down.
std::uint8_t tier_below(const Moment& m, std::uint8_t tier) {
    const int floor = std::max(0, tier - m.policy.policy.max_step);
    int to = tier - 1;
    while (to > floor && !retained(m, static_cast<std::uint8_t>(to))) {
        --to;
    }
    return static_cast<std::uint8_t>(to);
}

void settle_tier(const Moment& m, State& s) {
    if (const std::uint8_t entered = entered_tier(m); entered > s.tier_by_rules) {
        s.tier_by_rules = entered;
    }
    while (!retained(m, s.tier_by_rules)) {
        if (s.grace_until == kNever) {
            s.grace_until = plus_ms(m.now, m.policy.grace_ms);
        }
        if (m.now < s.grace_until) {
            return;
        }
        s.tier_by_rules = tier_below(m, s.tier_by_rules);
        s.grace_until = kNever;
    }
    s.grace_until = kNever;
}

std::uint8_t overridden(const TierOverride& by, std::uint8_t tier, Instant now) {
    if (!by.in_force(now)) {
        return tier;
    }
    switch (by.kind) {
        case OverrideKind::Pin:
            return by.tier;
        case OverrideKind::Floor:
            return std::max(tier, by.tier);
        case OverrideKind::Ceiling:
            return std::min(tier, by.tier);
        case OverrideKind::None:
            break;
    }
    return tier;
}

void settle_follow_up(const Moment& m, State& s) {
    const Policy& policy = m.policy.policy;
    s.follow_up_due = kNever;
    const double cadence = policy.service_for(s.tier, s.stage).cadence_days;
    if (m.facts.profile.do_not_contact) {
        s.follow_up = FollowUpState::DoNotContact;
    } else if (m.rollup.contact_pressure > policy.follow_up.contact_pressure_max) {
        s.follow_up = FollowUpState::OverContacted;
    } else if (cadence <= 0) {
        s.follow_up = FollowUpState::None;
    } else {
        const bool contacted = m.rollup.last_follow_up != kLongAgo;
        const Instant from = contacted ? m.rollup.last_follow_up : s.since;
        const double factor = policy.follow_up.cadence_factor[static_cast<std::size_t>(s.band)];
        s.follow_up_due =
            plus_ms(from, std::llround(cadence * factor * static_cast<double>(kDayMs)));
        s.follow_up = m.now >= s.follow_up_due ? FollowUpState::Due : FollowUpState::Planned;
    }
}

double logit_with(const Moment& m, double signals) {
    const ModelInputs in = model_inputs(m);
    return m.policy.model.no_purchase_logit(in.x, in.t_x, in.age) + signals;
}

double risk_with(const Moment& m, double signals) {
    return vm::sigmoid(logit_with(m, signals));
}

// Where the risk passes into the band above, in log-odds; a band above all has none.
double logit_of_next_band(const RiskBands& bands, Band band) {
    const double risk = band == Band::Low ? bands.medium : bands.high;
    return std::log(risk) - std::log1p(-risk);
}

bool continuous(const Atom& atom) {
    const FeatureMotion motion = info(atom.feature.kind).motion;
    return motion == FeatureMotion::Rises || motion == FeatureMotion::Falls;
}

template <class Visit>
void each_continuous_atom(const Rule& rule, Visit visit) {
    for (const Clause& clause : rule) {
        for (const Atom& atom : clause) {
            if (continuous(atom)) {
                visit(atom);
            }
        }
    }
}

}  // namespace

State first_state(Instant at) {
    State s;
    s.settled_at = at;
    s.since = at;
    return s;
}

double churn_risk(const Moment& m, const State& s) {
    if (!m.rollup.has_purchase()) {
        return kUnknown;
    }
    return risk_with(m, signals_logit(m.policy.policy, signal_values(m, {s.tier})));
}

Settled settle(const Moment& m, const State& before) {
    Settled out;
    State& s = out.state;
    s = before;
    s.settled_at = m.now;
    settle_tier(m, s);
    const std::uint8_t tier = overridden(m.facts.tier_override, s.tier_by_rules, m.now);
    if (tier != s.tier) {
        s.tier = tier;
        s.since = m.now;
    }
    const SignalValues signals = signal_values(m, {tier});
    out.signals_step = signals.next_step;
    s.band = Band::None;
    if (m.rollup.has_purchase()) {
        const ModelInputs in = model_inputs(m);
        out.signals_logit = signals_logit(m.policy.policy, signals);
        const double log_odds =
            m.policy.model.no_purchase_logit(in.x, in.t_x, in.age) + out.signals_logit;
        s.band = band_after(m.policy.policy.bands, before.band, vm::sigmoid(log_odds));
        out.risk_until = risk_bound(m.policy, s.band, in, log_odds, m.now);
    }
    s.stage = stage_at(m, s.band);
    settle_follow_up(m, s);
    return out;
}

Settled settled_before(const Moment& m, const State& state) {
    const SignalValues signals = signal_values(m, {state.tier});
    if (!m.rollup.has_purchase()) {
        return {state, 0, signals.next_step, kNever};
    }
    return {state, signals_logit(m.policy.policy, signals), signals.next_step, m.now};
}

Walk::Walk(const CompiledPolicy& policy, const Facts& facts, const State& state)
    : policy_(policy), facts_(facts), rollup_(roll_up(policy, facts, state.settled_at)) {
    settled_ = settled_before({policy_, facts_, rollup_, state.settled_at}, state);
}

Instant piece_end(const Moment& m, const Settled& settled) {
    const State& state = settled.state;
    Instant end = std::min(m.rollup.valid_until, next_stage_limit(m));
    const TierOverride& by = m.facts.tier_override;
    for (const Instant t : {state.grace_until, state.follow_up_due, by.at, by.until}) {
        if (t > m.now) {
            end = std::min(end, t);
        }
    }
    return std::min(end, settled.signals_step);
}

Instant Walk::first_crossing(Instant last) const {
    const Moment here = moment();
    const auto at = [&](Instant t) {
        return Moment{policy_, facts_, rollup_, t};
    };
    Instant first = kNever;
    const auto consider = [&](auto flipped) {
        first = std::min(first, first_crossing_by_halves(here.now, std::min(last, first), flipped));
    };
    const Band band = state().band;
    if (rollup_.has_purchase() && last >= settled_.risk_until) {
        const double signals = settled_.signals_logit;
        const RiskBands& bands = policy_.policy.bands;
        const double target = logit_of_next_band(bands, band);
        // The search asks for the condition and for the value at the same instants.
        Instant asked = kLongAgo;
        double found = 0;
        const auto log_odds = [&](Instant t) {
            if (t != asked) {
                asked = t;
                found = logit_with(at(t), signals);
            }
            return found;
        };
        first = first_crossing_near(
            std::max(here.now, Instant{settled_.risk_until.ms - 1}),
            last,
            [&](Instant t) { return band_after(bands, band, vm::sigmoid(log_odds(t))) != band; },
            [&](Instant t) { return log_odds(t) - target; }
        );
    }
    if (!policy_.continuous_rules) {
        return first;
    }
    consider([&](Instant t) { return stage_at(at(t), band) != state().stage; });
    for (const Tier& tier : policy_.policy.tiers) {
        const auto flips = [&](const Atom& atom) {
            const bool now = holds(atom, feature_value(here, atom.feature));
            consider([&](Instant t) {
                return holds(atom, feature_value(at(t), atom.feature)) != now;
            });
        };
        each_continuous_atom(tier.enter, flips);
        if (tier.keep) {
            each_continuous_atom(*tier.keep, flips);
        }
    }
    return first;
}

void Walk::settle(Instant at) {
    if (at >= rollup_.valid_until) {
        roll_on(policy_, facts_, rollup_, at);
    }
    settled_ = scoring::settle({policy_, facts_, rollup_, at}, state());
}

void Walk::next(Instant to) {
    if (to <= state().settled_at) {
        return;
    }
    const Instant end = piece_end(moment(), settled_);
    const Instant last = to < end ? to : Instant{end.ms - 1};
    const Instant crossing = last > state().settled_at ? first_crossing(last) : kNever;
    if (crossing <= last) {
        settle(crossing);
    } else if (end <= to) {
        settle(end);
    } else {
        settled_.state.settled_at = to;
    }
}

// Within a piece the tier stands, and band, stage and follow-up are functions of the instant and of the
// highest band so far: settling at the piece's last millisecond leaves what settling on the way would.
void Walk::skip(Instant to) {
    while (state().settled_at < to) {
        if (policy_.continuous_rules) {
            next(to);
            continue;
        }
        const Instant end = piece_end(moment(), settled_);
        const Instant last = to < end ? to : Instant{end.ms - 1};
        if (last >= settled_.risk_until && last > state().settled_at) {
            settle(last);
        }
        if (end <= to) {
            settle(end);
        } else {
            settled_.state.settled_at = to;
        }
    }
}

State advance(const CompiledPolicy& policy, const Facts& facts, const State& state, Instant to) {
    if (to <= state.settled_at) {
        return state;
    }
    Walk walk(policy, facts, state);
    walk.skip(to);
    return walk.state();
}

NextTransition next_transition(const CompiledPolicy& policy, const Facts& facts, State state) {
    const Instant horizon = plus_ms(state.settled_at, kSearchHorizonMs);
    Walk walk(policy, facts, state);
    const Visible now = walk.visible();
    for (int piece = 0; piece < kSearchPiecesMax; ++piece) {
        walk.next(horizon);
        if (walk.visible() != now) {
            return {walk.state().settled_at, walk.state(), false};
        }
        if (walk.state().settled_at >= horizon) {
            return {kNever, walk.state(), false};
        }
    }
    return {walk.state().settled_at, walk.state(), true};
}

}  // namespace patron::scoring
