#include <algorithm>
#include <cmath>
#include <random>

#include <gtest/gtest.h>

#include "tools/load/latency_histogram.h"

namespace patron::tools {
namespace {

constexpr std::int64_t kHourNs = LatencyHistogram::kTrackedNsMax;

std::int64_t exact_quantile(const std::vector<std::int64_t>& sorted, double q) {
    const double rank = std::ceil(q * static_cast<double>(sorted.size()));
    return sorted[static_cast<std::size_t>(std::max(rank, 1.0)) - 1];
}

// From a microsecond to an hour, every magnitude as likely as any other.
std::vector<std::int64_t> spread_values(std::uint64_t seed, std::size_t count) {
    std::mt19937_64 random(seed);
    std::uniform_real_distribution<double> magnitude(3, std::log10(static_cast<double>(kHourNs)));
    std::vector<std::int64_t> values;
    for (std::size_t i = 0; i < count; ++i) {
        values.push_back(
            std::min<std::int64_t>(std::llround(std::pow(10, magnitude(random))), kHourNs)
        );
    }
    return values;
}

void expect_quantiles(
    const LatencyHistogram& histogram, std::vector<std::int64_t> values, double tolerance
) {
    std::ranges::sort(values);
    ASSERT_EQ(histogram.count(), values.size());
    EXPECT_EQ(histogram.min_ns(), values.front());
    EXPECT_EQ(histogram.max_ns(), values.back());
    for (const double q : {0.0, 0.001, 0.1, 0.5, 0.9, 0.99, 0.999, 0.9999, 0.99999, 1.0}) {
        const auto exact = static_cast<double>(exact_quantile(values, q));
        EXPECT_NEAR(static_cast<double>(histogram.quantile_ns(q)), exact, exact * tolerance) << q;
    }
}

TEST(LatencyHistogram, IsWithinAThousandthOfSortedValuesFromAMicrosecondToAnHour) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        SCOPED_TRACE(seed);
        const auto values = spread_values(seed, 20'000);
        LatencyHistogram histogram;
        double sum = 0;
        for (const std::int64_t value : values) {
            histogram.add(value);
            sum += static_cast<double>(value);
        }
        expect_quantiles(histogram, values, 1e-3);
        EXPECT_NEAR(histogram.mean_ns(), sum / 20'000, sum / 20'000 * 1e-12);
    }
}

TEST(LatencyHistogram, PutsEveryValueIntoABucketThatHoldsIt) {
    for (const unsigned bits : {LatencyHistogram::kTwoDigits, LatencyHistogram::kThreeDigits}) {
        std::vector<std::int64_t> values{0, 1, 2, kHourNs - 1, kHourNs};
        for (std::int64_t power = 2; power < kHourNs; power *= 2) {
            values.insert(values.end(), {power - 1, power, power + 1});
        }
        for (const std::int64_t value : values) {
            LatencyHistogram histogram(bits);
            histogram.add(value);
            const auto buckets = histogram.buckets();
            ASSERT_EQ(buckets.size(), 1U);
            EXPECT_LE(buckets[0].low_ns, value);
            EXPECT_GE(buckets[0].high_ns, value);
            const double width = static_cast<double>(buckets[0].high_ns - buckets[0].low_ns);
            EXPECT_LE(width, std::ldexp(static_cast<double>(value), 1 - static_cast<int>(bits)));
        }
    }
}

TEST(LatencyHistogram, BucketsFollowEachOtherWithoutAHole) {
    LatencyHistogram histogram(LatencyHistogram::kTwoDigits);
    for (std::int64_t ns = 0; ns < 100'000; ++ns) {
        histogram.add(ns);
    }
    std::int64_t next = 0;
    std::uint64_t count = 0;
    for (const auto& bucket : histogram.buckets()) {
        EXPECT_EQ(bucket.low_ns, next);
        next = bucket.high_ns + 1;
        count += bucket.count;
    }
    EXPECT_EQ(count, 100'000U);
}

TEST(LatencyHistogram, MergedIsWhatOneWouldHaveCounted) {
    LatencyHistogram one;
    LatencyHistogram two;
    auto values = spread_values(7, 5'000);
    const auto more = spread_values(8, 3'000);
    std::ranges::for_each(values, [&](std::int64_t ns) { one.add(ns); });
    std::ranges::for_each(more, [&](std::int64_t ns) { two.add(ns); });
    one.merge(two);
    one.merge(LatencyHistogram());
    values.insert(values.end(), more.begin(), more.end());
    expect_quantiles(one, values, 1e-3);
}

TEST(LatencyHistogram, KeepsCountAndMaximumBeyondAnHour) {
    LatencyHistogram histogram;
    histogram.add(3 * kHourNs, 5);
    histogram.add(-7);
    EXPECT_EQ(histogram.count(), 6U);
    EXPECT_EQ(histogram.max_ns(), 3 * kHourNs);
    EXPECT_EQ(histogram.min_ns(), 0);
    EXPECT_GE(histogram.quantile_ns(0.5), kHourNs / 1000 * 999);
}

TEST(LatencyHistogram, CountsFromABucketOn) {
    LatencyHistogram histogram;
    histogram.add(99'000'000, 3);
    histogram.add(101'000'000, 4);
    histogram.add(2'000'000'000, 5);
    EXPECT_EQ(histogram.count_from(100'000'000), 9U);
    EXPECT_EQ(histogram.count_from(1'000'000'000), 5U);
    EXPECT_EQ(histogram.count_from(0), 12U);
}

TEST(LatencyHistogram, OfNothingIsZero) {
    LatencyHistogram histogram;
    histogram.add(5);
    histogram.clear();
    EXPECT_EQ(histogram.count(), 0U);
    EXPECT_EQ(histogram.quantile_ns(0.99), 0);
    EXPECT_EQ(histogram.min_ns(), 0);
    EXPECT_EQ(histogram.max_ns(), 0);
    EXPECT_TRUE(histogram.buckets().empty());
}

}  // namespace
}  // namespace patron::tools
