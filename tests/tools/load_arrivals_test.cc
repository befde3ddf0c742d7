#include <algorithm>
#include <cmath>
#include <numeric>

#include <gtest/gtest.h>

#include "tools/load/arrivals.h"

namespace patron::tools {
namespace {

constexpr std::int64_t kSecondNs = 1'000'000'000;

std::vector<std::int64_t> first(const ArrivalPlan& plan, std::size_t count) {
    Arrivals arrivals(plan);
    std::vector<std::int64_t> out(count);
    std::ranges::generate(out, [&] { return arrivals.next(); });
    return out;
}

ArrivalPlan poisson(std::uint64_t seed, double rate = 1'000) {
    return {.kind = ArrivalKind::Poisson, .rate = rate, .seed = seed};
}

TEST(Arrivals, AreExactlyAtTheirMultiplesOfThePeriod) {
    for (const double rate : {1.0, 3.0, 999.0, 10'000.0, 123'456.0, 1e6}) {
        const auto at = first({.rate = rate}, 100'000);
        for (std::size_t i = 0; i < at.size(); ++i) {
            ASSERT_EQ(at[i], std::llroundl(static_cast<long double>(i) * 1e9L / rate)) << rate;
        }
    }
}

TEST(Arrivals, OfAllPartsTogetherAreThoseOfOne) {
    std::vector<std::int64_t> together;
    for (std::uint32_t part = 0; part < 3; ++part) {
        const auto some = first({.rate = 777, .part = part, .parts = 3}, 1'000);
        together.insert(together.end(), some.begin(), some.end());
    }
    std::ranges::sort(together);
    EXPECT_EQ(together, first({.rate = 777}, 3'000));
}

TEST(Arrivals, OfPoissonHaveTheMeanAndTheSpreadOfExponentialGaps) {
    constexpr std::size_t kCount = 200'000;
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        SCOPED_TRACE(seed);
        const auto at = first(poisson(seed), kCount);
        ASSERT_TRUE(std::ranges::is_sorted(at));
        double squares = 0;
        for (std::size_t i = 1; i < kCount; ++i) {
            const double gap = static_cast<double>(at[i] - at[i - 1]) / 1e6;  // mean 1
            squares += (gap - 1) * (gap - 1);
        }
        // Five standard errors: 1/sqrt(n) of the mean, sqrt(8/n) of the variance.
        EXPECT_NEAR(static_cast<double>(at.back()) / 1e6 / kCount, 1, 5 / std::sqrt(kCount));
        EXPECT_NEAR(squares / kCount, 1, 5 * std::sqrt(8.0 / kCount));
    }
}

TEST(Arrivals, OfPoissonDependOnTheSeedAlone) {
    EXPECT_EQ(first(poisson(5), 1'000), first(poisson(5), 1'000));
    EXPECT_NE(first(poisson(5), 1'000), first(poisson(6), 1'000));
}

TEST(Arrivals, OfPoissonPartsShareTheRate) {
    ArrivalPlan plan = poisson(3);
    plan.parts = 4;
    plan.part = 1;
    const auto at = first(plan, 50'000);
    EXPECT_NEAR(static_cast<double>(at.back()) / 1e6 / 50'000, 4, 4 * 5 / std::sqrt(50'000));
    plan.part = 2;
    EXPECT_NE(at, first(plan, 50'000));
}

TEST(ArrivalQueue, HandsOutWhatIsDueInOrderAndNothingBefore) {
    ArrivalQueue queue({.rate = 10}, 0, kSecondNs, 100);
    EXPECT_TRUE(queue.empty());
    queue.admit(250'000'000);
    EXPECT_EQ(queue.waiting(), 3U);
    EXPECT_EQ(queue.next_ns(), 300'000'000);
    EXPECT_EQ(queue.take(), 0);
    EXPECT_EQ(queue.take(), 100'000'000);
    EXPECT_EQ(queue.take(), 200'000'000);
    EXPECT_TRUE(queue.empty());
}

TEST(ArrivalQueue, EndsBeforeTheEnd) {
    ArrivalQueue queue({.rate = 10}, 0, kSecondNs, 100);
    queue.admit(5 * kSecondNs);
    EXPECT_EQ(queue.waiting(), 10U);
    EXPECT_EQ(queue.next_ns(), ArrivalQueue::kNever);
}

TEST(ArrivalQueue, GivesUpTheYoungestBeyondItsBoundAndSaysWhenTheyWereDue) {
    ArrivalQueue queue({.rate = 1'000}, 0, kSecondNs, 10);
    queue.admit(14 * 1'000'000);  // 0 .. 14 ms
    EXPECT_EQ(queue.waiting(), 10U);
    EXPECT_EQ(queue.given_up_total(), 5U);
    EXPECT_EQ(queue.take(), 0);
    queue.admit(15 * 1'000'000);
    EXPECT_EQ(queue.waiting(), 10U);
    const auto given_up = queue.given_up();
    ASSERT_EQ(given_up.size(), 5U);
    for (std::size_t i = 0; i < given_up.size(); ++i) {
        EXPECT_EQ(given_up[i].due_ns, static_cast<std::int64_t>(10 + i) * 1'000'000);
        EXPECT_EQ(given_up[i].count, 1U);
    }
    for (std::int64_t ms = 1; ms < 10; ++ms) {
        EXPECT_EQ(queue.take(), ms * 1'000'000);
    }
    EXPECT_EQ(queue.take(), 15 * 1'000'000);
    EXPECT_TRUE(queue.empty());
}

TEST(ArrivalQueue, LosesNoneHoweverItIsUsed) {
    for (std::uint64_t seed = 1; seed <= 30; ++seed) {
        SCOPED_TRACE(seed);
        SeededRandom random(seed, 0);
        ArrivalQueue queue(poisson(seed, 5'000), kSecondNs / 2, kSecondNs, 1 + random.below(50));
        std::vector<std::int64_t> taken;
        for (std::int64_t now = 0; now < 2 * kSecondNs; now += random.below(20'000'000)) {
            queue.admit(now);
            for (std::uint32_t i = random.below(200); i > 0 && !queue.empty(); --i) {
                taken.push_back(queue.take());
            }
        }
        while (!queue.empty()) {
            taken.push_back(queue.take());
        }
        const auto all = first(poisson(seed, 5'000), 10'000);
        const auto due = std::ranges::count_if(all, [](std::int64_t at) { return at < kSecondNs; });
        EXPECT_TRUE(std::ranges::is_sorted(taken));
        EXPECT_EQ(taken.size() + queue.given_up_total(), static_cast<std::size_t>(due));
        // Of those in the warm-up nobody asks how long they waited.
        std::uint64_t told = 0;
        for (const auto& many : queue.given_up()) {
            EXPECT_GE(many.due_ns, kSecondNs / 2);
            told += many.count;
        }
        EXPECT_LE(told, queue.given_up_total());
    }
}

}  // namespace
}  // namespace patron::tools
