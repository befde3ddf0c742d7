// Time that leaps, stands, goes back or passes while the store is down, beside the brute force of changes.

#include <filesystem>

#include <gtest/gtest.h>

#include "tests/support/changes_pair.h"
#include "tests/support/changes_setting.h"
#include "tests/support/seed.h"
#include "tests/support/test_size.h"

namespace patron::store {
namespace {

using scoring::kDayMs;
using scoring::kHourMs;
using scoring::OverrideKind;
using scoring::Visible;

EventBatch order_of(
    std::string_view customer, std::string_view id, Instant at, std::int64_t amount
) {
    EventBatch batch;
    add_event(batch, customer, id, at, Order{id, Money{amount}, {}, {}});
    return batch;
}

ChangesPair pair_with_a_past(EventMaker& maker, PolicyPtr policy, std::size_t partitions = 5) {
    ChangesPair pair(std::move(policy), options_before_the_past(partitions, 2));
    give_a_past(pair, maker);
    return pair;
}

TEST(ChangesTime, NinetyDaysOfSilenceInOneLeap) {
    const std::uint64_t seed = test_seed(8'501);
    const std::size_t customers = test_customers(800);
    for (std::uint64_t i = 0; i < 4 && !HasFailure(); ++i) {
        SCOPED_TRACE("policy " + std::to_string(i));
        const PolicyPtr policy = i == 0 ? compiled_test_policy() : random_policy(seed + i);
        EventMaker maker(seed + i, wishes_for(*policy, customers / 4 + 1));
        ChangesPair pair = pair_with_a_past(maker, policy);
        pair.run_clock_to(scoring::plus_days(pair.now(), 90));
        pair.expect_same_picture();
        pair.run_clock_to(scoring::plus_days(pair.now(), 800));
        pair.expect_same_picture();
    }
}

// Behind the farthest instant nothing is due and nothing is told twice.
TEST(ChangesTime, AClockThatGoesBackTellsNothing) {
    const std::uint64_t seed = test_seed(8'602);
    const PolicyPtr policy = random_policy(seed);
    EventMaker maker(seed, wishes_for(*policy, test_customers(120)));
    ChangesPair pair = pair_with_a_past(maker, policy);
    for (int i = 0; i < 60 && !HasFailure(); ++i) {
        pair.run_clock_to(scoring::plus_ms(pair.now(), random_step_ms(maker)));
        const Instant farthest = pair.now();
        for (Instant back = scoring::plus_ms(farthest, -maker.whole(1, 40 * kDayMs));
             back < farthest && !HasFailure();
             back = scoring::plus_ms(back, maker.whole(1, 20 * kDayMs))) {
            ASSERT_TRUE(pair.store().run_clock_to(back));
            pair.expect_same_changes();
        }
        pair.expect_same_picture();
    }
}

// They act as of what the clock says; once it has caught up, all is as if it had never gone back.
TEST(ChangesTime, EventsWhileTheClockIsBackEndWhereTheyShould) {
    const std::uint64_t seed = test_seed(8'603);
    const PolicyPtr policy = random_policy(seed);
    EventMaker maker(seed, wishes_for(*policy, 30));
    ChangesPair pair = pair_with_a_past(maker, policy);
    for (int i = 0; i < 80 && !HasFailure(); ++i) {
        pair.run_clock_to(scoring::plus_ms(pair.now(), random_step_ms(maker)));
        const Instant farthest = pair.now();
        const Instant back = scoring::plus_ms(farthest, -maker.whole(1, 10 * kDayMs));
        ASSERT_TRUE(pair.store().run_clock_to(back));
        EventBatch batch;
        maker.add(batch, 3, back);
        for (Event& event : batch.events) {
            event.at = std::min(event.at, back);
        }
        pair.submit(std::move(batch));
        pair.set_clock(scoring::plus_ms(farthest, maker.whole(1, kDayMs)));
        ASSERT_TRUE(pair.store().wait_for_time_and_wait(pair.now()));
        pair.expect_same_end();
        pair.expect_same_picture();
    }
}

// Who asks right after a leap may come before any timer: the answer is right, and nothing is lost or
// doubled by having been asked for.
TEST(ChangesTime, ReadsRightAfterALeapAreRight) {
    const std::uint64_t seed = test_seed(8'704);
    const PolicyPtr policy = random_policy(seed);
    EventMaker maker(seed, wishes_for(*policy, test_customers(160)));
    ChangesPair pair = pair_with_a_past(maker, policy);
    const auto& ids = maker.customers();
    for (int i = 0; i < 60 && !HasFailure(); ++i) {
        pair.set_clock(scoring::plus_ms(pair.now(), random_step_ms(maker)));
        for (int asked = 0; asked < 12; ++asked) {
            const auto& id = ids[static_cast<std::size_t>(maker.whole(0, std::ssize(ids) - 1))];
            const auto reading = asked % 3 == 0 && pair.reference().knows(id)
                                     ? pair.store().ask_and_wait(id).reading
                                     : pair.store().look(id);
            ASSERT_EQ(reading.has_value(), pair.reference().knows(id));
            if (reading) {
                const scoring::State& expected = pair.reference().state(id);
                EXPECT_TRUE(reading->standing.state.same_standing(expected)) << id;
                EXPECT_EQ(reading->standing.state.since, expected.since) << id;
            }
        }
        if (maker.chance(0.3)) {
            pair.store().scan_and_wait(scoring::plus_days(pair.now(), maker.whole(0, 60)));
        }
        pair.run_clock_to(pair.now());
    }
    pair.expect_same_picture();
}

TEST(ChangesTime, AnOverrideBeginsAndEndsAtItsInstants) {
    ChangesPair pair(compiled_test_policy(), TestStoreOptions{});
    pair.submit(order_of("a", "1", kTestNow, 200'00));
    pair.expect_same_changes();
    const Instant until = scoring::plus_ms(kTestNow, 10 * kDayMs + 17);
    EventBatch batch;
    auto pin = std::make_unique<Override>();
    pin->mode = OverrideMode::Pin;
    pin->tier = "gold";
    pin->until = until;
    add_event(batch, "a", "2", kTestNow, std::move(pin));
    std::uint64_t cursor = pair.store()->changes().head();
    pair.submit(std::move(batch));
    const auto begun = pair.store().changes_after(cursor);
    ASSERT_TRUE(begun && begun->size() == 1);
    EXPECT_EQ(begun->front().cause, Cause::Override);
    EXPECT_EQ(begun->front().at, kTestNow);
    EXPECT_EQ(begun->front().to->tier, 2);
    EXPECT_EQ(begun->front().to->tier_by_rules, 1);
    EXPECT_EQ(begun->front().to->override_kind, OverrideKind::Pin);
    pair.run_clock_to(Instant{until.ms - 1});
    ASSERT_TRUE(pair.store().changes_after(cursor)->empty());
    pair.run_clock_to(until);
    const auto ended = pair.store().changes_after(cursor);
    ASSERT_TRUE(ended && ended->size() == 1);
    EXPECT_EQ(ended->front().cause, Cause::Time);
    EXPECT_EQ(ended->front().at, until);
    EXPECT_EQ(ended->front().to->tier, 1);
    EXPECT_EQ(ended->front().to->override_kind, OverrideKind::None);
    EXPECT_EQ(ended->front().to->override_tier, 0);
    pair.expect_same_picture();
}

// A pin to the tier that the rules give anyway is seen by its override alone.
TEST(ChangesTime, AnOverrideThatChangesNoTierIsToldToo) {
    ChangesPair pair(compiled_test_policy(), TestStoreOptions{});
    pair.submit(order_of("a", "1", kTestNow, 200'00));
    const Instant until = scoring::plus_ms(kTestNow, 3 * kHourMs);
    EventBatch batch;
    auto floor = std::make_unique<Override>();
    floor->mode = OverrideMode::Floor;
    floor->tier = "silver";
    floor->until = until;
    add_event(batch, "a", "2", kTestNow, std::move(floor));
    std::uint64_t cursor = pair.store()->changes().head();
    pair.submit(std::move(batch));
    pair.expect_same_changes();
    pair.run_clock_to(until);
    const auto told = pair.store().changes_after(cursor);
    ASSERT_TRUE(told && told->size() == 2);
    EXPECT_EQ(told->back().at, until);
    EXPECT_EQ(told->back().from->tier, told->back().to->tier);
}

TEST(ChangesTime, CreationAndErasureInOneBatch) {
    ChangesPair pair(compiled_test_policy(), TestStoreOptions{});
    pair.submit(order_of("stays", "1", kTestNow, 200'00));
    EventBatch batch = order_of("goes", "2", kTestNow, 200'00);
    add_event(batch, "goes", "3", kTestNow, Erase{});
    add_event(batch, "nobody", "4", kTestNow, Erase{});
    pair.submit(std::move(batch));
    pair.expect_same_changes();
    pair.expect_same_picture();
    // And the other way round: who goes comes back, as somebody new.
    EventBatch again;
    add_event(again, "stays", "5", kTestNow, Erase{});
    add_event(again, "stays", "6", kTestNow, Order{"6", Money{900'00}, {}, {}});
    pair.submit(std::move(again));
    pair.expect_same_changes();
    pair.expect_same_picture();
    pair.run_clock_to(scoring::plus_days(kTestNow, 700));
    pair.expect_same_picture();
}

// As every event, it acts at the newest event of its customer at the earliest.
TEST(ChangesTime, AnErasureThatComesLateIsToldBehindWhatItEnds) {
    ChangesPair pair(compiled_test_policy(), TestStoreOptions{});
    pair.submit(order_of("a", "1", kTestNow, 200'00));
    EventBatch batch;
    add_event(batch, "a", {}, scoring::plus_days(kTestNow, -10), Erase{});
    pair.submit(std::move(batch));
    pair.expect_same_changes();
}

// The row of somebody erased is somebody else's; the old one's alarms are not the new one's.
TEST(ChangesTime, NothingIsToldOfTheErased) {
    ChangesPair pair(compiled_test_policy(), TestStoreOptions{.partitions = 1});
    for (int i = 0; i < 40; ++i) {
        const std::string old = "old" + std::to_string(i);
        const std::string young = "young" + std::to_string(i);
        pair.submit(order_of(old, old, pair.now(), 600'00));
        pair.expect_same_changes();
        pair.run_clock_to(scoring::plus_days(pair.now(), 11));
        EventBatch batch;
        add_event(batch, old, {}, pair.now(), Erase{});
        pair.submit(std::move(batch));
        pair.submit(order_of(young, young, pair.now(), 50'00));
        pair.expect_same_changes();
        pair.run_clock_to(scoring::plus_days(pair.now(), 23));
    }
    pair.run_clock_to(scoring::plus_days(pair.now(), 400));
    pair.expect_same_picture();
}

TEST(ChangesTime, AStormOfAllCustomersInOneMillisecond) {
    const std::size_t customers = test_customers(20'000);
    TestStore store({.partitions = 7, .threads = 2});
    constexpr std::size_t kAtATime = 5'000;
    for (std::size_t begin = 0; begin < customers; begin += kAtATime) {
        EventBatch batch;
        for (std::size_t i = begin; i < std::min(customers, begin + kAtATime); ++i) {
            const std::string id = "c" + std::to_string(i);
            add_event(batch, id, id, kTestNow, Order{id, Money{200'00}, {}, {}});
        }
        ASSERT_TRUE(store.submit_and_wait(std::move(batch)).has_value());
    }
    ReferenceChanges reference(compiled_test_policy(), kTestNow);
    reference.submit(order_of("c0", "c0", kTestNow, 200'00));
    const auto coming = reference.future("c0", scoring::plus_days(kTestNow, 90));
    ASSERT_GE(coming.size(), 3u);
    std::uint64_t cursor = store->changes().head();
    EXPECT_EQ(cursor, customers);
    for (const FutureTransition& next : coming) {
        ASSERT_TRUE(store.run_clock_to(Instant{next.at.ms - 1}));
        ASSERT_TRUE(store.changes_after(cursor)->empty());
        ASSERT_TRUE(store.run_clock_to(next.at));
        const auto told = store.changes_after(cursor);
        ASSERT_TRUE(told.has_value());
        ASSERT_EQ(told->size(), customers);
        std::vector<bool> seen(customers);
        for (const Change& change : *told) {
            ASSERT_EQ(change.at, next.at);
            ASSERT_TRUE(change.from == next.from && change.to == next.to) << describe(change);
            const std::size_t i = std::stoul(change.id.substr(1));
            ASSERT_FALSE(seen[i]) << "told twice: " << change.id;
            seen[i] = true;
        }
    }
    const LiveCounts counts = store.count_and_wait();
    EXPECT_EQ(counts.customers, customers);
    EXPECT_EQ(counts.stages[static_cast<std::size_t>(coming.back().to.stage)], customers);
}

}  // namespace
}  // namespace patron::store
