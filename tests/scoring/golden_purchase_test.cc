// Published-quality vectors (60-digit arithmetic) for both purchase models.

#include <cmath>
#include <cstdint>
#include <map>
#include <string>

#include <gtest/gtest.h>

#include "scoring/purchase_model.h"
#include "tests/scoring/golden_table.h"

namespace patron::scoring {
namespace {

// tests/golden/btyd_params.json as constants.
const std::map<std::string, PurchaseParams> kSets = {
    {"cdnow_published", {PurchaseModel::BgNbd, 0.243, 4.414, 0.793, 2.426, 7}},
    {"a_eq_1", {PurchaseModel::BgNbd, 0.8, 7.5, 1.0, 2.5, 7}},
    {"a_plus_b_lt_1", {PurchaseModel::BgNbd, 0.3, 3.0, 0.25, 0.45, 7}},
    {"a_plus_b_eq_1", {PurchaseModel::BgNbd, 0.5, 2.0, 0.7, 0.3, 7}},
    {"tiny", {PurchaseModel::BgNbd, 0.02, 0.01, 0.05, 0.08, 7}},
    {"a_near_1", {PurchaseModel::BgNbd, 0.8, 7.5, 1.000000001, 2.5, 7}},
    {"large", {PurchaseModel::BgNbd, 25.0, 40.0, 12.0, 60.0, 7}},
    {"high_rate", {PurchaseModel::BgNbd, 3.2, 0.9, 0.45, 70.0, 7}},
};

const PurchaseParams kMbg{PurchaseModel::MbgNbd, 0.525, 6.183, 0.891, 1.614, 7};

constexpr int kHorizons[] = {1, 13, 39};

void expect_close(double got, double want, double tolerance, const std::string& what) {
    if (std::isinf(want)) {
        EXPECT_EQ(got, want) << what;
        return;
    }
    // A NaN fails this comparison too.
    EXPECT_LE(std::fabs(got - want), tolerance * std::fabs(want))
        << what << ": " << got << " for " << want;
}

class Golden {
  public:
    Golden(const std::string& file, double tolerance) : file_(file), tolerance_(tolerance) {
        const auto table = GoldenTable::load(golden_file(file));
        EXPECT_TRUE(table.has_value()) << golden_file(file);
        if (table.has_value()) {
            check(*table);
        }
    }

    std::size_t rows() const { return rows_; }

  private:
    void check(const GoldenTable& table) {
        rows_ = table.rows();
        for (std::size_t row = 0; row < table.rows(); ++row) {
            const bool mbg = !table.has("param_set");
            const PurchaseParams& params = mbg ? kMbg : kSets.at(table.text(row, "param_set"));
            const PurchaseHistory history{
                static_cast<std::uint32_t>(table.integer(row, "x")),
                table.number(row, "t_x"),
                table.number(row, "T")
            };
            ASSERT_TRUE(valid(history)) << file_ << " row " << row;
            check_now(table, row, params, history);
            for (const int h : kHorizons) {
                check_horizon(table, row, params, history, h);
            }
        }
    }

    void check_now(
        const GoldenTable& table, std::size_t row, const PurchaseParams& p, const PurchaseHistory& h
    ) {
        expect(table, row, "p_alive", p_alive(p, h));
        if (table.has("logit_p_alive")) {
            expect(table, row, "logit_p_alive", -log_odds_death(p, h));
        }
    }

    void check_horizon(
        const GoldenTable& table,
        std::size_t row,
        const PurchaseParams& p,
        const PurchaseHistory& h,
        int t
    ) {
        const std::string tail = "_" + std::to_string(t);
        expect(table, row, "e" + tail, expected_purchases(p, h, t));
        expect(table, row, "p_any" + tail, p_any(p, h, t));
        if (table.has("e_alive" + tail)) {
            expect(table, row, "e_alive" + tail, expected_purchases_if_alive(p, h, t));
        }
        const auto prepared = PreparedPurchaseModel::prepare(p, t);
        expect(table, row, "p_any" + tail, prepared.p_any(h.x, h.t_x, h.age));
        expect(table, row, "p_alive", prepared.p_alive(h.x, h.t_x, h.age));
        const double from_logit = 1 / (1 + std::exp(prepared.no_purchase_logit(h.x, h.t_x, h.age)));
        expect(table, row, "p_any" + tail, from_logit);
    }

    void expect(const GoldenTable& table, std::size_t row, const std::string& column, double got) {
        const std::string what = file_ + " row " + std::to_string(row) + " " + column;
        expect_close(got, table.number(row, column), tolerance_, what);
    }

    std::string file_;
    double tolerance_;
    std::size_t rows_ = 0;
};

TEST(GoldenPurchase, BgNbdVectorsAgreeToTenDigits) {
    EXPECT_EQ(Golden("bgnbd_vectors.csv", 1e-10).rows(), 500u);
}

TEST(GoldenPurchase, BgNbdEdgesAgreeToNineDigits) {
    EXPECT_GE(Golden("bgnbd_edge.csv", 1e-9).rows(), 50u);
}

TEST(GoldenPurchase, BgNbdHighFrequenciesAgreeToNineDigits) {
    EXPECT_GE(Golden("bgnbd_highfreq.csv", 1e-9).rows(), 5u);
}

TEST(GoldenPurchase, MbgNbdVectorsAgreeToTenDigits) {
    EXPECT_EQ(Golden("mbgnbd_vectors.csv", 1e-10).rows(), 100u);
}

}  // namespace
}  // namespace patron::scoring
