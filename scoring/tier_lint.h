#pragma once
// The part of `lint` that reads the tiers: names, rules, comparisons, gaps and contradictions.
//
// Threads    pure.

#include "scoring/policy_issues.h"

namespace patron::scoring {

void lint_tiers(const Policy& policy, const FactSchema& schema, PolicyIssues& issues);

}  // namespace patron::scoring
