#include "store/state_hash.h"

#include <algorithm>
#include <functional>
#include <vector>

#include <gtest/gtest.h>

namespace patron::store {
namespace {

using scoring::State;

TEST(StateHash, EveryPartOfTheStateCounts) {
    const std::vector<std::function<void(State&)>> changes{
        [](State& s) { s.tier_by_rules = 1; },
        [](State& s) { s.tier = 1; },
        [](State& s) { s.band = scoring::Band::High; },
        [](State& s) { s.stage = scoring::Stage::Churned; },
        [](State& s) { s.follow_up = scoring::FollowUpState::Due; },
        [](State& s) { s.settled_at = {1}; },
        [](State& s) { s.since = {1}; },
        [](State& s) { s.grace_until = {1}; },
    };
    const std::uint64_t plain = state_hash("a", {}, {});
    std::vector<std::uint64_t> hashes{plain, state_hash("b", {}, {}), state_hash("a", {}, {1, 2})};
    for (const auto& change : changes) {
        State changed;
        change(changed);
        hashes.push_back(state_hash("a", changed, {}));
    }
    std::sort(hashes.begin(), hashes.end());
    EXPECT_EQ(std::adjacent_find(hashes.begin(), hashes.end()), hashes.end());
    EXPECT_EQ(state_hash("a", {}, {}), plain);
}

TEST(FactsHash, CountsTheIdTheEntriesAndTheAttributes) {
    const std::vector<scoring::LedgerEntry> one{
        scoring::make_entry(scoring::EntryKind::Order, {1}, 5)
    };
    const std::vector<scoring::LedgerEntry> other{
        scoring::make_entry(scoring::EntryKind::Order, {1}, 6)
    };
    const std::uint64_t plain = facts_hash("a", one, 0);
    EXPECT_EQ(facts_hash("a", one, 0), plain);
    EXPECT_NE(facts_hash("b", one, 0), plain);
    EXPECT_NE(facts_hash("a", other, 0), plain);
    EXPECT_NE(facts_hash("a", {}, 0), plain);
    EXPECT_NE(facts_hash("a", one, 1), plain);
}

}  // namespace
}  // namespace patron::store
