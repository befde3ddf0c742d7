#include "store/ledger_pool.h"

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

#include "tests/support/seed.h"

namespace patron::store {
namespace {

using scoring::EntryKind;
using scoring::LedgerEntry;
using scoring::make_entry;

LedgerEntry order_at(std::int64_t ms) {
    return make_entry(EntryKind::Order, {ms}, ms, 1);
}

TEST(LedgerPool, ShowsNothingForACustomerWithoutEntries) {
    const LedgerPool pool;
    EXPECT_TRUE(pool.view({}).empty());
    pool.prefetch({});
}

TEST(LedgerPool, SortsWhateverOrderEntriesComeIn) {
    LedgerPool pool;
    LedgerRef ref;
    for (const std::int64_t at : {5, 1, 9, 1, 7, 3}) {
        pool.insert(ref, order_at(at));
    }
    std::vector<std::int64_t> instants;
    for (const LedgerEntry& entry : pool.view(ref)) {
        instants.push_back(entry.at.ms);
    }
    EXPECT_EQ(instants, (std::vector<std::int64_t>{1, 1, 3, 5, 7, 9}));
}

TEST(LedgerPool, KeepsOneRunThroughEverySizeClass) {
    LedgerPool pool;
    LedgerRef grown;
    LedgerRef neighbour;
    for (std::int64_t i = 0; i < 20'000; ++i) {
        pool.insert(grown, order_at(i));
        if (i % 500 == 0) {
            pool.insert(neighbour, order_at(-i));
        }
    }
    ASSERT_EQ(grown.size, 20'000u);
    const scoring::Ledger view = pool.view(grown);
    for (std::int64_t i = 0; i < 20'000; ++i) {
        ASSERT_EQ(view[static_cast<std::size_t>(i)], order_at(i));
    }
    EXPECT_EQ(pool.view(neighbour).size(), 40u);
    EXPECT_EQ(pool.size(), 20'040u);
}

TEST(LedgerPool, LeavesNothingBehindOfWhatWasReleased) {
    LedgerPool pool;
    LedgerRef ref;
    for (std::int64_t i = 1; i <= 6; ++i) {
        pool.insert(ref, order_at(i));
    }
    const scoring::Ledger was = pool.view(ref);
    pool.release(ref);
    EXPECT_EQ(ref.size, 0u);
    EXPECT_EQ(pool.size(), 0u);
    EXPECT_TRUE(std::all_of(was.begin(), was.end(), [](const LedgerEntry& entry) {
        return entry == LedgerEntry{};
    }));
}

TEST(LedgerPool, UsesReleasedRoomAgain) {
    LedgerPool pool;
    for (int round = 0; round < 1'000; ++round) {
        LedgerRef ref;
        for (std::int64_t i = 0; i < 100; ++i) {
            pool.insert(ref, order_at(i));
        }
        pool.release(ref);
    }
    EXPECT_LT(pool.bytes(), 300u * 1024);
}

TEST(LedgerPool, AgreesWithSortedVectorsForManyCustomers) {
    std::mt19937_64 random(test_seed(2'202));
    LedgerPool pool;
    std::vector<LedgerRef> refs(60);
    std::vector<std::vector<LedgerEntry>> reference(refs.size());
    for (int step = 0; step < 30'000; ++step) {
        const std::size_t who = random() % refs.size();
        if (random() % 300 == 0) {
            pool.release(refs[who]);
            reference[who].clear();
            continue;
        }
        const LedgerEntry entry = make_entry(
            static_cast<EntryKind>(random() % 5),
            {static_cast<std::int64_t>(random() % 1'000)},
            static_cast<std::int64_t>(random() % 3),
            random() % 3
        );
        pool.insert(refs[who], entry);
        reference[who].push_back(entry);
    }
    std::size_t all = 0;
    for (std::size_t who = 0; who < refs.size(); ++who) {
        std::sort(reference[who].begin(), reference[who].end());
        const scoring::Ledger view = pool.view(refs[who]);
        EXPECT_TRUE(
            std::equal(view.begin(), view.end(), reference[who].begin(), reference[who].end())
        ) << who;
        all += view.size();
    }
    EXPECT_EQ(pool.size(), all);
}

TEST(LedgerPool, PackedAnewHoldsTheSameInNoMoreRoomThanItsClasses) {
    LedgerPool pool;
    std::vector<LedgerRef> refs(3'000);
    for (std::int64_t i = 0; i < 9'000; ++i) {
        pool.insert(refs[static_cast<std::size_t>(i % 3'000)], order_at(i));
    }
    EXPECT_GE(pool.unused(), 3'000u * 3);  // the runs of one and two that each outgrew
    LedgerPool packed;
    for (const LedgerRef ref : refs) {
        const LedgerRef moved = packed.add(pool.view(ref));
        EXPECT_TRUE(std::ranges::equal(packed.view(moved), pool.view(ref)));
    }
    EXPECT_EQ(packed.size(), 9'000u);
    EXPECT_LT(packed.unused(), 4'096u);
    EXPECT_TRUE(packed.view(packed.add({})).empty());
}

}  // namespace
}  // namespace patron::store
