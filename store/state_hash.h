#pragma once
// One number for all facts and one for all states: equal stores have equal numbers.
//
// Order      the sum over customers does not depend on their order, nor on threads or batching. Facts
//            agree for equal sets of events in any order of arrival, states (and decayed sums, whose
//            rounding follows the order) for equal sequences per customer.
// Threads    pure.

#include <cstdint>
#include <string_view>

#include "scoring/facts.h"
#include "scoring/state.h"

namespace patron::store {

// `attributes` is CustomerAttributes::hash or 0.
std::uint64_t facts_hash(std::string_view id, scoring::Ledger ledger, std::uint64_t attributes);
std::uint64_t state_hash(
    std::string_view id, const scoring::State& log_state, const scoring::Activity& activity
);

}  // namespace patron::store
