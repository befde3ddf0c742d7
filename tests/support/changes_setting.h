#pragma once
// What the tests of changes have in common: populations with a past, steps of the clock, events alone.
//
// Threads    one thread.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "scoring/compiled_policy.h"
#include "tests/support/changes_pair.h"
#include "tests/support/random_events.h"

namespace patron::store {

using PolicyPtr = std::shared_ptr<const scoring::CompiledPolicy>;

PolicyPtr random_policy(std::uint64_t seed);

EventWishes wishes_for(const scoring::CompiledPolicy& policy, std::size_t customers);

// A store in memory whose clock stands at the beginning of the population's past.
TestStoreOptions options_before_the_past(std::size_t partitions, std::size_t threads);

// Events of about half a year, some of them late, with the clock running along; compared at the end.
// `money_factor` makes orders as large as the policy's thresholds are.
void give_a_past(ChangesPair& pair, EventMaker& maker, std::int64_t money_factor = 1);

// Milliseconds to weeks.
std::int64_t random_step_ms(EventMaker& dice);

// The clock forward by about `days`, in random steps; to the millisecond before a transition, to it, and
// to the one behind it, here and there.
void run_quiet_days(ChangesPair& pair, EventMaker& dice, int days);

void scale_money(EventBatch& batch, std::int64_t factor);

}  // namespace patron::store
