#include "server/endpoints/routes.h"

namespace patron::endpoints {
namespace {

constexpr std::string_view kCustomerPrefix = "/v1/customers/";
constexpr std::string_view kScoreSuffix = "/score";
constexpr std::string_view kOverrideSuffix = "/override";

Route customer_route(std::string_view rest) {
    const std::size_t slash = rest.find('/');
    if (slash == 0 || rest.empty()) {
        return Route::Unknown;
    }
    if (slash == std::string_view::npos) {
        return Route::Customer;
    }
    const std::string_view tail = rest.substr(slash);
    if (tail == kScoreSuffix) {
        return Route::Score;
    }
    return tail == kOverrideSuffix ? Route::Override : Route::Unknown;
}

Route api_route(std::string_view name) {
    if (name == "events") {
        return Route::Events;
    }
    if (name == "scores") {
        return Route::Scores;
    }
    if (name == "customers") {
        return Route::Customers;
    }
    if (name == "stats") {
        return Route::Stats;
    }
    if (name == "stream") {
        return Route::Stream;
    }
    if (name == "forecast") {
        return Route::Forecast;
    }
    if (name == "forecast/customers") {
        return Route::ForecastCustomers;
    }
    if (name == "snapshots") {
        return Route::Snapshots;
    }
    return name == "backups" ? Route::Backups : Route::Unknown;
}

Route operations_route(std::string_view path) {
    if (path == "/livez") {
        return Route::Livez;
    }
    if (path == "/readyz") {
        return Route::Readyz;
    }
    if (path == "/healthz") {
        return Route::Healthz;
    }
    if (path == "/metrics") {
        return Route::Metrics;
    }
    if (path == "/version") {
        return Route::Version;
    }
    if (path == "/openapi.json") {
        return Route::OpenApi;
    }
    return path == "/asyncapi.json" ? Route::AsyncApi : Route::Unknown;
}

}  // namespace

Route find_route(std::string_view path) {
    if (path.starts_with(kCustomerPrefix)) [[likely]] {
        return customer_route(path.substr(kCustomerPrefix.size()));
    }
    constexpr std::string_view kApi = "/v1/";
    return path.starts_with(kApi) ? api_route(path.substr(kApi.size())) : operations_route(path);
}

std::string_view customer_segment(Route route, std::string_view path) {
    path.remove_prefix(kCustomerPrefix.size());
    if (route == Route::Score) {
        path.remove_suffix(kScoreSuffix.size());
    } else if (route == Route::Override) {
        path.remove_suffix(kOverrideSuffix.size());
    }
    return path;
}

std::string_view allowed_methods(Route route) {
    switch (route) {
        case Route::Unknown:
            return "";
        case Route::Scores:
        case Route::Events:
        case Route::Snapshots:
        case Route::Backups:
            return "POST, OPTIONS";
        case Route::Override:
            return "PUT, DELETE, OPTIONS";
        case Route::Customer:
            return "GET, HEAD, DELETE, OPTIONS";
        case Route::Score:
        case Route::Customers:
        case Route::Stats:
        case Route::Stream:
        case Route::Forecast:
        case Route::ForecastCustomers:
        case Route::Livez:
        case Route::Readyz:
        case Route::Healthz:
        case Route::Metrics:
        case Route::Version:
        case Route::OpenApi:
        case Route::AsyncApi:
            return "GET, HEAD, OPTIONS";
    }
    return "";
}

bool needs_store(Route route) {
    switch (route) {
        case Route::Score:
        case Route::Scores:
        case Route::Events:
        case Route::Customer:
        case Route::Customers:
        case Route::Override:
        case Route::Stats:
        case Route::Stream:
        case Route::Forecast:
        case Route::ForecastCustomers:
        case Route::Snapshots:
        case Route::Backups:
            return true;
        case Route::Unknown:
        case Route::Livez:
        case Route::Readyz:
        case Route::Healthz:
        case Route::Metrics:
        case Route::Version:
        case Route::OpenApi:
        case Route::AsyncApi:
            return false;
    }
    return false;
}

// A resource that only takes POST.
constexpr bool is_posted(Route route) {
    return route == Route::Scores || route == Route::Events || route == Route::Snapshots ||
           route == Route::Backups;
}

bool allows(Route route, Method method) {
    switch (method) {
        case Method::Get:
        case Method::Head:
            return !is_posted(route) && route != Route::Override;
        case Method::Post:
            return is_posted(route);
        case Method::Put:
            return route == Route::Override;
        case Method::Delete:
            return route == Route::Override || route == Route::Customer;
        case Method::Options:
            return true;
        case Method::Other:
            return false;
    }
    return false;
}

}  // namespace patron::endpoints
