#pragma once
// What is kept beyond memory, as metrics: log, snapshots, recovery, erasures, idempotency keys.
//
// Shapes     what does not exist yet (an age without a snapshot, a recovery under way) is left out.
// Threads    any.

#include <vector>

#include <prometheus/metric_family.h>

#include "server/endpoints/core.h"

namespace patron::endpoints {

std::vector<prometheus::MetricFamily> keep_metrics(const Core& core);

}  // namespace patron::endpoints
