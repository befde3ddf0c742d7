#include <gtest/gtest.h>

#include "tests/endpoints/test_api.h"

namespace patron::testing {
namespace {

namespace json = boost::json;

TEST(GetPortrait, ShowsFactsScoreAndSignals) {
    TestApi api;
    api.order("C42", "1200.00", 30);
    api.order("C42", "3000.00", 0);
    const json::object p = api.get_json("/v1/customers/C42");
    const json::object& features = p.at("features").as_object();
    EXPECT_EQ(features.at("spend_365d").to_number<double>(), 4200.0);
    EXPECT_EQ(features.at("spend_30d").to_number<double>(), 3000.0);
    EXPECT_EQ(features.at("orders_lifetime"), 2);
    EXPECT_EQ(features.at("x"), 1);
    EXPECT_EQ(features.at("t_x_days"), 30);
    EXPECT_EQ(features.at("T_days").to_number<double>(), 30.5);
    EXPECT_EQ(features.at("recency_days"), 0);
    EXPECT_EQ(p.at("score"), json::value(api.get_json("/v1/customers/C42/score")));
    EXPECT_EQ(p.at("signals").as_object().size(), scoring::kSignals);
    EXPECT_GT(p.at("expected_purchases").as_double(), 0);
    EXPECT_TRUE(p.at("override").is_null());
    EXPECT_EQ(p.at("seq"), 2);
}

TEST(GetPortrait, MoneyKeepsItsDigits) {
    TestApi api;
    api.order("C42", "0.10");
    api.order("C42", "0.20");
    EXPECT_NE(
        api.get("/v1/customers/C42").body.find(R"("spend_lifetime":0.30,)"), std::string::npos
    );
}

TEST(GetPortrait, UnknownFeaturesAreAbsent) {
    TestApi api;
    api.ingest(R"({"type":"visit","customer":"v"})");
    const json::object p = api.get_json("/v1/customers/v");
    const json::object& features = p.at("features").as_object();
    for (const std::string_view name :
         {"x", "recency_days", "nps_last", "rfm", "T_days", "p_alive"}) {
        EXPECT_FALSE(features.contains(name)) << name;
    }
    EXPECT_TRUE(p.at("purchase_probability").is_null());
    EXPECT_TRUE(p.at("need_type").is_null());
    EXPECT_GT(features.at("activity").to_number<double>(), 0);
}

TEST(GetPortrait, ShowsWhatTheShopKnows) {
    TestApi api;
    api.ingest(R"({"type":"profile","customer":"C","influence":70.5,"strategic":"key",
        "preferred_channel":"wechat","region":"华东","owner":"li\"n","birthday":"1990-02-28",
        "tags":["a","b\\"],"customer_since":"2020-01-01T00:00:00Z","do_not_contact":true})");
    const json::object p = api.get_json("/v1/customers/C");
    EXPECT_EQ(
        p.at("attributes"),
        json::parse(R"({"customer_since":"2020-01-01T00:00:00Z","influence":70.5,"strategic":"key",
            "preferred_channel":"wechat","do_not_contact":true,"region":"华东","owner":"li\"n",
            "birthday":"1990-02-28","tags":["a","b\\"]})")
    );
    EXPECT_EQ(p.at("follow_up"), "do_not_contact");
}

TEST(GetPortrait, NeedTypeGoesByTheOrders) {
    TestApi api;
    const auto order = [&](const char* customer, const char* id, const char* kind) {
        api.ingest(
            std::string(R"({"type":"order","amount":1,"id":")") + id + R"(","order_id":")" + id +
            R"(","customer":")" + customer + R"(","kind":")" + kind + R"("})"
        );
    };
    order("p", "1", "product");
    order("s", "2", "service");
    order("m", "3", "product");
    order("m", "4", "service");
    EXPECT_EQ(api.get_json("/v1/customers/p").at("need_type"), "product");
    EXPECT_EQ(api.get_json("/v1/customers/s").at("need_type"), "service");
    EXPECT_EQ(api.get_json("/v1/customers/m").at("need_type"), "mixed");
}

TEST(GetPortrait, LooksIntoTheFuture) {
    TestApi api;
    api.order("C42", "10.00");
    const json::object p = api.get_json("/v1/customers/C42?at=2026-03-11T04:00:00Z");
    EXPECT_EQ(p.at("as_of"), "2026-03-11T04:00:00Z");
    EXPECT_EQ(p.at("features").at("recency_days"), 10);
}

TEST(GetPortrait, RefusalsAreProblems) {
    TestApi api;
    EXPECT_EQ(code_of(api.get("/v1/customers/nobody")), "unknown_customer");
    EXPECT_EQ(code_of(api.get("/v1/customers/%zz")), "invalid_id");
    EXPECT_EQ(code_of(api.get("/v1/customers/nobody?x=1")), "bad_parameter");
    EXPECT_EQ(code_of(api.get("/v1/customers/nobody?min_seq=5")), "too_early");
}

}  // namespace
}  // namespace patron::testing
