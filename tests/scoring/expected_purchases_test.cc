#include "scoring/expected_purchases.h"

#include <cmath>

#include <gtest/gtest.h>

#include "scoring/purchase_model.h"
#include "tests/scoring/random_customers.h"

namespace patron::scoring {
namespace {

constexpr std::uint64_t kSeed = 20263;

ExpectedPurchasesInput random_input(RandomCustomers& random) {
    const PurchaseParams p = random.params(PurchaseModel::MbgNbd);
    const PurchaseHistory h = random.history();
    return {p.r, p.alpha, p.a, p.b + h.x + 1, h.x, h.age};
}

// Mean number of purchases if nobody ever left.
double immortal_mean(const ExpectedPurchasesInput& in, double t) {
    return (in.r + in.x) * t / (in.alpha + in.age);
}

TEST(ExpectedPurchases, SeriesAndQuadratureAgree) {
    RandomCustomers random(kSeed);
    int compared = 0;
    for (int i = 0; i < 3'000; ++i) {
        const ExpectedPurchasesInput in = random_input(random);
        const double t = random.log_uniform(1e-2, 1e3);
        const double start = in.alpha + in.age;
        if (immortal_mean(in, t) > 1'500 || t > 50 * start) {
            continue;  // the series is long
        }
        ++compared;
        const double series = expected_purchases_series(in, t);
        const double quadrature = expected_purchases_quadrature(in, t);
        ASSERT_LE(std::fabs(series - quadrature), 1e-11 * series)
            << "seed " << kSeed << " draw " << i << ' ' << series << ' ' << quadrature;
    }
    EXPECT_GT(compared, 1'000);
}

TEST(ExpectedPurchases, LieBetweenOnePurchaseAndImmortality) {
    RandomCustomers random(kSeed + 1);
    for (int i = 0; i < 3'000; ++i) {
        const ExpectedPurchasesInput in = random_input(random);
        const double t = random.log_uniform(1e-3, 1e5);
        const double expected = expected_purchases_alive(in, t);
        const double any = -std::expm1(-(in.r + in.x) * std::log1p(t / (in.alpha + in.age)));
        ASSERT_GE(expected, any * (1 - 1e-10)) << "seed " << kSeed + 1 << " draw " << i;
        ASSERT_LE(expected, immortal_mean(in, t) * (1 + 1e-10))
            << "seed " << kSeed + 1 << " draw " << i;
    }
}

TEST(ExpectedPurchases, GrowWithTheWindow) {
    RandomCustomers random(kSeed + 2);
    for (int i = 0; i < 500; ++i) {
        const ExpectedPurchasesInput in = random_input(random);
        double before = 0;
        for (double t = 1e-3; t < 1e6; t *= 4) {
            const double now = expected_purchases_alive(in, t);
            ASSERT_GE(now, before * (1 - 1e-10)) << "seed " << kSeed + 2 << " draw " << i;
            before = now;
        }
    }
}

TEST(ExpectedPurchases, WithoutDropoutAreThePoissonMean) {
    const ExpectedPurchasesInput in{2.5, 4, 1e-12, 1e6, 12, 30};
    EXPECT_NEAR(expected_purchases_alive(in, 13) / immortal_mean(in, 13), 1, 1e-12);
    EXPECT_NEAR(expected_purchases_alive(in, 1e5) / immortal_mean(in, 1e5), 1, 1e-10);
}

TEST(ExpectedPurchases, StayFiniteAtEveryBorder) {
    const double extremes[] = {kPurchaseParamMin, 1e-3, 1, 1e3, kPurchaseParamMax};
    for (const double r : extremes) {
        for (const double alpha : extremes) {
            for (const double a : extremes) {
                for (const double t : {0.0, 1e-6, 13.0, 1e6}) {
                    for (const std::uint32_t x : {0u, 7u, 1'000'000u}) {
                        const double e =
                            expected_purchases_alive({r, alpha, a, 1 / a + x, x, 0}, t);
                        ASSERT_TRUE(std::isfinite(e) && e >= 0)
                            << r << ' ' << alpha << ' ' << a << ' ' << t << ' ' << x;
                    }
                }
            }
        }
    }
}

TEST(ExpectedPurchases, AnEmptyWindowHoldsNone) {
    EXPECT_EQ(expected_purchases(kCdnowMbgNbd, {3, 10, 20}, 0), 0);
}

}  // namespace
}  // namespace patron::scoring
