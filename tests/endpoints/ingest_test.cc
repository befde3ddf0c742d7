#include <gtest/gtest.h>

#include "tests/endpoints/test_api.h"

namespace patron::testing {
namespace {

namespace json = boost::json;
using endpoints::Method;

constexpr std::string_view kOrder =
    R"({"type":"order","id":"e1","order_id":"o1","customer":"C42","amount":"12.50"})";

TEST(PostEvents, TakesOneEventAnArrayAndLines) {
    TestApi api;
    EXPECT_EQ(body_of(api.post("/v1/events", std::string(kOrder))).at("accepted"), 1);
    EXPECT_EQ(
        body_of(api.post(
                    "/v1/events",
                    R"([{"type":"visit","customer":"a"},{"type":"visit","customer":"b"}])"
                ))
            .at("accepted"),
        2
    );
    const HttpAnswer lines = api.run(
        {Method::Post,
         "/v1/events",
         "{\"type\":\"visit\",\"customer\":\"a\"}\n{\"type\":\"visit\",\"customer\":\"c\"}\n",
         "application/x-ndjson; charset=utf-8"}
    );
    const json::object reply = body_of(lines);
    EXPECT_EQ(reply.at("accepted"), 2);
    EXPECT_EQ(reply.at("seq"), 5);
    EXPECT_TRUE(reply.at("rejected").as_array().empty());
}

TEST(PostEvents, CountsDuplicatesAndRefusesNone) {
    TestApi api;
    api.post("/v1/events", std::string(kOrder));
    const json::object reply = body_of(api.post("/v1/events", std::string(kOrder)));
    EXPECT_EQ(reply.at("accepted"), 0);
    EXPECT_EQ(reply.at("duplicates"), 1);
    EXPECT_EQ(reply.at("seq"), 1);
}

TEST(PostEvents, ReturnsTheScoresOfThoseTouched) {
    TestApi api;
    const HttpAnswer answer = api.post("/v1/events?return=score", std::string(kOrder));
    const json::object scores = body_of(answer).at("scores").as_object();
    ASSERT_EQ(scores.size(), 1U);
    EXPECT_EQ(scores.at("C42"), json::value(api.get_json("/v1/customers/C42/score")));
    EXPECT_FALSE(body_of(api.post("/v1/events", "[]")).contains("scores"));
}

TEST(PostEvents, ARefusedRequestNamesItemAndFieldAndChangesNothing) {
    TestApi api;
    const HttpAnswer answer = api.post(
        "/v1/events",
        "[" + std::string(kOrder) + R"(,{"type":"complaint","customer":"x","severity":9}])"
    );
    EXPECT_EQ(answer.status, 422);
    const json::object problem = body_of(answer);
    EXPECT_EQ(problem.at("index"), 1);
    EXPECT_EQ(problem.at("field"), "severity");
    EXPECT_EQ(problem.at("code"), "invalid_value");
    EXPECT_EQ(api.get("/v1/customers/C42/score").status, 404);
}

TEST(PostEvents, SkipListsTheBadOnesByTheirPlaceInTheBody) {
    TestApi api;
    const HttpAnswer answer = api.post(
        "/v1/events?on_error=skip",
        R"([{"type":"nonsense","customer":"a"},)" + std::string(kOrder) +
            R"(,{"type":"visit"},{"type":"visit","customer":"b"}])"
    );
    const json::object reply = body_of(answer);
    EXPECT_EQ(reply.at("accepted"), 2);
    EXPECT_EQ(reply.at("rejected_count"), 2);
    const json::array& rejected = reply.at("rejected").as_array();
    ASSERT_EQ(rejected.size(), 2U);
    EXPECT_EQ(rejected[0].at("index"), 0);
    EXPECT_EQ(rejected[0].at("code"), "unknown_type");
    EXPECT_EQ(rejected[1].at("index"), 2);
    EXPECT_EQ(rejected[1].at("field"), "customer");
}

// The refund is sound by itself; only the store knows that it is more than its order.
constexpr std::string_view kTooMuch =
    R"({"type":"refund","id":"r1","order_id":"o1","customer":"C42","amount":"13.00"})";

TEST(PostEvents, WhatTheStoreRefusesIsNamedByThePlaceInTheBody) {
    TestApi api;
    const std::string bad_first = R"([{"type":"nonsense","customer":"a"},)";
    const HttpAnswer skipped = api.post(
        "/v1/events?on_error=skip",
        bad_first + std::string(kOrder) + "," + std::string(kTooMuch) + "]"
    );
    const json::object reply = body_of(skipped);
    EXPECT_EQ(reply.at("accepted"), 1);
    ASSERT_EQ(reply.at("rejected").as_array().size(), 2U) << skipped.body;
    EXPECT_EQ(reply.at("rejected").at(1).at("index"), 2);
    EXPECT_EQ(reply.at("rejected").at(1).at("code"), "refund_exceeds_order");
    const HttpAnswer refused = api.post(
        "/v1/events", R"([{"type":"visit","customer":"b"},)" + std::string(kTooMuch) + "]"
    );
    EXPECT_EQ(code_of(refused), "refund_exceeds_order");
    EXPECT_EQ(body_of(refused).at("index"), 1);
    EXPECT_EQ(api.get("/v1/customers/b/score").status, 404);
}

TEST(PostEvents, AllItemsBadIsStillAnAnswer) {
    TestApi api;
    const json::object reply =
        body_of(api.post("/v1/events?on_error=skip&return=score", R"([{"type":"visit"}])"));
    EXPECT_EQ(reply.at("accepted"), 0);
    EXPECT_EQ(reply.at("rejected_count"), 1);
    EXPECT_TRUE(reply.at("scores").as_object().empty());
}

TEST(PostEvents, RefusesOtherMediaTypesAndParameters) {
    TestApi api;
    EXPECT_EQ(api.run({Method::Post, "/v1/events", "[]", "text/csv"}).status, 415);
    EXPECT_EQ(api.run({Method::Post, "/v1/events", "[]", ""}).status, 415);
    EXPECT_EQ(code_of(api.post("/v1/events?on_error=maybe", "[]")), "bad_parameter");
    EXPECT_EQ(code_of(api.post("/v1/events?return=all", "[]")), "bad_parameter");
    EXPECT_EQ(code_of(api.post("/v1/events?at=1", "[]")), "bad_parameter");
    EXPECT_EQ(code_of(api.post("/v1/events", "")), "bad_json");
}

TEST(PostEvents, AfterStopEverythingIsRefused) {
    TestApi api;
    api.store().stop();
    EXPECT_EQ(code_of(api.post("/v1/events", std::string(kOrder))), "stopping");
}

}  // namespace
}  // namespace patron::testing
