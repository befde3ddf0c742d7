// The feed of a store that ends and comes back: what it told before and what it tells after are together
// what a store tells that never ends.

#include <filesystem>

#include <gtest/gtest.h>

#include "tests/support/changes_pair.h"
#include "tests/support/changes_setting.h"
#include "tests/support/picture_listener.h"
#include "tests/support/seed.h"
#include "tests/support/test_size.h"

namespace patron::store {
namespace {

namespace fs = std::filesystem;
using scoring::kDayMs;

class ChangesRestart : public testing::Test {
  protected:
    ChangesPair::Make maker_of(PolicyPtr policy, EventMaker& dice) {
        return [this, policy, &dice](Instant now) {
            TestStoreOptions o;
            o.policy = policy;
            o.directory = path();
            o.partitions = 5;
            o.threads = static_cast<std::size_t>(dice.whole(1, 3));
            o.now = now;
            return std::make_unique<TestStore>(std::move(o));
        };
    }
    ChangesPair pair_of(PolicyPtr policy, EventMaker& dice) {
        ChangesPair pair(policy, maker_of(policy, dice), options_before_the_past(1, 1).now);
        give_a_past(pair, dice);
        return pair;
    }
    std::string path() const { return directory_.path() + "/live"; }

    TemporaryDirectory directory_;
};

TEST_F(ChangesRestart, WhatCameDueDuringAStopOfThirtyDaysIsToldOnceAtItsInstants) {
    const std::uint64_t seed = test_seed(8'801);
    const PolicyPtr policy = compiled_test_policy();
    EventMaker maker(seed, wishes_for(*policy, test_customers(400)));
    ChangesPair pair = pair_of(policy, maker);
    pair.restart(30 * kDayMs);
    pair.run_clock_to(pair.now());
    pair.expect_same_picture();
    // At once again: nothing is left to tell.
    pair.restart(0);
    pair.run_clock_to(pair.now());
    EXPECT_EQ(pair.store()->changes().head(), 0u);
    pair.expect_same_picture();
}

TEST_F(ChangesRestart, EveryStartHasAnEpochOfItsOwn) {
    EventMaker maker(1, wishes_for(*compiled_test_policy(), 3));
    const auto make = maker_of(compiled_test_policy(), maker);
    std::vector<std::uint64_t> epochs;
    for (int i = 0; i < 3; ++i) {
        epochs.push_back((*make(kTestNow))->changes().epoch());
    }
    EXPECT_NE(epochs[0], epochs[1]);
    EXPECT_NE(epochs[1], epochs[2]);
    EXPECT_NE(epochs[0], epochs[2]);
}

// Events, silence, stops of no time at all up to months, snapshots at odd moments; sometimes the end comes
// before what an event or a leap has changed is told, sometimes an event is the first thing a new start sees.
TEST_F(ChangesRestart, RestartsAreNotSeenInTheUnion) {
    const std::uint64_t seed = test_seed(8'802);
    const PolicyPtr policy = random_policy(seed);
    EventMaker maker(seed, wishes_for(*policy, test_customers(96)));
    ChangesPair pair = pair_of(policy, maker);
    for (int round = 0; round < 80 && !HasFailure(); ++round) {
        SCOPED_TRACE("round " + std::to_string(round));
        for (int event = 0; event < 3; ++event) {
            EventBatch batch;
            maker.add(batch, 1, pair.now());
            pair.submit(std::move(batch));
            if (maker.chance(0.7)) {
                pair.run_clock_to(pair.now());
            }
        }
        if (maker.chance(0.3)) {
            ASSERT_TRUE(pair.store().snapshot_and_wait().has_value());
        }
        if (maker.chance(0.6)) {
            // What a late event came to is told as of the clock that the store then finds.
            ASSERT_TRUE(pair.store().wait_for_time_and_wait(pair.now()));
            pair.set_clock(scoring::plus_ms(pair.now(), random_step_ms(maker)));
        }
        if (maker.chance(0.4)) {
            pair.restart(maker.chance(0.3) ? maker.whole(0, 2'000) : maker.whole(0, 60 * kDayMs));
        }
        if (maker.chance(0.5)) {
            pair.run_clock_to(pair.now());
        }
    }
    pair.run_clock_to(pair.now());
    pair.expect_same_picture();
}

// They are told a little after they were accepted; an end in between must not swallow them.
TEST_F(ChangesRestart, WhatLateEventsChangedIsToldThoughTheStoreEndsAtOnce) {
    const PolicyPtr policy = compiled_test_policy();
    EventMaker dice(1, wishes_for(*policy, 1));
    ChangesPair pair(policy, maker_of(policy, dice), kTestNow);
    const std::size_t customers = test_customers(4'000);
    const auto orders_at = [customers](std::string_view mark, Instant at) {
        EventBatch batch;
        for (std::size_t i = 0; i < customers; ++i) {
            const std::string who = "c" + std::to_string(i);
            const std::string id = std::string(mark) + std::to_string(i);
            add_event(batch, who, id, at, Order{id, Money{150'00}, {}, {}});
        }
        return batch;
    };
    pair.submit(orders_at("first", kTestNow));
    pair.run_clock_to(scoring::plus_days(kTestNow, 200));
    pair.submit(orders_at("late", scoring::plus_days(kTestNow, 100)));
    pair.restart(0);
    pair.expect_same_changes();
    pair.expect_same_picture();
}

// The end comes while what fell due in a leap is being told; the rest is told by the next store, or the one
// after it.
TEST_F(ChangesRestart, EndedInTheMiddleOfABacklogTheRestIsToldAfterwards) {
    const std::uint64_t seed = test_seed(8'805);
    const PolicyPtr policy = random_policy(seed);
    EventMaker maker(seed, wishes_for(*policy, test_customers(400)));
    ChangesPair pair = pair_of(policy, maker);
    for (int round = 0; round < 6 && !HasFailure(); ++round) {
        SCOPED_TRACE("round " + std::to_string(round));
        pair.set_clock(scoring::plus_days(pair.now(), 90));
        pair.store().wait_for_time_and_wait(
            scoring::plus_days(pair.now(), -static_cast<int>(maker.whole(10, 89)))
        );
        for (std::int64_t again = maker.whole(1, 3); again > 0; --again) {
            pair.restart(maker.whole(0, 1'000));
        }
        pair.run_clock_to(pair.now());
        pair.expect_same_picture();
    }
}

// Whatever of one customer was told before the end and what is told after it, in one row: nothing is missing,
// and what is told twice is the same both times.
void expect_covered(
    const std::vector<ExpectedChange>& expected,
    const std::vector<Change>& before,
    const std::vector<Change>& after,
    std::size_t& doubles
) {
    std::map<std::string, std::vector<const ExpectedChange*>> wanted;
    std::map<std::string, std::pair<std::vector<const Change*>, std::vector<const Change*>>> told;
    for (const ExpectedChange& c : expected) {
        wanted[c.id].push_back(&c);
    }
    for (const Change& c : before) {
        told[c.id].first.push_back(&c);
    }
    for (const Change& c : after) {
        told[c.id].second.push_back(&c);
    }
    for (auto& [id, list] : told) {
        const auto& want = wanted[id];
        const auto& [first, second] = list;
        ASSERT_LE(first.size(), want.size()) << id;
        ASSERT_LE(second.size(), want.size()) << id;
        for (std::size_t i = 0; i < first.size(); ++i) {
            ASSERT_TRUE(same_change(*first[i], *want[i])) << id << "\n" << describe(*first[i]);
        }
        const std::size_t skipped = want.size() - second.size();
        for (std::size_t i = 0; i < second.size(); ++i) {
            ASSERT_TRUE(same_change(*second[i], *want[skipped + i]))
                << id << "\n"
                << describe(*second[i]) << "\n"
                << describe(*want[skipped + i]);
        }
        ASSERT_LE(skipped, first.size()) << id << " was not told all";
        doubles += first.size() - skipped;
    }
    for (const auto& [id, want] : wanted) {
        ASSERT_TRUE(want.empty() || told.contains(id)) << id << " was told nothing";
    }
}

// The disk as it was before a leap of the clock; the end comes while what fell due on the way is being told.
TEST_F(ChangesRestart, KilledInTheMiddleOfABacklogNothingIsMissing) {
    const std::uint64_t seed = test_seed(8'803);
    const PolicyPtr policy = random_policy(seed);
    EventMaker maker(seed, wishes_for(*policy, test_customers(400)));
    ChangesPair pair = pair_of(policy, maker);
    const std::string killed = directory_.path() + "/killed";
    fs::copy(path(), killed, fs::copy_options::recursive);
    TestStore& store = pair.store();
    std::uint64_t cursor = store->changes().head();
    const Instant leap = scoring::plus_days(pair.now(), 45);
    pair.set_clock(leap);
    ASSERT_TRUE(store.wait_for_time_and_wait(scoring::plus_days(leap, -30)));
    auto before = store.changes_after(cursor);
    ASSERT_TRUE(before.has_value());
    const std::vector<ExpectedChange> expected = pair.reference().take();
    ASSERT_FALSE(expected.empty());

    TestStoreOptions o;
    o.policy = policy;
    o.directory = killed;
    o.partitions = 5;
    o.now = leap;
    TestStore again(std::move(o));
    ASSERT_TRUE(again.wait_for_time_and_wait(leap));
    std::uint64_t from_zero = 0;
    const auto after = again.changes_after(from_zero);
    ASSERT_TRUE(after.has_value());
    std::size_t doubles = 0;
    expect_covered(expected, *before, *after, doubles);
    std::printf("[ COMPARED ] %zu changes, %zu told twice\n", expected.size(), doubles);
    const auto picture = pair.reference().picture();
    const auto rows = again.whole_picture_and_wait();
    ASSERT_EQ(rows.size(), picture.size());
    for (const PictureRow& row : rows) {
        EXPECT_TRUE(row.visible == picture.at(row.id)) << row.id;
    }
}

// A reader that asks for the picture before the store has caught up gets what was said last; with the
// changes behind its offset that is the picture of the end.
TEST_F(ChangesRestart, APictureRightAfterTheStartGoesWithTheFeed) {
    const std::uint64_t seed = test_seed(8'804);
    const PolicyPtr policy = compiled_test_policy();
    EventMaker maker(seed, wishes_for(*policy, test_customers(400)));
    ChangesPair pair = pair_of(policy, maker);
    pair.restart(60 * kDayMs);
    PictureListener listener(pair.store());
    while (!listener.complete()) {
        listener.pull_page(64);
    }
    ASSERT_TRUE(pair.store().wait_for_time_and_wait(pair.now()));
    listener.pull_changes();
    EXPECT_EQ(listener.flaw(), "");
    EXPECT_TRUE(listener.held() == pair.reference().picture());
    pair.expect_same_changes();
}

}  // namespace
}  // namespace patron::store
