#pragma once
// Time moves a customer: `step` settles a state at an instant, `advance` moves it through every
// transition on the way, `next_transition` finds the next one.
//
// Time       a transition's instant is the first millisecond at which its condition holds by the plain
//            evaluation. `advance` to b equals `advance` to any a < b and then to b.
// Errors     none; instants before `state.settled_at` leave the state as it is.
// Threads    pure.
// Cost       one rollup, moved on (roll_on) per piece of time in which no fact moves; in a piece a bisection
//            per condition that moves continuously, and only if it changes within the piece. `advance` and
//            `Walk::skip` need no bisection for the risk.
// Source     semantics: time.

#include "scoring/moment.h"
#include "scoring/state.h"
#include "scoring/visible.h"

namespace patron::scoring {

// A customer's first state: the lowest tier since `at`, before any rule was asked.
State first_state(Instant at);

// A state, and what settling it worked out on the way.
struct Settled {
    State state;
    double signals_logit = 0;  // 0 without a purchase
    Instant signals_step = kNever;
    // The risk stays in its band over [settled_at, risk_until), if no signal steps. settled_at: nothing is
    // known.
    Instant risk_until = kNever;
};

// All rules at one instant. `moment.now >= state.settled_at`.
Settled settle(const Moment& moment, const State& state);
inline State step(const Moment& moment, const State& state) {
    return settle(moment, state).state;
}
// What is known without the risk: of a state that is settled at `moment.now` already.
Settled settled_before(const Moment& moment, const State& state);

State advance(const CompiledPolicy& policy, const Facts& facts, const State& state, Instant to);

// Churn risk at the moment under the tier that decides follow_up_overdue; NaN without a purchase.
double churn_risk(const Moment& moment, const State& state);

// Limits a search into the future; a search that ends at its limit says so.
inline constexpr int kSearchPiecesMax = 4096;

struct NextTransition {
    Instant at = kNever;             // kNever: nothing will change by itself
    State state;                     // after it
    bool searched_to_limit = false;  // then `at` is only a lower bound
};

// The first transition after `state.settled_at` that an outsider sees, absent further events.
NextTransition next_transition(const CompiledPolicy& policy, const Facts& facts, State state);

// The instant before which nothing changes but what moves continuously. `settled` is so at `m.now`.
Instant piece_end(const Moment& m, const Settled& settled);

// A walk through time, piece by piece, for who wants to look at every change on the way.
class Walk {
  public:
    // `state` is settled; the walk begins at `state.settled_at`.
    Walk(const CompiledPolicy& policy, const Facts& facts, const State& state);
    // The same, with the rollup at `state.settled_at` at hand.
    Walk(
        const CompiledPolicy& policy,
        const Facts& facts,
        const Settled& settled,
        const Rollup& rollup
    )
        : policy_(policy), facts_(facts), settled_(settled), rollup_(rollup) {}

    // Moves to the next instant at which anything may change, at most to `to`.
    void next(Instant to);
    // Moves to `to`, to the same state as `next` again and again, in fewer steps: the risk's way through its
    // bands is asked at the end of each piece only, not when it passed from one to the next.
    void skip(Instant to);

    const State& state() const { return settled_.state; }
    const Settled& settled() const { return settled_; }
    Visible visible() const { return scoring::visible(settled_.state, facts_.tier_override); }
    const Rollup& rollup() const { return rollup_; }
    Moment moment() const { return {policy_, facts_, rollup_, state().settled_at}; }

    // The first instant in (settled_at, last] at which a continuous condition flips; kNever for none.
    // `last` lies before the piece's end.
    Instant first_crossing(Instant last) const;

  private:
    void settle(Instant at);

    const CompiledPolicy& policy_;
    const Facts& facts_;
    Settled settled_;  // what it knows beside the state holds to the end of the piece
    Rollup rollup_;
};

}  // namespace patron::scoring
