#include <algorithm>
#include <random>
#include <set>

#include <gtest/gtest.h>

#include "tests/endpoints/test_api.h"
#include "tests/support/seed.h"

namespace patron::testing {
namespace {

namespace json = boost::json;

std::vector<std::string> ids_of(const json::object& page) {
    std::vector<std::string> ids;
    for (const json::value& score : page.at("customers").as_array()) {
        ids.emplace_back(score.at("customer_id").as_string());
    }
    return ids;
}

using Ids = std::vector<std::string>;

// All pages, one after the other.
Ids walk(TestApi& api, const std::string& query) {
    Ids all;
    std::string cursor;
    for (int page = 0; page < 1'000; ++page) {
        const json::object answer = api.get_json("/v1/customers?" + query + cursor);
        std::ranges::move(ids_of(answer), std::back_inserter(all));
        if (answer.at("next_cursor").is_null()) {
            return all;
        }
        cursor = "&cursor=" + text_of(answer, "next_cursor");
    }
    ADD_FAILURE() << "the pages do not end";
    return all;
}

TEST(ListCustomers, ListsEverybodyById) {
    TestApi api;
    for (const char* id : {"c", "a", "b"}) {
        api.order(id, "1.00");
    }
    const json::object page = api.get_json("/v1/customers");
    EXPECT_EQ(ids_of(page), (Ids{"a", "b", "c"}));
    EXPECT_TRUE(page.at("next_cursor").is_null());
    EXPECT_EQ(page.at("customers").at(0), json::value(api.get_json("/v1/customers/a/score")));
    EXPECT_EQ(ids_of(api.get_json("/v1/customers?order=desc")), (Ids{"c", "b", "a"}));
}

TEST(ListCustomers, NobodyIsAnEmptyPage) {
    TestApi api;
    const json::object page = api.get_json("/v1/customers?tier=gold");
    EXPECT_TRUE(ids_of(page).empty());
    EXPECT_EQ(page.at("policy"), "default@1");
}

TEST(ListCustomers, FiltersByWhatTheScoreSays) {
    TestApi api;
    api.order("rich", "60000.00", 1);
    api.order("poor", "1.00", 1);
    api.order("gone", "1.00", 500);
    api.ingest(R"({"type":"visit","customer":"looker"})");
    const json::object everybody = api.get_json("/v1/customers");
    for (const json::value& score : everybody.at("customers").as_array()) {
        const std::string id(score.at("customer_id").as_string());
        const auto has = [&](const std::string& query) {
            const Ids ids = ids_of(api.get_json("/v1/customers?" + query));
            return std::ranges::find(ids, id) != ids.end();
        };
        const std::string tier(score.at("tier").as_string());
        EXPECT_TRUE(has("tier=" + tier)) << id;
        EXPECT_TRUE(has("tier=standard,silver,gold,platinum")) << id;
        EXPECT_TRUE(has("lifecycle=" + std::string(score.at("lifecycle").as_string()))) << id;
        const json::value& band = score.at("risk_band");
        EXPECT_TRUE(has("risk_band=" + (band.is_null() ? "none" : std::string(band.as_string()))));
        EXPECT_TRUE(has("override=none")) << id;
        EXPECT_FALSE(has("override=pin,floor,ceiling")) << id;
    }
    EXPECT_EQ(ids_of(api.get_json("/v1/customers?lifecycle=churned")), (Ids{"gone"}));
    EXPECT_EQ(ids_of(api.get_json("/v1/customers?lifecycle=prospect")), (Ids{"looker"}));
    EXPECT_EQ(ids_of(api.get_json("/v1/customers?risk_band=none")), (Ids{"looker"}));
}

TEST(ListCustomers, FiltersByAttributes) {
    TestApi api;
    api.ingest(R"({"type":"profile","customer":"a","region":"New York","owner":"li"})");
    api.ingest(
        R"({"type":"profile","customer":"b","region":"华东","industry":"steel","owner":"li"})"
    );
    api.ingest(R"({"type":"visit","customer":"c"})");
    EXPECT_EQ(ids_of(api.get_json("/v1/customers?region=New+York")), (Ids{"a"}));
    EXPECT_EQ(ids_of(api.get_json("/v1/customers?region=%E5%8D%8E%E4%B8%9C")), (Ids{"b"}));
    EXPECT_EQ(ids_of(api.get_json("/v1/customers?owner=li")), (Ids{"a", "b"}));
    EXPECT_EQ(ids_of(api.get_json("/v1/customers?owner=li&industry=steel")), (Ids{"b"}));
    EXPECT_TRUE(ids_of(api.get_json("/v1/customers?owner=nobody")).empty());
}

TEST(ListCustomers, SortsWithTheUnknownLast) {
    TestApi api;
    api.order("low", "10.00", 1);
    api.order("high", "9000.00", 300);
    api.ingest(R"({"type":"visit","customer":"looker"})");
    EXPECT_EQ(
        ids_of(api.get_json("/v1/customers?sort=spend_365d")), (Ids{"high", "low", "looker"})
    );
    EXPECT_EQ(
        ids_of(api.get_json("/v1/customers?sort=churn_risk")), (Ids{"high", "low", "looker"})
    );
    EXPECT_EQ(
        ids_of(api.get_json("/v1/customers?sort=churn_risk&order=asc")),
        (Ids{"low", "high", "looker"})
    );
}

TEST(ListCustomers, NearestToTheNextTierFirst) {
    TestApi api;
    for (const int day : {1, 2, 3}) {
        api.order("near", "300.00", day);
        api.order("far", "10.00", day);
    }
    api.ingest(R"({"type":"visit","customer":"a prospect"})");
    const json::object page = api.get_json("/v1/customers?sort=gap");
    const json::array& customers = page.at("customers").as_array();
    double last = 0;
    for (const json::value& score : customers) {
        const json::value& gap = score.at("gap_to_next");
        if (!gap.is_null()) {
            EXPECT_GE(gap.at("missing").to_number<double>(), last);
            last = gap.at("missing").to_number<double>();
        }
    }
    EXPECT_EQ(ids_of(page), (Ids{"near", "far", "a prospect"}));
}

TEST(ListCustomers, PagesMeetWithoutGapOrOverlapUnderTies) {
    TestApi api;
    std::mt19937_64 random(test_seed(11));
    std::set<std::string> everybody;
    for (int i = 0; i < 97; ++i) {
        const std::string id = "c" + std::to_string(random() % 1'000'000);
        api.order(id, std::to_string(random() % 4) + ".00", static_cast<int>(random() % 3));
        everybody.insert(id);
    }
    for (const std::string sort :
         {"customer_id", "spend_365d", "churn_risk", "value_index", "gap"}) {
        for (const std::string order : {"asc", "desc"}) {
            const std::string query = "sort=" + sort + "&order=" + order + "&limit=";
            const Ids whole = ids_of(api.get_json("/v1/customers?" + query + "1000"));
            ASSERT_EQ(std::set(whole.begin(), whole.end()), everybody) << query;
            for (const int limit : {1, 10, 96, 97, 98}) {
                EXPECT_EQ(walk(api, query + std::to_string(limit)), whole) << query << limit;
            }
        }
    }
}

TEST(ListCustomers, LooksIntoTheFuture) {
    TestApi api;
    api.order("a", "1.00");
    const json::object page =
        api.get_json("/v1/customers?lifecycle=churned&at=2028-01-01T00:00:00Z");
    EXPECT_EQ(ids_of(page), (Ids{"a"}));
    EXPECT_EQ(page.at("as_of"), "2028-01-01T00:00:00Z");
    EXPECT_EQ(page.at("customers").at(0).at("as_of"), "2028-01-01T00:00:00Z");
    EXPECT_TRUE(ids_of(api.get_json("/v1/customers?lifecycle=churned")).empty());
    EXPECT_EQ(code_of(api.get("/v1/customers?at=2001-01-01T00:00:00Z")), "past_not_kept");
}

TEST(ListCustomers, RefusesWhatItDoesNotKnow) {
    TestApi api;
    api.order("a", "1.00");
    api.order("b", "1.00");
    const std::string cursor =
        text_of(api.get_json("/v1/customers?limit=1&sort=churn_risk"), "next_cursor");
    ASSERT_FALSE(cursor.empty());
    for (const std::string& query :
         {std::string("tier=diamond"),
          std::string("risk_band=severe"),
          std::string("sort=name"),
          std::string("sort=spend_30d"),
          std::string("order=up"),
          std::string("limit=0"),
          std::string("limit=1001"),
          std::string("cursor=x"),
          "cursor=" + cursor,
          "sort=churn_risk&order=asc&cursor=" + cursor,
          std::string("colour=red")}) {
        EXPECT_EQ(code_of(api.get("/v1/customers?" + query)), "bad_parameter") << query;
    }
    EXPECT_EQ(api.get("/v1/customers?sort=churn_risk&cursor=" + cursor).status, 200);
}

TEST(ListCustomers, AStoppedStoreRefuses) {
    TestApi api;
    api.store().stop();
    EXPECT_EQ(code_of(api.get("/v1/customers")), "stopping");
}

}  // namespace
}  // namespace patron::testing
