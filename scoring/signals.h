#pragma once
// The signals of churn risk: what the purchase model does not see, each a number in [-1, 1].
//
// Range      negative soothes (a promoter); NaN is unknown and counts as 0.
// Time       every signal moves in steps only: at the rollup's, and follow_up_overdue by whole days, so
//            that between steps churn risk can only rise.
// Threads    pure.
// Source     semantics names them; the shapes are ours:
//   complaint          min(1, complaint_load)
//   open_ticket        1/4 while one is open, rising by whole days to 1 at 14 days
//   slow_response      (first_response_hours - target) / (3 target), cut to [0, 1]
//   detractor          nps 0..6: 1 down to 1/7; 7, 8: 0; 9: -1/2; 10: -1
//   dissatisfied       (3 - csat_last) / 2
//   bad_review         (3 - rating) / 2
//   returns            return rate of the longest window / 0.5, cut to 1
//   activity_drop      1 - activity / its value at the newest visit, for who had at least 2
//   spend_drop         1 - daily spend of the middle window / of the longest, once that is full
//   follow_up_overdue  whole days past last follow-up + the tier's cadence, in cadences, cut to 1
//   untrained          1 while a training was begun and none completed, else 0

#include <array>

#include "scoring/moment.h"

namespace patron::scoring {

struct SignalValues {
    std::array<double, kSignals> value;
    Instant next_step = kNever;  // of follow_up_overdue; the others step with the rollup
};

// The service tier decides the cadence that follow_up_overdue measures.
struct SignalContext {
    std::uint8_t tier = 0;
};

SignalValues signal_values(const Moment& moment, SignalContext context);

// Sum of weight x signal in the order of the enum: the log-odds on top of the purchase model.
double signals_logit(const Policy& policy, const SignalValues& signals);

}  // namespace patron::scoring
