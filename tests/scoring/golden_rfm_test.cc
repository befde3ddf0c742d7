// RFM scores of the CDNOW customers, rules A and B, exactly.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "scoring/rfm.h"
#include "tests/scoring/golden_table.h"

namespace patron::scoring {
namespace {

struct Dimension {
    const char* value;
    const char* score_prefix;
    int sign;  // -1 where less is better
};

constexpr Dimension kDimensions[] = {
    {"recency_days", "R", -1}, {"frequency", "F", 1}, {"monetary_cents", "M", 1}
};

using Cuts = std::map<std::string, RfmCuts>;

// Recomputes the cuts and every score of a file; gives back the cuts of rule A.
void check_file(const GoldenTable& table, Cuts& rule_a) {
    for (const auto& [value, prefix, sign] : kDimensions) {
        std::vector<std::int64_t> oriented;
        for (std::size_t row = 0; row < table.rows(); ++row) {
            oriented.push_back(sign * table.integer(row, value));
        }
        const RfmCuts a = compute_cuts_rule_a(oriented);
        const RfmCuts b = compute_cuts_rule_b(oriented);
        std::vector<std::uint8_t> scores_a(oriented.size());
        std::vector<std::uint8_t> scores_b(oriented.size());
        rfm_score_batch(a, oriented, scores_a);
        rfm_score_batch(b, oriented, scores_b);
        const std::string name = prefix;
        for (std::size_t row = 0; row < table.rows(); ++row) {
            ASSERT_EQ(scores_a[row], table.integer(row, name + "_A")) << name << " row " << row;
            ASSERT_EQ(scores_b[row], table.integer(row, name + "_B")) << name << " row " << row;
        }
        rule_a[name] = a;
    }
}

void check(const std::string& file, std::size_t rows, Cuts& rule_a) {
    const auto table = GoldenTable::load(shared_golden_file(file));
    if (!table.has_value()) {
        GTEST_SKIP() << "needs " << shared_golden_file(file) << " (set PATRON_SHARED)";
    }
    EXPECT_EQ(table->rows(), rows);
    check_file(*table, rule_a);
}

TEST(GoldenRfm, CdnowSampleScoresExactly) {
    Cuts cuts;
    check("rfm_cdnow_sample_1997-09-30.csv", 2357, cuts);
    if (IsSkipped()) {
        return;
    }
    EXPECT_EQ(cuts["R"], (RfmCuts{{-242, -219, -198, -99}}));
    EXPECT_EQ(cuts["F"], (RfmCuts{{1, 1, 2, 3}}));
    EXPECT_EQ(cuts["M"], (RfmCuts{{1496, 2799, 4604, 9376}}));
}

TEST(GoldenRfm, CdnowMasterScoresExactly) {
    Cuts cuts;
    check("rfm_cdnow_master_1998-06-30.csv", 23570, cuts);
    if (IsSkipped()) {
        return;
    }
    EXPECT_EQ(cuts["R"], (RfmCuts{{-512, -485, -432, -141}}));
    EXPECT_EQ(cuts["F"], (RfmCuts{{1, 1, 2, 4}}));
    EXPECT_EQ(cuts["M"], (RfmCuts{{1536, 3135, 5992, 13395}}));
}

}  // namespace
}  // namespace patron::scoring
