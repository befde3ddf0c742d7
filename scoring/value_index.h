#pragma once
// Points of one dimension: piecewise linear through the policy's breakpoints, flat beyond the ends.
//
// Range      points lie between the smallest and largest points of `norm`.
// Threads    pure.

#include <span>

#include "scoring/policy.h"

namespace patron::scoring {

// `norm` has at least one breakpoint, ascending in `at`; an unknown value (NaN) gives the least points.
double points(std::span<const Breakpoint> norm, double value);

}  // namespace patron::scoring
