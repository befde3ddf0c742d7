#pragma once
// Every rule a policy must obey before it may be compiled, checked all at once.
//
// Shapes     issues come in the order of the policy document; `path` is a JSON pointer into it (see
//            wire/policy_document.h), e.g. "/tiers/2/enter/0/spend_365d".
// Errors     none: whatever the policy holds (NaN, empty lists, unknown enumerators) gives issues.
//            A policy without an `error` issue is evaluated without any run-time error.
// Threads    pure.
// Source     semantics: value index and tier, churn risk, lifecycle, service.

#include <string>
#include <vector>

#include "scoring/policy.h"

namespace patron::scoring {

// Bounds of a policy; more is refused.
inline constexpr std::size_t kPolicyTiersMax = 16;
inline constexpr std::size_t kPolicyWindowsMax = 4;
inline constexpr int kPolicyDaysMax = 3650;
inline constexpr std::size_t kPolicyDimensionsMax = 16;
inline constexpr std::size_t kPolicyBreakpointsMax = 64;
inline constexpr std::size_t kPolicyClausesMax = 16;
inline constexpr std::size_t kPolicyAtomsMax = 16;
inline constexpr std::size_t kPolicyAllowedMax = 64;
inline constexpr std::size_t kPolicyNameBytesMax = 64;
inline constexpr std::size_t kPolicyTextBytesMax = 512;
inline constexpr std::size_t kServiceListMax = 32;
inline constexpr std::size_t kPolicyCurrenciesMax = 200;
inline constexpr double kSignalWeightMax = 10;
inline constexpr double kHoursMax = 8760;
inline constexpr double kIntervalsMax = 1000;
// Beyond this a double skips whole minor units.
inline constexpr double kThresholdMax = 9'007'199'254'740'991;

struct PolicyIssue {
    std::string path;
    std::string message;
    bool error = true;  // else a warning: the policy works, but probably not as meant
    bool operator==(const PolicyIssue&) const = default;
};

std::vector<PolicyIssue> lint(const Policy& policy, const FactSchema& schema);

bool has_errors(const std::vector<PolicyIssue>& issues);

}  // namespace patron::scoring
