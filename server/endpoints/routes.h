#pragma once
// Which resource a path names, and what may be done with it.
//
// Shapes     paths as sent, still percent-encoded; a customer's segment is what stands between the
//            fixed parts and holds no slash.
// Errors     Route::Unknown.
// Threads    pure.
// Cost       a handful of comparisons, no table, no copy.

#include <cstdint>
#include <string_view>

#include "server/endpoints/request.h"

namespace patron::endpoints {

enum class Route : std::uint8_t {
    Unknown,
    Score,
    Scores,
    Events,
    Customer,
    Customers,
    Override,
    Stats,
    Stream,
    Forecast,
    ForecastCustomers,
    Snapshots,
    Backups,
    Livez,
    Readyz,
    Healthz,
    Metrics,
    Version,
    OpenApi,
    AsyncApi,
};

Route find_route(std::string_view path);

// Whether it stands under /v1: answered from the store, which has to be ready.
bool needs_store(Route route);

// The customer's segment of a path that find_route knows as Score, Customer or Override.
std::string_view customer_segment(Route route, std::string_view path);

// The value of Allow.
std::string_view allowed_methods(Route route);
bool allows(Route route, Method method);

}  // namespace patron::endpoints
