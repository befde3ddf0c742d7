#include <map>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "server/endpoints/score_reply.h"
#include "tests/endpoints/test_api.h"

namespace patron::testing {
namespace {

namespace json = boost::json;
using endpoints::Method;

TEST(GetScore, TellsWhereACustomerStands) {
    TestApi api;
    api.order("C42", "1200.00", 10);
    const json::object score = api.get_json("/v1/customers/C42/score");
    EXPECT_EQ(score.at("customer_id"), "C42");
    EXPECT_EQ(score.at("policy"), "default@1");
    EXPECT_EQ(score.at("seq"), 1);
    EXPECT_EQ(score.at("as_of"), "2026-03-01T04:00:00Z");
    EXPECT_TRUE(score.at("churn_risk").is_double());
    EXPECT_TRUE(score.at("override").is_null());
}

TEST(GetScore, TellsTheMembersAskedFor) {
    TestApi api;
    api.order("C42", "1200.00", 10);
    const json::object whole = api.get_json("/v1/customers/C42/score");
    const HttpAnswer some = api.get("/v1/customers/C42/score?fields=risk_band,tier,churn_risk");
    EXPECT_EQ(
        some.body,
        R"({"tier":)" + json::serialize(whole.at("tier")) + R"(,"churn_risk":)" +
            std::string(api.get("/v1/customers/C42/score?fields=churn_risk").body.substr(14, 7)) +
            R"(,"risk_band":)" + json::serialize(whole.at("risk_band")) + "}"
    );
    EXPECT_EQ(some.header("ETag"), "");
    const json::object next = api.get_json("/v1/customers/C42/score?fields=next_transition_at");
    EXPECT_EQ(next.at("next_transition_at"), whole.at("next_transition_at"));
    EXPECT_EQ(next.size(), 1U);
    EXPECT_EQ(
        api.get_json("/v1/customers/C42/score?fields=tier&at=2027-01-01T00:00:00Z").size(), 1U
    );
    EXPECT_EQ(code_of(api.get("/v1/customers/C42/score?fields=mood")), "bad_parameter");
    EXPECT_EQ(code_of(api.get("/v1/customers/C43/score?fields=tier")), "unknown_customer");
}

TEST(GetScore, ACustomerNobodyKnowsIs404) {
    TestApi api;
    const HttpAnswer answer = api.get("/v1/customers/nobody/score");
    EXPECT_EQ(answer.status, 404);
    EXPECT_EQ(code_of(answer), "unknown_customer");
}

TEST(GetScore, IdsComeEscapedAndLeaveAsJson) {
    TestApi api;
    api.order("a/b \"客\" %", "1.00");
    const json::object score = api.get_json("/v1/customers/a%2Fb%20%22%e5%AE%A2%22%20%25/score");
    EXPECT_EQ(score.at("customer_id"), "a/b \"客\" %");
}

TEST(GetScore, AnIdThatCannotBeIsRefused) {
    TestApi api;
    EXPECT_EQ(code_of(api.get("/v1/customers/%zz/score")), "invalid_id");
    EXPECT_EQ(code_of(api.get("/v1/customers/a%00b/score")), "invalid_id");
    EXPECT_EQ(code_of(api.get("/v1/customers/%ff/score")), "invalid_id");
    for (const std::size_t size : {129U, 300U, 5'000U}) {
        const std::string id(size, 'x');
        EXPECT_EQ(code_of(api.get("/v1/customers/" + id + "/score")), "id_too_long") << size;
    }
    const std::string escaped = "%41" + std::string(128, 'x');
    EXPECT_EQ(code_of(api.get("/v1/customers/" + escaped + "/score")), "id_too_long");
}

TEST(GetScore, TheTagComesBackAs304UntilSomethingIsSaidAnew) {
    TestApi api;
    api.order("C42", "10.00");
    const HttpAnswer first = api.get("/v1/customers/C42/score");
    const std::string tag = first.header("etag");
    ASSERT_EQ(tag.size(), 18U);
    const auto again = [&](const std::string& if_none_match) {
        return api.run({.target = "/v1/customers/C42/score", .if_none_match = if_none_match});
    };
    EXPECT_EQ(again(tag).status, 304);
    EXPECT_EQ(again(tag).header("etag"), tag);
    EXPECT_EQ(again("*").status, 304);
    EXPECT_EQ(again("\"x\", " + tag).status, 304);
    EXPECT_EQ(again("W/" + tag).status, 304);
    EXPECT_EQ(again("\"0000000000000000\"").status, 200);

    // seq moves when somebody else does something; the tag does not speak of it.
    api.order("other", "10.00");
    EXPECT_EQ(again(tag).status, 304);
    api.order("C42", "10.00", 1);
    EXPECT_EQ(again(tag).status, 200);
    EXPECT_NE(again(tag).header("etag"), tag);
}

class NoDeferral final : public endpoints::Deferral {
  public:
    endpoints::Completion defer() override {
        ADD_FAILURE() << "a score that is known was asked of the beat";
        return [](const std::string&) {
        };
    }
    void begin_stream(std::shared_ptr<const endpoints::Subscription>) override {}
};

// As one connection asks them: those that can be are answered together, the others by themselves.
std::vector<std::string> answers_together(
    endpoints::Api& api, const std::vector<endpoints::Request>& requests, std::size_t& together
) {
    std::vector<endpoints::Exchange> asked;
    for (const endpoints::Request& request : requests) {
        asked.push_back({&request, api.prepare(request)});
        api.approach(asked.back().prepared);
    }
    NoDeferral deferral;
    std::vector<std::string> answers;
    while (answers.size() < requests.size()) {
        std::size_t run = answers.size();
        while (run < asked.size() && asked[run].prepared.together) {
            ++run;
        }
        const std::span rest = std::span(asked).subspan(answers.size(), run - answers.size());
        wire::ByteWriter out(1);
        std::vector<std::size_t> ends(rest.size());
        const std::size_t n = rest.empty() ? 0 : api.handle_together(rest, out, ends);
        together += n;
        std::size_t begin = 0;
        for (std::size_t i = 0; i < n; ++i) {
            answers.emplace_back(out.view().substr(begin, ends[i] - begin));
            begin = ends[i];
        }
        EXPECT_EQ(begin, out.size());
        if (n == 0) {
            const endpoints::Exchange& one = asked[answers.size()];
            api.handle(*one.request, one.prepared, out, deferral);
            answers.emplace_back(out.view());
        }
    }
    return answers;
}

TEST(GetScore, AnsweredTogetherEachIsAnsweredAsAlone) {
    const std::uint64_t seed = std::random_device{}();
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    TestApi api;
    const std::string far(100, 'x');  // an id that does not fit into its record
    std::vector<std::string> paths;
    for (int i = 0; i < 60; ++i) {
        const std::string id = "C" + std::to_string(i) + (i % 7 == 0 ? far : "");
        api.order(id, std::to_string(i * 37) + ".50", i * 11);
        if (i % 5 == 0) {
            api.order(id, "900.00", i);
        }
        paths.push_back("/v1/customers/" + id + "/score");
        EXPECT_EQ(api.get(paths.back()).status, 200);  // its record is complete from now on
    }
    paths.insert(paths.end(), {"/v1/customers/nobody/score", "/v1/customers/%43%31/score"});
    const std::string tag = api.get(paths[3]).header("etag");
    std::size_t together = 0;
    for (int round = 0; round < 100; ++round) {
        std::vector<endpoints::Request> requests(1 + random() % 80);
        for (endpoints::Request& request : requests) {
            request.path = paths[random() % paths.size()];
            request.target = request.path;
            request.reply.keep_alive = random() % 10 != 0;
            request.if_none_match = random() % 2 == 0 ? std::string_view(tag) : "";
        }
        const auto answers = answers_together(api.api(), requests, together);
        NoDeferral deferral;
        for (std::size_t i = 0; i < requests.size(); ++i) {
            wire::ByteWriter out;
            const endpoints::Prepared prepared = api.api().prepare(requests[i]);
            api.api().handle(requests[i], prepared, out, deferral);
            ASSERT_EQ(answers[i], out.view()) << requests[i].path;
        }
    }
    EXPECT_GT(together, 1'000U);
}

TEST(GetScore, TheTagIsTheSameWhicheverRoadAnswers) {
    TestApi api;
    api.order("C42", "10.00");
    const std::string now = std::to_string(api.clock().now().ms);
    EXPECT_EQ(
        api.get("/v1/customers/C42/score").header("etag"),
        api.get("/v1/customers/C42/score?at=" + now).header("etag")
    );
}

TEST(GetScore, TimeAloneMovesTheRisk) {
    TestApi api;
    api.order("C42", "10.00");
    const double before = api.get_json("/v1/customers/C42/score").at("churn_risk").as_double();
    api.clock().set({kNoon.ms + 40 * scoring::kDayMs});
    const json::object later = api.get_json("/v1/customers/C42/score");
    EXPECT_GT(later.at("churn_risk").as_double(), before);
    EXPECT_EQ(later.at("as_of"), "2026-04-10T04:00:00Z");
}

TEST(GetScore, LooksIntoTheFutureAndNotIntoThePast) {
    TestApi api;
    api.order("C42", "10.00");
    const json::object later =
        api.get_json("/v1/customers/C42/score?at=2027-03-01T12:00:00%2B08:00");
    EXPECT_EQ(later.at("as_of"), "2027-03-01T04:00:00Z");
    EXPECT_EQ(later.at("lifecycle"), "churned");
    const HttpAnswer past = api.get("/v1/customers/C42/score?at=2020-01-01T00:00:00Z");
    EXPECT_EQ(past.status, 422);
    EXPECT_EQ(code_of(past), "past_not_kept");
    EXPECT_EQ(api.get("/v1/customers/nobody/score?at=2027-03-01T00:00:00Z").status, 404);
}

TEST(GetScore, WaitsForTheWriteItIsAskedFor) {
    TestApi api;
    api.order("C42", "10.00");
    EXPECT_EQ(api.get_json("/v1/customers/C42/score?min_seq=1").at("seq"), 1);
    auto waiting = api.start({.target = "/v1/customers/C42/score?min_seq=2"});
    api.order("C42", "10.00");
    EXPECT_EQ(body_of(waiting.get()).at("seq"), 2);
}

TEST(GetScore, SaysTheSeqWhenTheWriteDoesNotCome) {
    TestApi api;
    api.order("C42", "10.00");
    const HttpAnswer answer = api.get("/v1/customers/C42/score?min_seq=9");
    EXPECT_EQ(answer.status, 425);
    EXPECT_EQ(code_of(answer), "too_early");
    EXPECT_NE(answer.body.find("seq is 1"), std::string::npos) << answer.body;
}

TEST(GetScore, RefusesParametersItDoesNotHave) {
    TestApi api;
    api.order("C42", "10.00");
    for (const char* query : {"At=1", "at=noon", "min_seq=-1", "at=1&at=1", "verbose"}) {
        const HttpAnswer answer = api.get(std::string("/v1/customers/C42/score?") + query);
        EXPECT_EQ(answer.status, 400) << query;
        EXPECT_EQ(code_of(answer), "bad_parameter") << query;
    }
}

TEST(GetScore, HeadSaysTheLengthAlone) {
    TestApi api;
    api.order("C42", "10.00");
    const HttpAnswer get = api.get("/v1/customers/C42/score");
    const HttpAnswer head = api.run({.method = Method::Head, .target = "/v1/customers/C42/score"});
    EXPECT_EQ(head.header("content-length"), get.header("content-length"));
    EXPECT_EQ(head.header("etag"), get.header("etag"));
}

TEST(GetScore, AnswersAfterTheStoreStoppedAreRefusals) {
    TestApi api;
    api.order("C42", "10.00");
    api.store().stop();
    const HttpAnswer answer = api.get("/v1/customers/C42/score?at=2027-03-01T00:00:00Z");
    EXPECT_EQ(answer.status, 503);
    EXPECT_EQ(code_of(answer), "stopping");
}

TEST(GetScore, WhoWaitsIsAnsweredWhenTheStoreStops) {
    TestApi api;
    auto waiting = api.start({.target = "/v1/customers/C42/score?min_seq=9"});
    api.store().stop();
    EXPECT_GE(waiting.get().status, 425);
}

// The tag speaks of every member that does not move by itself, and of nothing else.
TEST(GetScore, TagsAreEqualExactlyWhereTheAnswersAre) {
    TestApi api;
    std::map<std::string, std::string> body_of_tag;
    std::map<std::string, std::string> tag_of_body;
    for (int i = 0; i < 300; ++i) {
        const std::string id = "c" + std::to_string(i % 30);
        api.order(id, std::to_string(1 + i % 7) + "00.00", i % 50);
        api.clock().set({kNoon.ms + i * scoring::kHourMs});
        const HttpAnswer answer = api.get("/v1/customers/" + id + "/score");
        const std::string stable = answer.body.substr(0, answer.body.find(",\"seq\":"));
        const std::string tag = answer.header("etag");
        EXPECT_EQ(body_of_tag.emplace(tag, stable).first->second, stable);
        EXPECT_EQ(tag_of_body.emplace(stable, tag).first->second, tag);
    }
    EXPECT_GT(body_of_tag.size(), 100U);
}

TEST(NamesTag, ComparesTagByTag) {
    using endpoints::names_tag;
    EXPECT_TRUE(names_tag("\"a\"", "\"a\""));
    EXPECT_TRUE(names_tag(" \"b\" ,\"a\"", "\"a\""));
    EXPECT_TRUE(names_tag(" * ", "\"a\""));
    EXPECT_TRUE(names_tag("W/\"a\"", "\"a\""));
    EXPECT_FALSE(names_tag("W/\"b\"", "\"a\""));
    EXPECT_FALSE(names_tag("\"ab\", a", "\"a\""));
    EXPECT_FALSE(names_tag(",,", "\"a\""));
}

}  // namespace
}  // namespace patron::testing
