#pragma once
// The stage of a customer's life: a pure function of facts, band and now; first match, strongest first.
//
// Choices    order: prospect, churned, dormant, won_back, new, at_risk, active. A silence limit holds
//            from its first millisecond (silence >= limit). Between churned and a comeback the limit's
//            `days` decide what was a churned silence.
// Threads    pure.
// Source     semantics: lifecycle.

#include "scoring/moment.h"

namespace patron::scoring {

Stage stage_at(const Moment& moment, Band band);

// The earliest instant after `moment.now` at which a time limit of the lifecycle is reached, were
// nothing else to change; limits given as a probability are not in it.
Instant next_stage_limit(const Moment& moment);

}  // namespace patron::scoring
