#include <gtest/gtest.h>

#include "tests/endpoints/test_api.h"

namespace patron::testing {
namespace {

namespace json = boost::json;

std::uint64_t sum_of(const json::value& counts) {
    std::uint64_t sum = 0;
    for (const auto& [name, count] : counts.as_object()) {
        sum += count.to_number<std::uint64_t>();
    }
    return sum;
}

TEST(GetStats, EveryWayOfCountingCountsEverybodyOnce) {
    TestApi api;
    for (int i = 0; i < 40; ++i) {
        api.order("c" + std::to_string(i), std::to_string(i * i * 30) + ".00", i * 12);
    }
    api.ingest(R"({"type":"visit","customer":"looker"})");
    const json::object stats = api.get_json("/v1/stats");
    EXPECT_EQ(stats.at("customers"), 41);
    for (const std::string_view member : {"tiers", "risk_bands", "lifecycle", "follow_up"}) {
        EXPECT_EQ(sum_of(stats.at(member)), 41U) << member;
    }
    std::uint64_t cells = 0;
    for (const json::value& cell : stats.at("by").as_array()) {
        cells += cell.at("customers").to_number<std::uint64_t>();
    }
    EXPECT_EQ(cells, 41U);
    EXPECT_EQ(stats.at("risk_bands").at("none"), 1);
    EXPECT_EQ(stats.at("seq"), 41);
    const json::object gold = api.get_json("/v1/customers?tier=gold&limit=1000");
    EXPECT_EQ(
        stats.at("tiers").at("gold").to_number<std::size_t>(),
        gold.at("customers").as_array().size()
    );
}

TEST(GetStats, AnEmptyStoreIsAllZeros) {
    TestApi api;
    const json::object stats = api.get_json("/v1/stats?hashes=true");
    EXPECT_EQ(stats.at("customers"), 0);
    EXPECT_EQ(stats.at("state_hash"), "0000000000000000");
    EXPECT_EQ(sum_of(stats.at("tiers")), 0U);
    EXPECT_TRUE(stats.at("by").as_array().empty());
}

constexpr std::string_view kOne =
    R"({"type":"order","id":"1","order_id":"1","customer":"a","amount":1,"at":1772000000000})";
constexpr std::string_view kTwo =
    R"({"type":"order","id":"2","order_id":"2","customer":"b","amount":2,"at":1771000000000})";

TEST(GetStats, TheFactsHashKnowsNoOrderOfArrival) {
    TestApi first;
    TestApi second;
    first.ingest(kOne);
    first.ingest(kTwo);
    second.ingest(kTwo);
    second.ingest(kOne);
    EXPECT_EQ(
        first.get_json("/v1/stats?hashes=true").at("facts_hash"),
        second.get_json("/v1/stats?hashes=true").at("facts_hash")
    );
}

TEST(GetStats, TheHashesMoveWithTheLogAndNotWithSilence) {
    TestApi api;
    api.ingest(kOne);
    const json::object one = api.get_json("/v1/stats?hashes=true");
    api.ingest(kTwo);
    const json::object two = api.get_json("/v1/stats?hashes=true");
    EXPECT_NE(one.at("facts_hash"), two.at("facts_hash"));
    EXPECT_NE(one.at("state_hash"), two.at("state_hash"));
    // Silence moves customers; the hashes speak of what the log says.
    api.clock().set({kNoon.ms + 500 * scoring::kDayMs});
    const json::object later = api.get_json("/v1/stats?hashes=true");
    EXPECT_EQ(two.at("facts_hash"), later.at("facts_hash"));
    EXPECT_EQ(two.at("state_hash"), later.at("state_hash"));
    EXPECT_EQ(later.at("lifecycle").at("churned"), 2);
}

TEST(GetStats, RisksAreTheSumOfEverybodys) {
    TestApi api;
    double risks = 0;
    double spend = 0;
    api.ingest(R"({"type":"visit","customer":"looker"})");
    for (int i = 0; i < 70; ++i) {
        const std::string id = "c" + std::to_string(i);
        api.order(id, std::to_string(100 + i) + ".00", i * 7);
        const double risk =
            api.get_json("/v1/customers/" + id + "/score").at("churn_risk").to_number<double>();
        risks += risk;
        spend += i * 7 < 365 ? risk * (100 + i) : 0;
    }
    const json::object stats = api.get_json("/v1/stats");
    const json::object& risk = stats.at("churn_risk").as_object();
    EXPECT_EQ(risk.at("customers"), 70);
    EXPECT_NEAR(risk.at("sum").to_number<double>(), risks, 1e-4);
    EXPECT_NEAR(risk.at("mean").to_number<double>(), risks / 70, 1e-5);
    EXPECT_NEAR(stats.at("spend_365d_at_risk").to_number<double>(), spend, 0.4);
}

TEST(GetStats, NobodyWithAPurchaseHasNoMeanRisk) {
    TestApi api;
    api.ingest(R"({"type":"visit","customer":"looker"})");
    const json::object stats = api.get_json("/v1/stats");
    EXPECT_TRUE(stats.at("churn_risk").at("mean").is_null());
    EXPECT_EQ(stats.at("churn_risk").at("customers"), 0);
}

TEST(GetStats, HashesAreToldToWhoAsksForThem) {
    TestApi api;
    EXPECT_FALSE(api.get_json("/v1/stats").contains("state_hash"));
    EXPECT_FALSE(api.get_json("/v1/stats?hashes=false").contains("facts_hash"));
    EXPECT_TRUE(api.get_json("/v1/stats?hashes=true").contains("facts_hash"));
    EXPECT_EQ(code_of(api.get("/v1/stats?hashes=some")), "bad_parameter");
}

TEST(GetStats, LooksIntoTheFuture) {
    TestApi api;
    api.ingest(kOne);
    const json::object later = api.get_json("/v1/stats?at=2028-01-01T00:00:00Z");
    EXPECT_EQ(later.at("lifecycle").at("churned"), 1);
    EXPECT_EQ(api.get_json("/v1/stats").at("lifecycle").at("churned"), 0);
}

TEST(GetStats, RefusalsAreProblems) {
    TestApi api;
    EXPECT_EQ(code_of(api.get("/v1/stats?by=tier")), "bad_parameter");
    EXPECT_EQ(code_of(api.get("/v1/stats?min_seq=1")), "too_early");
    api.store().stop();
    EXPECT_EQ(code_of(api.get("/v1/stats")), "stopping");
}

}  // namespace
}  // namespace patron::testing
