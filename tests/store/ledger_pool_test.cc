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

TEST(LedgerPool, ARunOfUpToEightHasNoRoomToSpareAndLongerOnesAThird) {
    for (std::uint32_t size = 1; size <= 3'000; ++size) {
        LedgerPool pool;
        pool.add(std::vector<LedgerEntry>(size, order_at(1)));
        const std::uint64_t room = pool.run_room();
        ASSERT_GE(room, size);
        ASSERT_LE(room - size, size <= 8 ? 0 : room / 3) << size;
    }
}

TEST(LedgerPool, PackedIntoReservedRoomWastesNoneWhateverTheSizes) {
    std::mt19937_64 random(test_seed(2'203));
    LedgerPool pool;
    std::vector<LedgerRef> refs(300);
    for (LedgerRef& ref : refs) {
        // Some longer than a slab, many that leave a large part of one.
        const std::uint64_t size = random() % 3 == 0 ? random() % 9'000 : random() % 1'700;
        for (std::uint64_t i = 0; i < size; ++i) {
            pool.insert(ref, order_at(static_cast<std::int64_t>(i)));
        }
    }
    LedgerPool packed;
    packed.reserve(pool.run_room());
    for (const LedgerRef ref : refs) {
        const LedgerRef moved = packed.add(pool.view(ref));
        ASSERT_TRUE(std::ranges::equal(packed.view(moved), pool.view(ref)));
    }
    EXPECT_EQ(packed.run_room(), pool.run_room());
    EXPECT_LT(packed.unused(), 4'096u);
}

TEST(LedgerPool, WhatALongRunLeavesIsRoomForShortOnes) {
    LedgerPool pool;
    const std::vector<LedgerEntry> longest(3'000, order_at(1));  // has room for 3,072
    std::vector<LedgerRef> refs;
    refs.push_back(pool.add(longest));
    refs.push_back(pool.add(longest));  // leaves 1,024 of the slab before
    const std::size_t before = pool.bytes();
    for (std::int64_t i = 0; i < 1'000; i += 100) {
        refs.push_back({});
        for (std::int64_t k = 0; k < 8; ++k) {
            pool.insert(refs.back(), order_at(i + k));
        }
    }
    refs.push_back(pool.add(std::vector<LedgerEntry>(1'024, order_at(2))));
    EXPECT_LT(pool.bytes(), before + 4'096);  // no slab, but lists of what is free
    for (std::size_t i = 2; i + 1 < refs.size(); ++i) {
        ASSERT_EQ(refs[i].size, 8u);
        ASSERT_EQ(pool.view(refs[i])[7], order_at(static_cast<std::int64_t>(i - 2) * 100 + 7));
    }
    EXPECT_TRUE(std::ranges::equal(pool.view(refs[0]), longest));
    EXPECT_TRUE(std::ranges::equal(pool.view(refs[1]), longest));
}

}  // namespace
}  // namespace patron::store
