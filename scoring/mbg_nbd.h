#pragma once
// MBG/NBD for one customer: alive or gone, and whether a purchase comes within a horizon.
//
// Units      times in model units of the parameters.
// Range      `params` and `history` are valid (purchase_params.h), 0 <= horizon <= kModelTimeMax,
//            0 < theta < 1. Probabilities lie in [0, 1]; nothing is NaN.
// Accuracy   5e-14 relative on the golden vectors, edges included; in general a
//            few ulp of (r + x) times its logarithm.
// Errors     none at run time.
// Threads    pure.
// Source     Batislam, Denizel, Filiztekin (2007).

#include "scoring/purchase_params.h"

namespace patron::scoring::mbg_nbd {

// ln a - ln(b + x): the log odds of having left right after the last purchase.
double log_habit(const PurchaseParams& params, std::uint32_t x);

// ln(P(left) / P(alive)) at `history.age`.
double log_odds_death(const PurchaseParams& params, const PurchaseHistory& history);

double p_alive(const PurchaseParams& params, const PurchaseHistory& history);

// The chance of at least one purchase in (age, age + horizon].
double p_any(const PurchaseParams& params, const PurchaseHistory& history, double horizon);

// logit(1 - p_any), exact at both ends; grows with age. +inf for a horizon of 0.
double no_purchase_logit(
    const PurchaseParams& params, const PurchaseHistory& history, double horizon
);

// The age at which p_alive falls to `theta` without a purchase; t_x where it starts below.
double age_at_p_alive(const PurchaseParams& params, const PurchaseHistory& history, double theta);

// Second parameter of the Beta law of leaving, given the history and being alive.
double survival_shape(const PurchaseParams& params, std::uint32_t x);

}  // namespace patron::scoring::mbg_nbd
