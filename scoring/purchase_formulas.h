#pragma once
// The arithmetic that MBG/NBD and BG/NBD share, row by row: one source for the single read and for
// every vector width, so that all of them return the same bits.
//
// Shapes     `rho` is r + x; `habit` is ln a - ln(b + x - 1) for BG/NBD, ln a - ln(b + x) for
//            MBG/NBD, and -inf where a customer cannot have left yet.
// Units      times in model units.
// Range      as purchase_params.h; 0 <= horizon <= kModelTimeMax.
// Accuracy   sums of logarithms with vm:: functions: a few ulp of the largest term.
// Threads    pure.
// Source     Fader, Hardie, Lee (2005) and Batislam, Denizel, Filiztekin (2007), in logarithms:
//            D = habit + rho log1p((age - t_x) / (alpha + t_x)).

#include <cmath>

#include "scoring/vector_math.h"

namespace patron::scoring::purchase_formulas {

// ln(P(left) / P(alive)). The one-logarithm form keeps its digits where age is close to t_x.
inline double log_odds_death(double habit, double rho, double alpha, double t_x, double age) {
    return habit + rho * vm::log1p((age - t_x) / (alpha + t_x));
}

inline double p_alive(double log_odds_death) {
    return vm::sigmoid(-log_odds_death);
}

// -ln P(no purchase within the horizon | alive).
inline double quiet_exponent(double rho, double alpha, double age, double horizon) {
    return rho * vm::log1p(horizon / (alpha + age));
}

// P(a purchase within the horizon | alive). Subtracting from zero keeps a horizon of 0 at +0.
inline double p_any_if_alive(double quiet_exponent) {
    return 0.0 - vm::expm1(-quiet_exponent);
}

inline double p_any(double log_odds_death, double quiet_exponent) {
    return p_alive(log_odds_death) * p_any_if_alive(quiet_exponent);
}

// logit(1 - P_any) = ln((e^-u + e^D) / (1 - e^-u)): neither probability is formed, so neither end
// loses its digits, and the value grows with age as both -u and D do.
inline double no_purchase_logit(double log_odds_death, double quiet_exponent) {
    const double quiet = -quiet_exponent;
    const double larger = log_odds_death > quiet ? log_odds_death : quiet;
    const double gap = vm::exp(-std::fabs(log_odds_death - quiet));
    return larger + vm::log((1.0 + gap) / p_any_if_alive(quiet_exponent));
}

// The age at which log_odds_death reaches -logit(theta); t_x where it already has at t_x.
inline double age_at_p_alive(
    double habit, double rho, double alpha, double t_x, double theta_logit
) {
    const double growth = (-habit - theta_logit) / rho;
    return growth > 0.0 ? t_x + (alpha + t_x) * vm::expm1(growth) : t_x;
}

}  // namespace patron::scoring::purchase_formulas
