#pragma once
// What every endpoint stands on: the store, the policy's texts, and what the program says of
// itself.
//
// Owns       nothing but the options; the store outlives it.
// Threads    shared by all I/O threads and the store's callbacks; the functions of the options are
//            called from any of them.

#include <functional>
#include <string>
#include <vector>

#include <prometheus/metric_family.h>

#include "server/endpoints/policy_texts_cache.h"
#include "store/store.h"

namespace patron::endpoints {

struct BuildInfo {
    std::string version;
    std::string commit;
    std::string build_type;
    std::string compiler;
};

struct ReadinessCheck {
    std::string name;
    bool ok = true;
    std::string detail;
};

struct ApiOptions {
    BuildInfo build;
    // What must hold, beside the store's own checks, before requests should come.
    std::function<std::vector<ReadinessCheck>()> readiness;
    // Families shown at /metrics beside the store's.
    std::function<std::vector<prometheus::MetricFamily>()> more_metrics;
    // Where backups are made, absolute; empty: nothing is kept.
    std::string backups_folder;
};

struct Core {
    store::Store& store;
    ApiOptions options;
    PolicyTextsCache texts;
};

}  // namespace patron::endpoints
