#include <gtest/gtest.h>

#include "tests/endpoints/test_api.h"

namespace patron::testing {
namespace {

namespace json = boost::json;
using endpoints::Method;

TEST(Operations, AlivePlainAndReady) {
    TestApi api;
    EXPECT_EQ(api.get_json("/livez").at("status"), "alive");
    EXPECT_EQ(api.get_json("/readyz").at("status"), "ready");
    const json::array checks = api.get_json("/readyz?verbose").at("checks").as_array();
    ASSERT_EQ(checks.size(), 2U);
    EXPECT_EQ(checks[0].at("name"), "recovery");
    EXPECT_EQ(checks[1].at("name"), "log");
    EXPECT_EQ(checks[1].at("detail"), "in memory only, nothing is kept");
    const json::object health = api.get_json("/healthz");
    EXPECT_EQ(health.at("ready"), true);
    EXPECT_EQ(health.at("durable"), false);
    EXPECT_EQ(health.at("durability"), "none");
    EXPECT_TRUE(health.at("last_snapshot_seq").is_null());
}

TEST(Operations, NotReadyNamesTheCheckThatFails) {
    bool replayed = false;
    endpoints::ApiOptions options;
    options.readiness = [&replayed] {
        return std::vector<endpoints::ReadinessCheck>{
            {"bind", true, ""}, {"replay", replayed, "at 42 %"}
        };
    };
    TestApi api(std::move(options));
    const HttpAnswer answer = api.get("/readyz");
    EXPECT_EQ(answer.status, 503);
    EXPECT_EQ(code_of(answer), "not_ready");
    EXPECT_NE(answer.body.find("replay: at 42 %"), std::string::npos);
    EXPECT_EQ(api.get("/livez").status, 200);
    EXPECT_EQ(api.get_json("/healthz").at("ready"), false);
    replayed = true;
    const json::object ready = api.get_json("/readyz?verbose");
    EXPECT_EQ(ready.at("checks").at(1).at("name"), "replay");
}

TEST(Operations, MetricsCountWhatHappened) {
    endpoints::ApiOptions options;
    options.build = {"1.2.3", "abc", "Debug", "g++"};
    options.more_metrics = [] {
        prometheus::MetricFamily family{
            "patron_test_total", "A test.", prometheus::MetricType::Counter, {}
        };
        family.metric.emplace_back().counter.value = 7;
        return std::vector{family};
    };
    TestApi api(std::move(options));
    api.order("C", "1.00");
    const HttpAnswer answer = api.get("/metrics");
    EXPECT_EQ(answer.status, 200);
    for (const char* line :
         {"\npatron_events_applied_total 1\n",
          "\npatron_test_total 7\n",
          "patron_beat_duration_seconds_bucket{le=\"+Inf\"}",
          "version=\"1.2.3\""}) {
        EXPECT_NE(answer.body.find(line), std::string::npos) << line << answer.body;
    }
}

TEST(Operations, VersionSaysWhatWasBuilt) {
    endpoints::ApiOptions options;
    options.build = {"1.2.3", "abc", "Debug", "g++ 12"};
    TestApi api(std::move(options));
    const json::object version = api.get_json("/version");
    EXPECT_EQ(version.at("version"), "1.2.3");
    EXPECT_EQ(version.at("policy"), "default@1");
}

TEST(Operations, RefuseParametersTheyDoNotHave) {
    TestApi api;
    for (const char* path :
         {"/livez", "/readyz", "/healthz", "/metrics", "/version", "/openapi.json", "/asyncapi.json"
         }) {
        EXPECT_EQ(code_of(api.get(std::string(path) + "?x=1")), "bad_parameter") << path;
    }
}

TEST(Api, UnknownRoutesAndMethods) {
    TestApi api;
    EXPECT_EQ(code_of(api.get("/nothing")), "unknown_route");
    EXPECT_EQ(code_of(api.run({.method = Method::Options, .target = "/nothing"})), "unknown_route");
    const HttpAnswer answer = api.put("/v1/events", "[]");
    EXPECT_EQ(answer.status, 405);
    EXPECT_EQ(answer.header("allow"), "POST, OPTIONS");
    EXPECT_EQ(api.run({.method = Method::Other, .target = "/v1/customers/C/score"}).status, 405);
    EXPECT_EQ(api.run({.method = Method::Head, .target = "/v1/events"}).status, 405);
    EXPECT_EQ(api.post("/v1/customers/C/score", "").status, 405);
}

TEST(Api, OptionsTellsWhatIsAllowed) {
    TestApi api;
    const HttpAnswer answer = api.run({.method = Method::Options, .target = "/v1/customers/C"});
    EXPECT_EQ(answer.status, 204);
    EXPECT_EQ(answer.header("allow"), "GET, HEAD, DELETE, OPTIONS");
}

TEST(Api, HeadOfEveryGetHasTheHeadersAlone) {
    TestApi api;
    api.order("C", "1.00");
    for (const char* path :
         {"/livez",
          "/readyz",
          "/healthz",
          "/version",
          "/openapi.json",
          "/asyncapi.json",
          "/v1/forecast",
          "/v1/forecast/customers",
          "/v1/stats",
          "/v1/customers",
          "/v1/customers/C",
          "/v1/customers/C/score"}) {
        const HttpAnswer head = api.run({.method = Method::Head, .target = path});
        EXPECT_EQ(head.status, 200) << path;
        EXPECT_EQ(head.header("content-length"), api.get(path).header("content-length")) << path;
    }
}

}  // namespace
}  // namespace patron::testing
