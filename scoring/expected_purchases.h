#pragma once
// How many purchases to expect of a customer who is alive.
//
// Units      age and t in model units.
// Range      r, alpha, a, shape (the second Beta parameter given the history) as
//            purchase_params.h; 0 <= age, t <= kModelTimeMax. The result is >= 0 and finite.
// Accuracy   6e-14 relative on the golden vectors; series and quadrature agree to 4e-13 over
//            parameters in 1e-3 .. 1e3, x to 2000. The quadrature's rounding grows with a + shape.
// Errors     none at run time.
// Threads    pure.
// Cost       about 30 to 130 terms at horizons of weeks (0.2 to 1 us); quadrature 30 us.
// Source     the mixture over purchase rate and dropout chance summed by counts, in place of the
//            usual 2F1: every term is positive, so a = 1 and a + b <= 1 are ordinary points.

#include <cstdint>

namespace patron::scoring {

struct ExpectedPurchasesInput {
    double r = 0;
    double alpha = 0;
    double a = 0;
    double shape = 0;  // b + x (BG/NBD), b + x + 1 (MBG/NBD)
    std::uint32_t x = 0;
    double age = 0;
};

// E[purchases in (age, age + t] | alive at age]; takes the series, or the quadrature where it is
// long.
double expected_purchases_alive(const ExpectedPurchasesInput& in, double t);

// The two ways by themselves, so that tests can compare them. The series is for t > 0 and a few
// thousand terms; the quadrature for any t > 0.
double expected_purchases_series(const ExpectedPurchasesInput& in, double t);
double expected_purchases_quadrature(const ExpectedPurchasesInput& in, double t);

}  // namespace patron::scoring
