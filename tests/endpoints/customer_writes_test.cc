#include <gtest/gtest.h>

#include "tests/endpoints/test_api.h"

namespace patron::testing {
namespace {

namespace json = boost::json;
using endpoints::Method;

constexpr std::string_view kPin =
    R"({"mode":"pin","tier":"platinum","reason":"key account","by":"zhang"})";

TEST(Override, PinsTheTierAndShowsTheRules) {
    TestApi api;
    api.order("C", "1.00");
    const json::object reply = body_of(api.put("/v1/customers/C/override", std::string(kPin)));
    EXPECT_EQ(reply.at("seq"), 2);
    EXPECT_EQ(reply.at("score").at("tier"), "platinum");
    EXPECT_EQ(reply.at("score").at("tier_by_rules"), "standard");
    EXPECT_EQ(reply.at("score").at("override").at("mode"), "pin");
    EXPECT_EQ(reply.at("score"), json::value(api.get_json("/v1/customers/C/score")));
    const json::object details = api.get_json("/v1/customers/C").at("override").as_object();
    EXPECT_EQ(details.at("reason"), "key account");
    EXPECT_EQ(details.at("by"), "zhang");
    EXPECT_EQ(details.at("at"), "2026-03-01T04:00:00Z");
    EXPECT_EQ(details.at("in_force"), true);
}

TEST(Override, EndsByItself) {
    TestApi api;
    api.order("C", "1.00");
    api.put(
        "/v1/customers/C/override",
        R"({"mode":"floor","tier":"gold","reason":"r","by":"b","until":"2026-04-01T00:00:00Z"})"
    );
    EXPECT_EQ(api.get_json("/v1/customers/C/score").at("tier"), "gold");
    EXPECT_EQ(api.get_json("/v1/customers/C/score?at=2026-04-01T00:00:00Z").at("tier"), "standard");
}

TEST(Override, DeleteHandsTheTierBack) {
    TestApi api;
    api.order("C", "1.00");
    api.put("/v1/customers/C/override", std::string(kPin));
    // Of two overrides of one instant neither is the later one.
    api.clock().set({kNoon.ms + 1});
    const HttpAnswer answer = api.remove("/v1/customers/C/override?by=zhang&reason=left+us");
    EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(body_of(answer).at("score").at("tier"), "standard");
    EXPECT_TRUE(body_of(answer).at("score").at("override").is_null());
    EXPECT_TRUE(api.get_json("/v1/customers/C").at("override").is_null());
}

TEST(Override, WantsToKnowWhoAndWhy) {
    TestApi api;
    api.order("C", "1.00");
    EXPECT_EQ(code_of(api.remove("/v1/customers/C/override")), "bad_parameter");
    EXPECT_EQ(code_of(api.remove("/v1/customers/C/override?by=x")), "bad_parameter");
    EXPECT_EQ(code_of(api.remove("/v1/customers/C/override?by=x&reason=")), "invalid_value");
    const auto put = [&](const char* body) {
        return api.put("/v1/customers/C/override", body);
    };
    EXPECT_EQ(code_of(put(R"({"mode":"pin","tier":"gold","by":"x"})")), "missing_field");
    EXPECT_EQ(code_of(put(R"({"mode":"pin","reason":"r","by":"x"})")), "missing_field");
    EXPECT_EQ(
        code_of(put(R"({"mode":"pin","tier":"diamond","reason":"r","by":"x"})")), "unknown_tier"
    );
    EXPECT_EQ(
        code_of(put(R"({"mode":"pin","tier":"gold","reason":"r","by":"x","customer":"D"})")),
        "unknown_field"
    );
    EXPECT_EQ(
        code_of(put(R"({"mode":"pin","tier":"gold","reason":"r","by":"x","x":1})")), "unknown_field"
    );
    EXPECT_EQ(code_of(put("[]")), "wrong_type");
    EXPECT_EQ(code_of(put("{")), "bad_json");
    EXPECT_EQ(
        code_of(api.run({Method::Put, "/v1/customers/C/override", std::string(kPin), "text/plain"})
        ),
        "unsupported_media_type"
    );
    EXPECT_EQ(code_of(api.put("/v1/customers/C/override?x=1", std::string(kPin))), "bad_parameter");
    EXPECT_EQ(api.get_json("/v1/customers/C/score").at("seq"), 1);
}

TEST(Override, MakesNoCustomer) {
    TestApi api;
    EXPECT_EQ(
        code_of(api.put("/v1/customers/ghost/override", std::string(kPin))), "unknown_customer"
    );
    EXPECT_EQ(api.get("/v1/customers/ghost/score").status, 404);
}

TEST(Erase, LeavesNothingBehind) {
    TestApi api;
    api.order("C", "1.00");
    api.order("D", "1.00");
    const json::object reply = body_of(api.remove("/v1/customers/C"));
    EXPECT_EQ(reply.at("customer_id"), "C");
    EXPECT_TRUE(reply.at("score").is_null());
    EXPECT_EQ(api.get("/v1/customers/C/score").status, 404);
    EXPECT_EQ(api.get("/v1/customers/C").status, 404);
    EXPECT_EQ(api.remove("/v1/customers/C").status, 404);
    EXPECT_EQ(api.get_json("/v1/stats").at("customers"), 1);
}

}  // namespace
}  // namespace patron::testing
