#include <gtest/gtest.h>

#include "tests/endpoints/test_folder.h"
#include "tests/support/test_store.h"

namespace patron::testing {
namespace {

namespace json = boost::json;
using endpoints::Method;

constexpr const char* kOrder =
    R"({"type":"order","id":"e1","order_id":"o1","customer":"C42","amount":"12.50"})";

bool is_replay(const HttpAnswer& answer) {
    return answer.header("idempotency-replayed") == "true";
}

TEST(IdempotencyKey, TheSameRequestIsAnsweredTheSame) {
    TestApi api;
    const std::string visit = R"({"type":"visit","customer":"C"})";  // without an id
    const HttpAnswer first = api.post_with_key("k1", visit);
    ASSERT_EQ(first.status, 200) << first.body;
    EXPECT_FALSE(is_replay(first));
    const HttpAnswer again = api.post_with_key("k1", visit);
    EXPECT_TRUE(is_replay(again));
    EXPECT_EQ(again.body, first.body);
    EXPECT_EQ(api.store().applied_seq(), 1U);
    const HttpAnswer other = api.post_with_key("k2", visit);
    EXPECT_FALSE(is_replay(other));
    EXPECT_EQ(api.store().applied_seq(), 2U) << "another key is another request";
}

TEST(IdempotencyKey, StandsForBodyTypeAndQuery) {
    TestApi api;
    ASSERT_EQ(api.post_with_key("k", kOrder).status, 200);
    const HttpAnswer other_body = api.post_with_key("k", R"({"type":"visit","customer":"C"})");
    EXPECT_EQ(other_body.status, 422);
    EXPECT_EQ(code_of(other_body), "idempotency_key_reused");
    EXPECT_EQ(code_of(api.post_with_key("k", kOrder, "?return=score")), "idempotency_key_reused");
    const HttpAnswer other_type = api.run(
        {.method = Method::Post,
         .target = "/v1/events",
         .body = kOrder,
         .content_type = "application/x-ndjson",
         .idempotency_key = "k"}
    );
    EXPECT_EQ(code_of(other_type), "idempotency_key_reused");
    EXPECT_EQ(api.store().applied_seq(), 1U);
}

TEST(IdempotencyKey, ScoresAreReadAnew) {
    TestApi api;
    const HttpAnswer first = api.post_with_key("k", kOrder, "?return=score");
    ASSERT_EQ(first.status, 200) << first.body;
    api.order("C42", "99.00");
    const HttpAnswer again = api.post_with_key("k", kOrder, "?return=score");
    EXPECT_TRUE(is_replay(again));
    const json::object reply = body_of(again);
    EXPECT_EQ(reply.at("seq"), 1) << "of the answer then";
    EXPECT_EQ(reply.at("scores").at("C42"), json::value(api.get_json("/v1/customers/C42/score")));
    EXPECT_EQ(reply.at("scores").at("C42").at("seq"), 2);
}

TEST(IdempotencyKey, WhatIsGoneByThenHasNoScore) {
    TestApi api;
    ASSERT_EQ(api.post_with_key("k", kOrder, "?return=score").status, 200);
    ASSERT_EQ(api.remove("/v1/customers/C42").status, 200);
    const HttpAnswer again = api.post_with_key("k", kOrder, "?return=score");
    EXPECT_TRUE(is_replay(again));
    EXPECT_TRUE(body_of(again).at("scores").as_object().empty());
}

TEST(IdempotencyKey, ARefusedRequestMayBeMended) {
    TestApi api;
    EXPECT_EQ(code_of(api.post_with_key("k", "{")), "bad_json");
    const std::string too_much =
        R"({"type":"refund","id":"r","order_id":"o1","customer":"C42","amount":"13.00"})";
    ASSERT_EQ(api.post_with_key("k", kOrder).status, 200);
    const HttpAnswer refused = api.post_with_key("k3", too_much);
    EXPECT_EQ(code_of(refused), "refund_exceeds_order");
    EXPECT_EQ(code_of(api.post_with_key("k3", too_much)), "refund_exceeds_order");
    const HttpAnswer mended =
        api.post_with_key("k3", R"({"type":"visit","customer":"C42","id":"v"})");
    EXPECT_EQ(mended.status, 200) << mended.body;
}

TEST(IdempotencyKey, RefusalsOfItemsArePartOfTheAnswer) {
    TestApi api;
    const std::string body = "[{\"type\":\"odd\",\"customer\":\"C\"}," + std::string(kOrder) + "]";
    const HttpAnswer first = api.post_with_key("k", body, "?on_error=skip");
    ASSERT_EQ(first.status, 200) << first.body;
    EXPECT_EQ(body_of(first).at("rejected_count"), 1);
    EXPECT_EQ(api.post_with_key("k", body, "?on_error=skip").body, first.body);
}

TEST(IdempotencyKey, ARequestOfNoGoodItemIsAnsweredTheSameToo) {
    TestApi api;
    const std::string body = R"([{"type":"odd","customer":"C"}])";
    const HttpAnswer first = api.post_with_key("k", body, "?on_error=skip&return=score");
    ASSERT_EQ(first.status, 200) << first.body;
    EXPECT_EQ(body_of(first).at("rejected_count"), 1);
    const HttpAnswer again = api.post_with_key("k", body, "?on_error=skip&return=score");
    EXPECT_TRUE(is_replay(again));
    EXPECT_EQ(again.body, first.body);
}

TEST(IdempotencyKey, Is1To255VisibleCharacters) {
    TestApi api;
    for (const std::string key : {"", " ", "a b", "a\tb", "\x7F", "sch\xC3\xB6n"}) {
        const HttpAnswer answer = api.post_with_key(key, kOrder);
        EXPECT_EQ(answer.status, 400) << key;
        EXPECT_EQ(code_of(answer), "bad_parameter") << key;
        EXPECT_EQ(text_of(body_of(answer), "field"), "Idempotency-Key");
    }
    EXPECT_EQ(code_of(api.post_with_key(std::string(256, 'k'), kOrder)), "bad_parameter");
    EXPECT_EQ(api.store().applied_seq(), 0U);
    EXPECT_EQ(api.post_with_key(std::string(255, '~'), kOrder).status, 200);
}

TEST(IdempotencyKey, OneUnderWayAsksForPatience) {
    const auto gate = std::make_shared<store::GatedLog::Gate>();
    TestApi api(std::make_unique<store::GatedLog>(gate));
    const Call call{
        .method = Method::Post, .target = "/v1/events", .body = kOrder, .idempotency_key = "k"
    };
    gate->close();
    std::future<HttpAnswer> first = api.start(call);
    gate->wait_until_held();
    const HttpAnswer meanwhile = api.run(call);
    EXPECT_EQ(meanwhile.status, 409);
    EXPECT_EQ(code_of(meanwhile), "idempotency_key_in_flight");
    EXPECT_EQ(meanwhile.header("retry-after"), "1");
    EXPECT_EQ(
        code_of(api.post_with_key("k", R"({"type":"visit","customer":"C"})")),
        "idempotency_key_reused"
    );
    gate->open();
    const HttpAnswer answer = first.get();
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(api.run(call).body, answer.body);
}

TEST(IdempotencyKey, WhatTheLogRefusesMayComeAgain) {
    const auto gate = std::make_shared<store::GatedLog::Gate>();
    TestApi api(std::make_unique<store::GatedLog>(gate));
    gate->fail_next();
    EXPECT_GE(api.post_with_key("k", kOrder).status, 400);
    const HttpAnswer again = api.post_with_key("k", kOrder);
    EXPECT_EQ(again.status, 200) << again.body;
    EXPECT_FALSE(is_replay(again));
}

TEST(IdempotencyKey, AStoppingStoreLetsGoOfIt) {
    TestApi api;
    api.store().stop();
    EXPECT_EQ(code_of(api.post_with_key("k", kOrder)), "stopping");
    EXPECT_EQ(code_of(api.post_with_key("k", kOrder)), "stopping") << "not in flight";
}

TEST(IdempotencyKey, SurvivesARestart) {
    TestFolder folder;
    std::string first;
    {
        TestApi api(folder.open());
        ASSERT_TRUE(api.store().wait_until_ready().has_value());
        first = api.post_with_key("k", kOrder).body;
    }
    TestApi api(folder.open());
    ASSERT_TRUE(api.store().wait_until_ready().has_value());
    const HttpAnswer again = api.post_with_key("k", kOrder);
    EXPECT_TRUE(is_replay(again)) << again.body;
    EXPECT_EQ(again.body, first);
    EXPECT_EQ(api.store().applied_seq(), 1U);
}

}  // namespace
}  // namespace patron::testing
