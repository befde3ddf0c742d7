#include <gtest/gtest.h>

#include "tests/endpoints/test_api.h"

namespace patron::testing {
namespace {

namespace json = boost::json;
using endpoints::Method;

json::array scores_of(const HttpAnswer& answer) {
    EXPECT_EQ(answer.status, 200) << answer.body;
    return body_of(answer).at("scores").as_array();
}

TEST(PostScores, AnswersInOrderWithNullForTheUnknown) {
    TestApi api;
    api.order("a", "1.00");
    api.order("b", "2.00");
    const json::array scores =
        scores_of(api.post("/v1/scores", R"({"ids":["b","nobody","a","b",""]})"));
    ASSERT_EQ(scores.size(), 5U);
    EXPECT_EQ(scores[0].at("customer_id"), "b");
    EXPECT_TRUE(scores[1].is_null());
    EXPECT_EQ(scores[2].at("customer_id"), "a");
    EXPECT_EQ(scores[3], scores[0]);
    EXPECT_TRUE(scores[4].is_null());
}

TEST(PostScores, EachIsTheScoreOfTheSingleRead) {
    TestApi api;
    std::string ids;
    for (int i = 0; i < 100; ++i) {
        const std::string id = "c" + std::to_string(i);
        api.order(id, std::to_string(100 * i) + ".50", i % 60);
        ids += (i == 0 ? "\"" : ",\"") + id + "\"";
    }
    const json::array scores = scores_of(api.post("/v1/scores", R"({"ids":[)" + ids + "]}"));
    ASSERT_EQ(scores.size(), 100U);
    for (const json::value& score : scores) {
        const std::string id(score.at("customer_id").as_string());
        EXPECT_EQ(score, json::value(api.get_json("/v1/customers/" + id + "/score")));
    }
}

TEST(PostScores, GivesTheMembersAskedFor) {
    TestApi api;
    api.order("a", "1.00");
    const json::array scores =
        scores_of(api.post("/v1/scores", R"({"ids":["a","x"],"fields":["tier","seq"]})"));
    EXPECT_EQ(json::serialize(scores), R"([{"tier":"standard","seq":1},null])");
}

TEST(PostScores, AsksTheBeatForWhatHasRunOut) {
    TestApi api;
    api.order("old", "1.00");
    // Every record has run out by then.
    api.clock().set({kNoon.ms + 400 * scoring::kDayMs});
    api.order("new", "1.00");
    const json::array scores =
        scores_of(api.post("/v1/scores", R"({"ids":["new","old","nobody","new"]})"));
    ASSERT_EQ(scores.size(), 4U);
    EXPECT_EQ(scores[0].at("customer_id"), "new");
    EXPECT_EQ(scores[1].at("customer_id"), "old");
    EXPECT_EQ(scores[1].at("lifecycle"), "churned");
    EXPECT_TRUE(scores[2].is_null());
    EXPECT_EQ(scores[3], scores[0]);
}

TEST(PostScores, AllAsOfOneFutureInstant) {
    TestApi api;
    api.order("a", "1.00");
    const HttpAnswer answer =
        api.post("/v1/scores?at=2027-03-01T04:00:00Z", R"({"ids":["a","nobody","a"]})");
    EXPECT_EQ(body_of(answer).at("as_of"), "2027-03-01T04:00:00Z");
    const json::array scores = scores_of(answer);
    EXPECT_EQ(scores[0].at("as_of"), "2027-03-01T04:00:00Z");
    EXPECT_EQ(scores[0].at("lifecycle"), "churned");
    EXPECT_TRUE(scores[1].is_null());
    EXPECT_EQ(scores[2], scores[0]);
}

TEST(PostScores, WaitsForAWrite) {
    TestApi api;
    auto waiting = api.start({Method::Post, "/v1/scores?min_seq=1", R"({"ids":["a"]})"});
    api.order("a", "1.00");
    EXPECT_EQ(scores_of(waiting.get())[0].at("seq"), 1);
    EXPECT_EQ(code_of(api.post("/v1/scores?min_seq=7", R"({"ids":[]})")), "too_early");
}

TEST(PostScores, NoIdsAreAnEmptyList) {
    TestApi api;
    EXPECT_TRUE(scores_of(api.post("/v1/scores", R"({"ids":[]})")).empty());
    EXPECT_TRUE(scores_of(api.post("/v1/scores?at=2027-03-01T04:00:00Z", R"({"ids":[]})")).empty());
}

TEST(PostScores, RefusesOtherBodies) {
    TestApi api;
    EXPECT_EQ(code_of(api.post("/v1/scores", "{")), "bad_json");
    EXPECT_EQ(code_of(api.post("/v1/scores", "{}")), "missing_field");
    EXPECT_EQ(code_of(api.post("/v1/scores?x=1", R"({"ids":[]})")), "bad_parameter");
    EXPECT_EQ(
        code_of(api.run({Method::Post, "/v1/scores", R"({"ids":[]})", "text/plain"})),
        "unsupported_media_type"
    );
}

TEST(PostScores, AnIdTooLongToExistIsUnknown) {
    TestApi api;
    const std::string id(300, 'x');
    EXPECT_TRUE(scores_of(api.post("/v1/scores", R"({"ids":[")" + id + R"("]})"))[0].is_null());
}

}  // namespace
}  // namespace patron::testing
