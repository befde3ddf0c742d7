#include "store/dedupe_window.h"

#include <algorithm>
#include <deque>
#include <random>
#include <set>
#include <vector>

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
            const bool fresh = known.insert(id).second;
            ASSERT_EQ(window.contains(id), !fresh);
            ASSERT_EQ(take(window, id), fresh);
            if (fresh) {
                order.push_back(id);
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

// As the beats do it: some ids, some of the newest taken back, the rest settled; now and then many at
// once, so that the ring grows while it is full.
TEST(DedupeWindow, AgreesWithAListThroughBeatsOfAllSizes) {
    std::mt19937_64 random(test_seed(2'305));
    for (const std::size_t capacity : {1u, 15u, 40u, 700u}) {
        // Few low bits: long runs of slots, farther from home than a slot can say.
        for (const std::uint64_t low_bits : {0xfu, 0xffffu}) {
            DedupeWindow window(capacity);
            std::deque<std::uint64_t> settled;
            std::vector<std::uint64_t> fresh;
            const auto is_known = [&](std::uint64_t id) {
                return std::ranges::find(settled, id) != settled.end() ||
                       std::ranges::find(fresh, id) != fresh.end();
            };
            for (int beat = 0; beat < 150; ++beat) {
                const std::size_t many = random() % 20 == 0 ? capacity * 2 : capacity / 4;
                for (std::size_t i = random() % (many + 2); i > 0; --i) {
                    const std::uint64_t drawn = random() % (capacity * 2 + 2);
                    const std::uint64_t id = (drawn & low_bits) | (drawn * drawn << 30);
                    ASSERT_EQ(window.contains(id), is_known(id));
                    ASSERT_EQ(window.insert(id), !is_known(id));
                    if (!is_known(id)) {
                        fresh.push_back(id);
                    }
                }
                for (std::size_t i = random() % 3; i > 0 && !fresh.empty(); --i) {
                    window.take_back();
                    fresh.pop_back();
                }
                settled.insert(settled.end(), fresh.begin(), fresh.end());
                fresh.clear();
                while (settled.size() > capacity) {
                    settled.pop_front();
                }
                window.settle();
                ASSERT_TRUE(std::ranges::equal(window.ids(), settled));
            }
        }
    }
}

TEST(DedupeWindow, AFullWindowTakesLessThanEighteenBytesAnId) {
    constexpr std::size_t kCapacity = 60'000;
    DedupeWindow window(kCapacity);
    std::mt19937_64 random(test_seed(2'306));
    for (std::size_t i = 0; i < 3 * kCapacity; ++i) {
        window.insert(random());
        if (i % 500 == 0) {
            window.settle();
        }
    }
    window.settle();
    EXPECT_EQ(window.size(), kCapacity);
    // 8 in the ring, and slots of 4 of which at most half are used.
    EXPECT_LT(window.bytes(), kCapacity * 18);
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
