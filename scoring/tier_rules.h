#pragma once
// Tier rules at an instant: does a rule hold, which tier do the rules give, what is missing.
//
// Range      tiers by index, 0 the lowest; 0 always holds.
// Choices    an unknown value (NaN) makes its comparison false; >= and <= hold at the boundary.
// Threads    pure.

#include <cstdint>
#include <optional>

#include "scoring/moment.h"

namespace patron::scoring {

bool holds(const Atom& atom, double value);
bool holds(const Rule& rule, const Moment& moment);

// The highest tier whose `enter` holds.
std::uint8_t entered_tier(const Moment& moment);
// Whether a tier already held is retained: its `keep`, or its `enter`, holds.
bool retained(const Moment& moment, std::uint8_t tier);

// The smallest change of one demanded feature that makes a rule hold; nothing where it holds already or
// no single feature can do it.
struct Gap {
    Feature feature;
    double missing = 0;  // in the feature's unit, > 0
};
std::optional<Gap> gap_to(const Rule& rule, const Moment& moment);
// To hold tier `tier`: the smaller of what its `keep` and its `enter` ask.
std::optional<Gap> gap_to_retain(const Moment& moment, std::uint8_t tier);

}  // namespace patron::scoring
