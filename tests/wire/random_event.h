#pragma once
// Random valid events of every type, and their text with everything JSON leaves
// free.
//
// Owns       strings of an event live in the batch it is made in.
// Threads    one owner at a time.

#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <string_view>

#include "scoring/currency.h"
#include "store/event.h"

namespace patron::wire {

using Random = std::mt19937_64;

// Below n.
inline std::uint64_t pick(Random& random, std::uint64_t n) {
    return random() % n;
}

// Appended to the batch; `at` and all instants lie in `range` ms around `now`.
void add_random_event(
    Random& random,
    store::EventBatch& batch,
    scoring::Instant now,
    std::span<const std::string_view> tiers
);

// The members of one flat JSON object (a line of write_event) in random order, with white space
// between the tokens and some letters of the strings escaped.
std::string respell(Random& random, std::string_view line);

}  // namespace patron::wire
