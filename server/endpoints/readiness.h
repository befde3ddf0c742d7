#pragma once
// Whether requests should come: what must hold, one check each, in words for an operator.
//
// Shapes     accepting (of the options), recovery, log; with a data folder also disk and snapshot. A
//            check that fails says what still works and the next step.
// Errors     none.
// Threads    any.

#include <string>
#include <string_view>
#include <vector>

#include "server/endpoints/core.h"

namespace patron::endpoints {

// What the checks look at.
struct StoreCondition {
    store::RecoveryProgress recovery;
    std::string log_name;
    bool durable = false;
    store::Durability durability = store::Durability::None;
    store::LogStatus log;
    store::KeepStatus kept;
    scoring::Instant now;
};

std::string_view durability_name(store::Durability durability);

ReadinessCheck recovery_check(const store::RecoveryProgress& progress);
std::vector<ReadinessCheck> store_checks(const StoreCondition& condition);
// All of them, of this moment.
std::vector<ReadinessCheck> readiness_checks(const Core& core);

}  // namespace patron::endpoints
