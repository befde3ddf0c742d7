#include "scoring/rfm.h"

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace patron::scoring {
namespace {

constexpr std::uint64_t kSeed = 20265;

using Values = std::vector<std::int64_t>;

// Straight from the definitions, quadratic.
int score_rule_a(const Values& all, std::int64_t v) {
    Values sorted = all;
    std::sort(sorted.begin(), sorted.end());
    int score = 1;
    for (std::size_t k = 1; k <= 4; ++k) {
        const std::size_t rank = (k * all.size() + 4) / 5;
        score += v > sorted[rank - 1] ? 1 : 0;
    }
    return score;
}

int score_rule_b(const Values& all, std::int64_t v) {
    const auto smaller = std::count_if(all.begin(), all.end(), [v](auto w) { return w < v; });
    const auto equal = std::count(all.begin(), all.end(), v);
    const auto n = static_cast<std::int64_t>(all.size());
    return static_cast<int>(std::min<std::int64_t>(5, 1 + 5 * (2 * smaller + equal) / (2 * n)));
}

Values random_values(std::mt19937_64& random, std::size_t n, std::int64_t spread) {
    Values values(n);
    for (auto& v : values) {
        v = std::uniform_int_distribution<std::int64_t>(-spread, spread)(random);
    }
    return values;
}

TEST(Rfm, CutsGiveTheScoresOfTheDefinitions) {
    std::mt19937_64 random(kSeed);
    for (std::size_t n = 1; n < 120; ++n) {
        for (const std::int64_t spread : {0, 1, 4, 1000}) {
            const Values values = random_values(random, n, spread);
            const RfmCuts a = compute_cuts_rule_a(values);
            const RfmCuts b = compute_cuts_rule_b(values);
            for (const std::int64_t v : values) {
                ASSERT_EQ(rfm_score(a, v), score_rule_a(values, v))
                    << "seed " << kSeed << " n " << n;
                ASSERT_EQ(rfm_score(b, v), score_rule_b(values, v))
                    << "seed " << kSeed << " n " << n;
            }
            ASSERT_TRUE(std::is_sorted(a.above.begin(), a.above.end()));
            ASSERT_TRUE(std::is_sorted(b.above.begin(), b.above.end()));
        }
    }
}

TEST(Rfm, TenDifferentValuesMakeFivePairs) {
    const Values values{10, 1, 9, 2, 8, 3, 7, 4, 6, 5};
    EXPECT_EQ(compute_cuts_rule_a(values), (RfmCuts{{2, 4, 6, 8}}));
    EXPECT_EQ(compute_cuts_rule_b(values), (RfmCuts{{2, 4, 6, 8}}));
}

TEST(Rfm, OneValueForAllScoresLowestByRuleAAndMiddleByRuleB) {
    const Values values(7, 42);
    EXPECT_EQ(rfm_score(compute_cuts_rule_a(values), 42), 1);
    EXPECT_EQ(rfm_score(compute_cuts_rule_b(values), 42), 3);
}

TEST(Rfm, WithoutCustomersEverybodyScoresOne) {
    EXPECT_EQ(rfm_score(compute_cuts_rule_a({}), 1'000'000), 1);
    EXPECT_EQ(rfm_score(compute_cuts_rule_b({}), 1'000'000), 1);
}

TEST(Rfm, EveryPathScoresLikeThePlainLoopAtEveryLength) {
    std::mt19937_64 random(kSeed + 1);
    const RfmCuts cuts{{-50, -50, 3, 700}};
    for (std::size_t n = 0; n < 200; ++n) {
        const Values values = random_values(random, n, n % 2 == 0 ? 1000 : std::int64_t{1} << 62);
        std::vector<std::uint8_t> plain(n);
        rfm_score_plain(cuts, values, plain);
        for (const SimdPath path : {SimdPath::Baseline, SimdPath::Avx2, SimdPath::Avx512}) {
            if (!simd_path_supported(path)) {
                continue;
            }
            std::vector<std::uint8_t> scores(n + 1, 99);
            rfm_score_on(path, cuts, values, std::span(scores).first(n));
            ASSERT_TRUE(std::equal(plain.begin(), plain.end(), scores.begin()))
                << "seed " << kSeed + 1 << " path " << static_cast<int>(path) << " n " << n;
            ASSERT_EQ(scores[n], 99);
        }
    }
}

TEST(Rfm, ClassesCountTheHighScores) {
    EXPECT_EQ(rfm_class({5, 4, 4}), RfmClass::HighValue);
    EXPECT_EQ(rfm_class({5, 3, 4}), RfmClass::Potential);
    EXPECT_EQ(rfm_class({1, 4, 3}), RfmClass::General);
    EXPECT_EQ(rfm_class({3, 3, 3}), RfmClass::LowValue);
    EXPECT_EQ(rfm_class_name(RfmClass::HighValue), "high_value");
    EXPECT_EQ(rfm_class_name(RfmClass::Potential), "potential");
    EXPECT_EQ(rfm_class_name(RfmClass::General), "general");
    EXPECT_EQ(rfm_class_name(RfmClass::LowValue), "low_value");
}

}  // namespace
}  // namespace patron::scoring
