#pragma once
// Policies as people write them: JSON with comments, every mistake told with its line and column.
//
// Shapes     a document is one object; [brackets] mark what may be left out:
//              name [revision] [label{en,zh}] windows_days[] horizon_days
//              purchase_model{type,unit_days,r,alpha,a,b,source,prior}
//              [signals{<signal>: weight}] (one not named weighs 0) response_target_hours
//              risk_bands{medium,high,hysteresis}
//              lifecycle{new_days,dormant,churned,won_back_days}; a limit is {days},
//              {intervals,days} or {probability,days}
//              follow_up{cadence_factor{none,low,medium,high},contact_pressure_max}
//              [value_index[{name,feature,weight,breakpoints[[value,points]]}]]
//              [rfm{r[4],f[4],m[4]}]: days of silence (longest first), purchase days, spend
//              tiers[{name,[label],[enter],[keep]}], lowest first; a rule is a list of
//              alternatives, an alternative {"<feature>": {">=": 1, "<=": 9}} with >=, <=, ==, in
//              grace_days max_step
//              service{<tier>: {default: cell, [<stage>: what differs]}}, a cell is
//              {level,cadence_days,response_hours,channels[],benefits[]}
//              [currencies{<code>: "7.12"}]: base units for one foreign unit
// Units      money in major units with at most the currency's decimals, by its digits; days, hours.
// Range      at most 1 MiB; what the members may hold lint says (scoring/policy_lint.h).
// Errors     all mistakes at once in the order of the text, at most kPolicyProblemsMax of them.
// Threads    pure.

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "scoring/policy.h"

namespace patron::wire {

inline constexpr std::size_t kPolicyProblemsMax = 100;

struct PolicyProblem {
    std::string pointer;  // RFC 6901; of the missing member where one is missing
    std::size_t line = 1;
    std::size_t column = 1;  // characters, from 1
    std::string message;
    bool error = true;  // else a warning
};

struct PolicyDocument {
    scoring::Policy policy;  // lint finds no error in it
    std::vector<PolicyProblem> warnings;
};

std::expected<PolicyDocument, std::vector<PolicyProblem>> parse_policy(
    std::string_view text, const scoring::FactSchema& schema
);

// The canonical document: parse_policy gives the same policy back (comparisons of one alternative
// grouped by feature). The policy must have passed lint.
std::string write_policy(const scoring::Policy& policy, const scoring::FactSchema& schema);

}  // namespace patron::wire
