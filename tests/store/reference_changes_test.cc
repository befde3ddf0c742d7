// The brute force of changes, itself held against the other two readings of time.

#include "tests/support/reference_changes.h"

#include <cmath>

#include <gtest/gtest.h>

#include "scoring/transition.h"
#include "scoring/visible.h"
#include "tests/support/random_customer.h"
#include "tests/support/reference_scoring.h"
#include "tests/support/seed.h"
#include "tests/support/test_size.h"

namespace patron::store {
namespace {

using scoring::CompiledPolicy;
using scoring::CustomerMaker;
using scoring::Facts;
using scoring::kDayMs;
using scoring::kNever;
using scoring::State;

struct Scene {
    Scene(CustomerMaker& make, scoring::PolicyWishes wishes)
        : policy(make.policy(wishes))
        , made(make.customer(*policy))
        , facts(made.facts())
        , first(made.ledger.front().at)
        , last(scoring::plus_days(made.ledger.back().at, 150)) {}

    State start() const {
        const scoring::Rollup rollup = scoring::roll_up(*policy, facts, first);
        return scoring::step({*policy, facts, rollup, first}, scoring::first_state(first));
    }

    std::shared_ptr<const CompiledPolicy> policy;
    scoring::MadeCustomer made;
    Facts facts;
    Instant first;
    Instant last;
};

// The same by the fast walk, which looks at every piece.
SlowMove walked(const Scene& scene) {
    SlowMove out;
    scoring::Walk walk(*scene.policy, scene.facts, scene.start());
    while (walk.state().settled_at < scene.last) {
        const auto before = visible(walk.state(), scene.facts.tier_override);
        walk.next(scene.last);
        if (visible(walk.state(), scene.facts.tier_override) != before) {
            out.seen.push_back(walk.state());
        }
    }
    out.end = walk.state();
    return out;
}

std::string list(const std::vector<State>& states) {
    std::string out;
    for (const State& s : states) {
        out += " " + std::to_string(s.settled_at.ms);
    }
    return out;
}

TEST(ReferenceChanges, FindsWhatTheWalkFinds) {
    const std::uint64_t seed = test_seed(7'001);
    CustomerMaker make(seed);
    const std::size_t customers = test_customers(600);
    std::size_t transitions = 0;
    for (std::size_t i = 0; i < customers && !HasFailure(); ++i) {
        SCOPED_TRACE("customer " + std::to_string(i));
        const Scene scene(make, {.continuous = i % 3 == 1, .spend_only = i % 3 == 2});
        const SlowMove slow = move_slowly(*scene.policy, scene.facts, scene.start(), scene.last);
        const SlowMove fast = walked(scene);
        EXPECT_EQ(slow.seen, fast.seen) << list(slow.seen) << "\n" << list(fast.seen);
        EXPECT_EQ(slow.end, fast.end);
        transitions += slow.seen.size();
    }
    EXPECT_GT(transitions, customers);
}

// The other reference counts in wider arithmetic, so that instants may lie a little apart.
TEST(ReferenceChanges, FindsWhatTheTextbookFinds) {
    const std::uint64_t seed = test_seed(7'002);
    CustomerMaker make(seed);
    const std::size_t customers = test_customers(240);
    for (std::size_t i = 0; i < customers && !HasFailure(); ++i) {
        SCOPED_TRACE("customer " + std::to_string(i));
        Scene scene(make, {.spend_only = i % 2 == 1});
        scene.made.tier_override = {};
        scene.facts = scene.made.facts();
        const scoring::ReferenceCustomer textbook(*scene.policy, scene.facts);
        const SlowMove slow = move_slowly(*scene.policy, scene.facts, scene.start(), scene.last);
        State state = scene.start();
        for (const State& expected : slow.seen) {
            const Instant next = textbook.next_visible_change(state, scene.last);
            ASSERT_NE(next, kNever);
            ASSERT_LE(std::abs(next.ms - expected.settled_at.ms), 2);
            state = expected;
        }
        EXPECT_EQ(textbook.next_visible_change(state, scene.last), kNever);
    }
}

}  // namespace
}  // namespace patron::store
