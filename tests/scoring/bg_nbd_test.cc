#include "scoring/bg_nbd.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "tests/scoring/random_customers.h"

namespace patron::scoring {
namespace {

constexpr std::uint64_t kSeed = 20262;

// The textbook formulas in 80-bit arithmetic, whose exponents do not overflow here.
struct Exact {
    long double odds;
    long double u;

    Exact(const PurchaseParams& p, const PurchaseHistory& h, double horizon) {
        const long double rho = static_cast<long double>(p.r) + h.x;
        const long double alpha = p.alpha;
        const long double gap =
            std::log1p((static_cast<long double>(h.age) - h.t_x) / (alpha + h.t_x));
        odds = h.x == 0
                   ? 0
                   : p.a / (static_cast<long double>(p.b) + (h.x - 1.0L)) * std::exp(rho * gap);
        u = rho * std::log1p(horizon / (alpha + h.age));
    }
    long double alive() const { return 1 / (1 + odds); }
    long double any() const { return alive() * -std::expm1(-u); }
    long double no_purchase_logit() const {
        return std::log(std::exp(-u) + odds) - std::log(-std::expm1(-u));
    }
};

void expect_close(double got, long double want, double tolerance) {
    // Results below the smallest normal double become 0.
    const double expected = want < 1e-307L ? 0 : static_cast<double>(want);
    EXPECT_LE(std::fabs(got - expected), tolerance * expected + 1e-306)
        << got << " for " << expected;
}

TEST(BgNbd, AgreesWithTheTextbookInWiderArithmetic) {
    RandomCustomers random(kSeed);
    for (int i = 0; i < 20'000; ++i) {
        SCOPED_TRACE(::testing::Message() << "seed " << kSeed << " draw " << i);
        const PurchaseParams p = random.params(PurchaseModel::BgNbd);
        const PurchaseHistory h = random.history();
        const double horizon = random.log_uniform(1e-3, 1e3);
        const Exact exact(p, h, horizon);
        // What rounding D by an ulp of its largest term does to a probability.
        const double tolerance = 1e-15 * (10 + (p.r + h.x) * 30);
        expect_close(bg_nbd::p_alive(p, h), exact.alive(), tolerance);
        expect_close(bg_nbd::p_any(p, h, horizon), exact.any(), tolerance);
        const double logit = static_cast<double>(exact.no_purchase_logit());
        EXPECT_NEAR(
            bg_nbd::no_purchase_logit(p, h, horizon), logit, tolerance * (1 + std::fabs(logit))
        );
    }
}

TEST(BgNbd, ProbabilitiesStayInTheUnitIntervalAtEveryBorder) {
    const double extremes[] = {kPurchaseParamMin, 1e-3, 1, 1e3, kPurchaseParamMax};
    const double times[] = {0, 1e-9, 1, 1e4, kModelTimeMax};
    for (const double r : extremes) {
        for (const double other : extremes) {
            for (const double age : times) {
                for (const std::uint32_t x : {0u, 1u, 255u, 256u, kRepeatPurchasesMax}) {
                    const PurchaseParams p{PurchaseModel::BgNbd, r, other, 1 / other, r, 7};
                    const PurchaseHistory h{x, x == 0 ? 0 : age / 2, age};
                    ASSERT_TRUE(valid(p) && valid(h));
                    const double alive = bg_nbd::p_alive(p, h);
                    const double any = bg_nbd::p_any(p, h, 13);
                    ASSERT_TRUE(alive >= 0 && alive <= 1) << r << ' ' << other << ' ' << age;
                    ASSERT_TRUE(any >= 0 && any <= alive) << r << ' ' << other << ' ' << age;
                    ASSERT_TRUE(std::isfinite(bg_nbd::no_purchase_logit(p, h, 13)));
                }
            }
        }
    }
}

TEST(BgNbd, SilenceOnlyRaisesTheRisk) {
    RandomCustomers random(kSeed + 1);
    for (int i = 0; i < 2'000; ++i) {
        const PurchaseParams p = random.params(PurchaseModel::BgNbd);
        PurchaseHistory h = random.history();
        const double horizon = random.log_uniform(1e-2, 1e3);
        const double step = 1 + random.log_uniform(1e-9, 1);
        double logit = -std::numeric_limits<double>::infinity();
        double alive = 1;
        for (int s = 0; s < 40; ++s) {
            const double now = bg_nbd::no_purchase_logit(p, h, horizon);
            const double now_alive = bg_nbd::p_alive(p, h);
            // Rounding may show in the last bits of rho times the logarithm, no more.
            const double slack = 1e-14 * (1 + (p.r + h.x));
            ASSERT_GE(now, logit - slack) << "seed " << kSeed + 1 << " draw " << i;
            ASSERT_LE(now_alive, alive + slack) << "seed " << kSeed + 1 << " draw " << i;
            logit = now;
            alive = now_alive;
            h.age = h.age * step + 1e-6;
        }
    }
}

TEST(BgNbd, ALongerHorizonNeverLowersTheChanceOfAPurchase) {
    RandomCustomers random(kSeed + 2);
    for (int i = 0; i < 2'000; ++i) {
        const PurchaseParams p = random.params(PurchaseModel::BgNbd);
        const PurchaseHistory h = random.history();
        double any = 0;
        for (double horizon = 1e-3; horizon < 1e4; horizon *= 3) {
            const double now = bg_nbd::p_any(p, h, horizon);
            ASSERT_GE(now, any * (1 - 1e-14)) << "seed " << kSeed + 2 << " draw " << i;
            any = now;
        }
    }
}

TEST(BgNbd, AHorizonOfZeroHoldsNoPurchase) {
    const PurchaseParams p{PurchaseModel::BgNbd, 0.5, 6, 0.9, 1.6, 7};
    EXPECT_EQ(bg_nbd::p_any(p, {3, 10, 20}, 0), 0);
    EXPECT_EQ(
        bg_nbd::no_purchase_logit(p, {3, 10, 20}, 0), std::numeric_limits<double>::infinity()
    );
}

TEST(BgNbd, PAliveReachesThetaAtTheAgeItNames) {
    RandomCustomers random(kSeed + 3);
    int crossings = 0;
    for (int i = 0; i < 20'000; ++i) {
        const PurchaseParams p = random.params(PurchaseModel::BgNbd);
        PurchaseHistory h = random.history();
        const double theta = random.uniform(0.01, 0.99);
        const double age = bg_nbd::age_at_p_alive(p, h, theta);
        ASSERT_GE(age, h.t_x) << "seed " << kSeed + 3 << " draw " << i;
        if (age > kModelTimeMax) {
            continue;
        }
        h.age = age;
        const double alive = bg_nbd::p_alive(p, h);
        if (age == h.t_x) {
            EXPECT_LE(alive, theta * (1 + 1e-12));
            continue;
        }
        ++crossings;
        EXPECT_NEAR(alive, theta, 1e-13 * (1 + p.r + h.x)) << "seed " << kSeed + 3 << " draw " << i;
    }
    EXPECT_GT(crossings, 1000);
}

TEST(BgNbd, AOneTimeBuyerIsAliveForEver) {
    for (const double age : {0.0, 1.0, 1e6}) {
        EXPECT_EQ(bg_nbd::p_alive(kCdnowBgNbd, {0, 0, age}), 1.0);
    }
    EXPECT_EQ(
        bg_nbd::age_at_p_alive(kCdnowBgNbd, {0, 0, 3}, 0.5), std::numeric_limits<double>::infinity()
    );
}

TEST(BgNbd, AOneTimeBuyerStillBecomesLessLikelyToBuy) {
    EXPECT_LT(
        bg_nbd::p_any(kCdnowBgNbd, {0, 0, 52}, 13), bg_nbd::p_any(kCdnowBgNbd, {0, 0, 4}, 13)
    );
}

TEST(BgNbd, ATinyBKeepsItsDigits) {
    const PurchaseParams p{PurchaseModel::BgNbd, 0.5, 6, 1e-12, 1e-12, 7};
    EXPECT_NEAR(bg_nbd::p_alive(p, {1, 5, 5}), 0.5, 1e-15);
}

}  // namespace
}  // namespace patron::scoring
