#pragma once
// Where a customer stands: the small fixed record from which any reader computes the score at `now`.
//
// Shapes     trivially copyable; published whole.
// Time       good over [state.settled_at, valid_until) as long as the risk at `now` stays in its band;
//            past that `score_at` gives nothing and the standing must be made anew.
// Units      gap and keep in the feature's unit; money in minor units.
// Threads    values.

#include <optional>
#include <type_traits>

#include "scoring/moment.h"
#include "scoring/state.h"
#include "scoring/tier_rules.h"
#include "scoring/transition.h"

namespace patron::scoring {

struct TimedGap {
    double missing = 0;  // 0: none
    Instant by = kNever;
    Feature feature;
};

struct Standing {
    State state;
    Instant valid_until = kLongAgo;
    // Once it is known; until then a bound: nothing an outsider sees changes before it.
    Instant next_transition = kNever;
    Instant first_midnight = kNever;
    Instant last_purchase = kLongAgo;
    double signals_logit = 0;
    double value_index = kUnknown;
    TimedGap to_next;  // from the tier by rules to the one above
    TimedGap to_keep;  // what keeps the tier by rules past the deadline
    Instant override_until = kNever;
    std::uint32_t x = 0;
    std::int32_t t_x_days = 0;
    OverrideKind override_kind = OverrideKind::None;  // in force
    std::uint8_t override_tier = 0;
    bool has_purchase = false;
    bool transition_known = false;
    bool outlook_known = false;          // to_next, to_keep and the transition are filled in
    bool next_transition_bound = false;  // the search ended early: it is a lower bound
};
static_assert(std::is_trivially_copyable_v<Standing>);

// What moves with every millisecond.
struct Score {
    Instant as_of;
    double churn_risk = kUnknown;  // the three: unknown before the first purchase
    double p_alive = kUnknown;
    double purchase_probability = kUnknown;  // within the policy's horizon
};

// Without the outlook, which costs a search. `moment.now == state.settled_at`.
Standing make_standing(const Moment& moment, const Settled& settled);
Standing make_standing(const Moment& moment, const State& state);

// Fills in next_transition alone, on from `walk`, which stands at the standing's instant: the transition if
// it comes before `until`, else a bound not before `until`.
void add_transition(Walk& walk, Standing& standing, Instant until);
// A walk that stands at the next transition, which is known and not kNever.
Walk walk_to_transition(const CompiledPolicy& policy, const Facts& facts, const Standing& standing);
// Fills in next_transition, to_next and to_keep.
void add_outlook(const CompiledPolicy& policy, const Facts& facts, Standing& standing);

// Whether nothing an outsider sees has changed by `now`: the cheaper question.
bool holds_at(const CompiledPolicy& policy, const Standing& standing, Instant now);

// A bound, cheaply found: nothing an outsider sees changes in [at, bound), if the standing holds at `at`.
// The next transition where it is known; else what settling has found or, where that is less than a day,
// one evaluation of the risk finds. `at` itself tells nothing.
Instant quiet_until(const CompiledPolicy& policy, const Standing& standing, Instant at);

// Nothing when the standing no longer holds at `now`. A `now` before settled_at counts as settled_at.
std::optional<Score> score_at(const CompiledPolicy& policy, const Standing& standing, Instant now);

}  // namespace patron::scoring
