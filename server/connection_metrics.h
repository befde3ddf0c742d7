#pragma once
// What the I/O threads count, as families for /metrics.
//
// Threads    pure.

#include <vector>

#include <prometheus/metric_family.h>

#include "server/net/net_metrics.h"

namespace patron::server {

std::vector<prometheus::MetricFamily> connection_metrics(const net::NetTotals& totals);
std::vector<prometheus::MetricFamily> stream_metrics(const net::NetTotals& totals);

}  // namespace patron::server
