#include "server/endpoints/routes.h"

#include <utility>

#include <gtest/gtest.h>

namespace patron::endpoints {
namespace {

TEST(Routes, KnowsEveryResource) {
    for (const auto& [path, route] : {
             std::pair("/v1/events", Route::Events),
             std::pair("/v1/scores", Route::Scores),
             std::pair("/v1/stats", Route::Stats),
             std::pair("/v1/stream", Route::Stream),
             std::pair("/v1/forecast", Route::Forecast),
             std::pair("/v1/forecast/customers", Route::ForecastCustomers),
             std::pair("/v1/customers", Route::Customers),
             std::pair("/v1/customers/C42", Route::Customer),
             std::pair("/v1/customers/score", Route::Customer),
             std::pair("/v1/customers/C42/score", Route::Score),
             std::pair("/v1/customers/score/score", Route::Score),
             std::pair("/v1/customers/C42/override", Route::Override),
             std::pair("/v1/snapshots", Route::Snapshots),
             std::pair("/v1/backups", Route::Backups),
             std::pair("/livez", Route::Livez),
             std::pair("/readyz", Route::Readyz),
             std::pair("/healthz", Route::Healthz),
             std::pair("/metrics", Route::Metrics),
             std::pair("/version", Route::Version),
             std::pair("/openapi.json", Route::OpenApi),
             std::pair("/asyncapi.json", Route::AsyncApi),
         }) {
        EXPECT_EQ(find_route(path), route) << path;
    }
}

TEST(Routes, KnowsNothingElse) {
    for (const char* path :
         {"",
          "/",
          "/v1",
          "/v1/",
          "/v2/stats",
          "/v1/stats/",
          "/v1/forecast/",
          "/v1/forecast/customer",
          "/v1/customers/",
          "/v1/customers//score",
          "/v1/customers/a/b",
          "/v1/customers/a/score/",
          "/v1/customers/a/score/x",
          "/livez/",
          "/V1/stats",
          "v1/stats"}) {
        EXPECT_EQ(find_route(path), Route::Unknown) << path;
    }
}

TEST(Routes, UnderV1TheStoreHasToBeReady) {
    for (int i = 1; i <= static_cast<int>(Route::AsyncApi); ++i) {
        const auto route = static_cast<Route>(i);
        EXPECT_EQ(needs_store(route), route < Route::Livez) << i;
    }
    EXPECT_FALSE(needs_store(Route::Unknown));
}

TEST(Routes, CutsOutTheCustomer) {
    EXPECT_EQ(customer_segment(Route::Score, "/v1/customers/a%2Fb/score"), "a%2Fb");
    EXPECT_EQ(customer_segment(Route::Customer, "/v1/customers/score"), "score");
    EXPECT_EQ(customer_segment(Route::Override, "/v1/customers/C/override"), "C");
}

TEST(Routes, AllowIsWhatIsAllowed) {
    constexpr std::pair<Method, std::string_view> kMethods[]{
        {Method::Get, "GET"},
        {Method::Head, "HEAD"},
        {Method::Post, "POST"},
        {Method::Put, "PUT"},
        {Method::Delete, "DELETE"},
        {Method::Options, "OPTIONS"},
        {Method::Other, "PATCH"}
    };
    for (int i = 1; i <= static_cast<int>(Route::AsyncApi); ++i) {
        const auto route = static_cast<Route>(i);
        for (const auto& [method, name] : kMethods) {
            const bool named = allowed_methods(route).find(name) != std::string_view::npos;
            EXPECT_EQ(allows(route, method), named) << i << ' ' << name;
        }
    }
}

}  // namespace
}  // namespace patron::endpoints
