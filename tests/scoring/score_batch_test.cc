#include "scoring/score_batch.h"

#include <bit>
#include <cmath>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "tests/scoring/small_world.h"

namespace patron::scoring {
namespace {

std::uint64_t bits(double value) {
    return std::bit_cast<std::uint64_t>(value);
}

// Standings of every kind: settled before and after `now`, run out, without a purchase, in every band.
Standing random_standing(std::mt19937_64& random, Instant now) {
    const auto below = [&](std::uint64_t n) {
        return static_cast<std::int64_t>(random() % n);
    };
    Standing s;
    s.has_purchase = below(8) != 0;
    s.state.settled_at = plus_ms(now, below(20) == 0 ? kDayMs : -below(400 * kDayMs));
    s.state.band = static_cast<Band>(below(4));
    s.valid_until = plus_ms(now, below(10) == 0 ? -below(kDayMs) : 1 + below(400 * kDayMs));
    s.x = static_cast<std::uint32_t>(below(4) == 0 ? below(100'000) : below(20));
    s.t_x_days = s.x == 0 ? 0 : static_cast<std::int32_t>(below(2'000));
    s.first_midnight = plus_ms(now, -(s.t_x_days + below(1'000)) * kDayMs);
    s.signals_logit = below(3) == 0 ? 0 : static_cast<double>(below(8'000) - 4'000) / 1'000;
    return s;
}

void expect_same(const ScoreRow& row, const std::optional<Score>& expected) {
    ASSERT_EQ(row.holds, expected.has_value());
    if (!expected) {
        return;
    }
    EXPECT_EQ(row.score.as_of, expected->as_of);
    for (const auto member : {&Score::churn_risk, &Score::p_alive, &Score::purchase_probability}) {
        const double a = row.score.*member;
        const double b = (*expected).*member;
        EXPECT_TRUE(bits(a) == bits(b) || (std::isnan(a) && std::isnan(b))) << a << ' ' << b;
    }
}

TEST(ScoreBatch, SaysWhatScoreAtSaysOfEveryRow) {
    const std::uint64_t seed = std::random_device{}();
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    SmallWorld world;
    const CompiledPolicy& policy = world.compiled();
    const Instant now = world.noon(1'000);
    std::size_t held = 0;
    for (std::size_t n = 0; n < 100; ++n) {
        std::vector<Standing> standings;
        for (std::size_t i = 0; i < n; ++i) {
            standings.push_back(random_standing(random, now));
        }
        std::vector<ScoreRow> rows(n);
        for (std::size_t i = 0; i < n; ++i) {
            rows[i].standing = &standings[i];
            rows[i].holds = i % 2 == 0;  // as a room that was used before
            rows[i].score.churn_risk = 7;
        }
        score_rows(policy, now, rows);
        for (std::size_t i = 0; i < n; ++i) {
            expect_same(rows[i], score_at(policy, standings[i], now));
            held += rows[i].holds ? 1 : 0;
        }
    }
    EXPECT_GT(held, 500U);
}

}  // namespace
}  // namespace patron::scoring
