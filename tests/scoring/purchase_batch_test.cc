#include "scoring/purchase_batch.h"

#include <bit>
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

#include "scoring/vector_math.h"
#include "tests/scoring/random_customers.h"

namespace patron::scoring {
namespace {

constexpr std::uint64_t kSeed = 20264;
constexpr double kCanary = -12345.5;
constexpr std::size_t kWidestLanes = 8;

std::vector<SimdPath> supported_paths() {
    std::vector<SimdPath> paths;
    for (const SimdPath path : {SimdPath::Baseline, SimdPath::Avx2, SimdPath::Avx512}) {
        if (simd_path_supported(path)) {
            paths.push_back(path);
        }
    }
    return paths;
}

struct Columns {
    std::vector<std::uint32_t> x;
    std::vector<double> t_x;
    std::vector<double> age;

    void add(const PurchaseHistory& h) {
        x.push_back(h.x);
        t_x.push_back(h.t_x);
        age.push_back(h.age);
    }
};

Columns random_columns(RandomCustomers& random, std::size_t rows, std::uint32_t x_end) {
    Columns columns;
    for (std::size_t i = 0; i < rows; ++i) {
        PurchaseHistory h = random.history();
        h.x %= x_end;
        h.t_x = h.x == 0 ? 0 : h.t_x;
        columns.add(h);
    }
    return columns;
}

bool same_bits(double a, double b) {
    return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}

// Every path against the single-row functions, with one more cell behind the outputs.
void expect_single_row_bits(const PreparedPurchaseModel& model, const Columns& c) {
    const std::size_t n = c.x.size();
    for (const SimdPath path : supported_paths()) {
        std::vector<double> logit(n + 1, kCanary);
        std::vector<double> alive(n + 1, kCanary);
        churn_base_on(
            path, model, c.x, c.t_x, c.age, std::span(logit).first(n), std::span(alive).first(n)
        );
        for (std::size_t i = 0; i < n; ++i) {
            const PurchaseHistory h{c.x[i], c.t_x[i], c.age[i]};
            const double want = no_purchase_logit(model.params(), h, model.horizon_units());
            ASSERT_TRUE(same_bits(logit[i], want))
                << "path " << static_cast<int>(path) << " row " << i << " of " << n << " x " << h.x;
            ASSERT_TRUE(same_bits(logit[i], model.no_purchase_logit(h.x, h.t_x, h.age)));
            ASSERT_TRUE(same_bits(alive[i], model.p_alive(h.x, h.t_x, h.age)));
            ASSERT_TRUE(same_bits(alive[i], p_alive(model.params(), h)));
        }
        ASSERT_EQ(logit[n], kCanary);
        ASSERT_EQ(alive[n], kCanary);
    }
}

TEST(PurchaseBatch, EveryLengthAroundTheWidthHasSingleRowBits) {
    RandomCustomers random(kSeed);
    for (const PurchaseParams& params : {kCdnowMbgNbd, kCdnowBgNbd}) {
        const auto model = PreparedPurchaseModel::prepare(params, 90.0 / 7);
        for (std::size_t n = 0; n <= 8 * kWidestLanes + 1; ++n) {
            SCOPED_TRACE(::testing::Message() << "seed " << kSeed << " length " << n);
            expect_single_row_bits(model, random_columns(random, n, 256));
            expect_single_row_bits(model, random_columns(random, n, 3000));
        }
    }
}

TEST(PurchaseBatch, RandomModelsAndLengthsHaveSingleRowBits) {
    RandomCustomers random(kSeed + 1);
    for (int round = 0; round < 60; ++round) {
        SCOPED_TRACE(::testing::Message() << "seed " << kSeed + 1 << " round " << round);
        const auto kind = round % 2 == 0 ? PurchaseModel::MbgNbd : PurchaseModel::BgNbd;
        const auto model =
            PreparedPurchaseModel::prepare(random.params(kind), random.log_uniform(1e-3, 1e3));
        const std::uint32_t x_end = round % 3 == 0 ? 3000 : 256;
        expect_single_row_bits(model, random_columns(random, random.below(2000), x_end));
    }
}

TEST(PurchaseBatch, BordersHaveSingleRowBits) {
    Columns borders;
    for (const std::uint32_t x : {0u, 1u, 2u, 255u, 256u, 257u, 100'000u, kRepeatPurchasesMax}) {
        for (const double age : {0.0, 1e-12, 1.0, 520.0, kModelTimeMax}) {
            borders.add({x, x == 0 ? 0 : age, age});
            borders.add({x, 0, age});
        }
    }
    for (const double extreme : {kPurchaseParamMin, 1.0, kPurchaseParamMax}) {
        for (const auto kind : {PurchaseModel::MbgNbd, PurchaseModel::BgNbd}) {
            const PurchaseParams params{kind, extreme, extreme, 1 / extreme, extreme, 7};
            for (const double horizon : {kPurchaseParamMin, 1.0, kModelTimeMax}) {
                expect_single_row_bits(PreparedPurchaseModel::prepare(params, horizon), borders);
            }
        }
    }
}

TEST(PurchaseBatch, PlainAndBestPathAgree) {
    RandomCustomers random(kSeed + 2);
    const auto model = PreparedPurchaseModel::prepare(kCdnowMbgNbd, 13);
    const Columns c = random_columns(random, 5000, 3000);
    std::vector<double> plain[2] = {std::vector<double>(5000), std::vector<double>(5000)};
    std::vector<double> batch[2] = {std::vector<double>(5000), std::vector<double>(5000)};
    churn_base_plain(model, c.x, c.t_x, c.age, plain[0], plain[1]);
    churn_base_batch(model, c.x, c.t_x, c.age, batch[0], batch[1]);
    EXPECT_EQ(plain[0], batch[0]) << "seed " << kSeed + 2;
    EXPECT_EQ(plain[1], batch[1]) << "seed " << kSeed + 2;
}

TEST(PurchaseBatch, SigmoidHasSingleRowBitsAtEveryLength) {
    RandomCustomers random(kSeed + 3);
    for (std::size_t n = 0; n <= 8 * kWidestLanes + 1; ++n) {
        std::vector<double> in;
        for (std::size_t i = 0; i < n; ++i) {
            in.push_back(random.uniform(-800, 800) * random.uniform(0, 1));
        }
        for (const SimdPath path : supported_paths()) {
            std::vector<double> out(n + 1, kCanary);
            sigmoid_on(path, in, std::span(out).first(n));
            for (std::size_t i = 0; i < n; ++i) {
                ASSERT_TRUE(same_bits(out[i], vm::sigmoid(in[i])))
                    << "seed " << kSeed + 3 << " path " << static_cast<int>(path) << ' ' << in[i];
            }
            ASSERT_EQ(out[n], kCanary);
            std::vector<double> in_place = in;
            sigmoid_on(path, in_place, in_place);
            ASSERT_TRUE(std::equal(in_place.begin(), in_place.end(), out.begin()));
        }
    }
}

TEST(PurchaseBatchDeathTest, ASpanOfAnotherLengthStopsTheProcess) {
    const auto model = PreparedPurchaseModel::prepare(kCdnowMbgNbd, 13);
    std::vector<std::uint32_t> x(4);
    std::vector<double> values(4);
    std::vector<double> out(4);
    EXPECT_DEATH(
        churn_base_batch(model, x, std::span(values).first(3), values, out, values), "invariant"
    );
}

TEST(PreparedPurchaseModelDeathTest, InvalidParametersStopTheProcess) {
    PurchaseParams params = kCdnowMbgNbd;
    params.alpha = 0;
    EXPECT_DEATH(PreparedPurchaseModel::prepare(params, 13), "invariant");
    EXPECT_DEATH(PreparedPurchaseModel::prepare(kCdnowMbgNbd, 0), "invariant");
}

}  // namespace
}  // namespace patron::scoring
