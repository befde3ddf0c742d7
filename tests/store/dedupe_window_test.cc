#include "store/dedupe_window.h"

#include <deque>
#include <random>
#include <set>

#include <gtest/gtest.h>

#include "tests/support/seed.h"

namespace patron::store {
namespace {

// As a beat that ends behind the one event.
bool take(DedupeWindow& window, std::uint64_t id) {
    const bool fresh = window.insert(id);
    window.settle();
    return fresh;
}

TEST(DedupeWindow, TakesAnIdOnce) {
    DedupeWindow window(10);
    EXPECT_FALSE(window.contains(7));
    EXPECT_TRUE(take(window, 7));
    EXPECT_TRUE(window.contains(7));
    EXPECT_FALSE(take(window, 7));
    EXPECT_EQ(window.size(), 1u);
}

TEST(DedupeWindow, ForgetsTheOldestFirst) {
    DedupeWindow window(3);
    for (std::uint64_t id = 1; id <= 4; ++id) {
        EXPECT_TRUE(take(window, id));
    }
    EXPECT_FALSE(window.contains(1));
    EXPECT_TRUE(window.contains(2));
    EXPECT_TRUE(window.contains(4));
    EXPECT_EQ(window.size(), 3u);
}

TEST(DedupeWindow, ADuplicateDoesNotMakeAnIdYounger) {
    DedupeWindow window(2);
    take(window, 1);
    take(window, 2);
    EXPECT_FALSE(take(window, 1));
    take(window, 3);
    EXPECT_FALSE(window.contains(1));
}

TEST(DedupeWindow, KnowsTheIdZero) {
    DedupeWindow window(4);
    EXPECT_FALSE(window.contains(0));
    EXPECT_TRUE(take(window, 0));
    EXPECT_FALSE(take(window, 0));
    EXPECT_TRUE(window.contains(0));
}

TEST(DedupeWindow, HoldsOneIdWhenThatIsItsBound) {
    DedupeWindow window(1);
    EXPECT_TRUE(take(window, 1));
    EXPECT_TRUE(take(window, 2));
    EXPECT_TRUE(take(window, 1));
    EXPECT_FALSE(take(window, 1));
}

TEST(DedupeWindow, AgreesWithAListAtEveryCapacity) {
    std::mt19937_64 random(test_seed(2'303));
    for (const std::size_t capacity : {1u, 2u, 7u, 8u, 9u, 100u, 1'000u}) {
        DedupeWindow window(capacity);
        std::deque<std::uint64_t> order;
        std::set<std::uint64_t> known;
        for (int step = 0; step < 20'000; ++step) {
            // Ids that share their low bits meet in the same slots.
            const std::uint64_t id = random() % (3 * capacity) << (random() % 2 * 20);
            const std::uint64_t kept = id == 0 ? 1 : id;
            const bool fresh = known.insert(kept).second;
            ASSERT_EQ(window.contains(id), !fresh);
            ASSERT_EQ(take(window, id), fresh);
            if (fresh) {
                order.push_back(kept);
            }
            if (order.size() > capacity) {
                known.erase(order.front());
                order.pop_front();
            }
            ASSERT_EQ(window.size(), order.size());
        }
    }
}

TEST(DedupeWindow, ForgetsNothingBeforeItSettles) {
    DedupeWindow window(2);
    for (const std::uint64_t id : {1, 2, 3, 4}) {
        EXPECT_TRUE(window.insert(id));
    }
    EXPECT_TRUE(window.contains(1));
    window.settle();
    EXPECT_FALSE(window.contains(1));
    EXPECT_FALSE(window.contains(2));
    EXPECT_EQ(window.ids(), (std::vector<std::uint64_t>{3, 4}));
}

TEST(DedupeWindow, TakenBackIdsWereNeverThere) {
    DedupeWindow window(2);
    take(window, 1);
    take(window, 2);
    window.insert(3);
    window.insert(4);
    window.take_back();
    EXPECT_FALSE(window.contains(4));
    EXPECT_TRUE(window.contains(3));
    window.take_back();
    window.settle();
    EXPECT_EQ(window.ids(), (std::vector<std::uint64_t>{1, 2}));
}

TEST(DedupeWindow, AWindowMadeOfItsIdsForgetsTheSameNext) {
    std::mt19937_64 random(test_seed(2'304));
    for (const std::size_t capacity : {1u, 5u, 64u}) {
        DedupeWindow window(capacity);
        for (int i = 0; i < 200; ++i) {
            take(window, random() % (2 * capacity));
        }
        DedupeWindow copy(capacity);
        copy.assign(window.ids());
        for (int i = 0; i < 200; ++i) {
            const std::uint64_t id = random() % (2 * capacity);
            ASSERT_EQ(take(window, id), take(copy, id));
            ASSERT_EQ(window.ids(), copy.ids());
        }
    }
}

}  // namespace
}  // namespace patron::store
