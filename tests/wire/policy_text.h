#pragma once
// A small policy document and what the tests ask about changed copies of it.
//
// Threads    one test at a time.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "server/wire/policy_document.h"

namespace patron::wire {

using scoring::FactSchema;
using scoring::Policy;

inline constexpr const char* kText = R"({
  "name": "test", // a comment
  "windows_days": [30, 365],
  "horizon_days": 90,
  "purchase_model": {"type": "mbg_nbd", "unit_days": 7, "r": 0.5, "alpha": 6, "a": 0.9, "b": 1.6, "source": "a test", "prior": true},
  "signals": {"complaint": 0.8},
  "response_target_hours": 24,
  "risk_bands": {"medium": 0.5, "high": 0.8, "hysteresis": 0.03},
  "lifecycle": {"new_days": 30, "dormant": {"days": 180}, "churned": {"intervals": 6, "days": 365}, "won_back_days": 90},
  "follow_up": {"cadence_factor": {"none": 1, "low": 1, "medium": 0.5, "high": 0.25}, "contact_pressure_max": 4},
  "value_index": [
    {"name": "spend", "feature": "spend_365d", "weight": 1, "breakpoints": [[0, 0], [100.50, 100]]},
  ],
  "rfm": {"r": [365, 180, 90, 0], "f": [1, 2, 4, 8], "m": [200, 800, 2500, 8000]},
  "tiers": [
    {"name": "standard", "label": {"en": "Standard", "zh": "普通"}},
    {"name": "gold", "label": {"en": "Gold", "zh": "黄金"},
     "enter": [{"spend_365d": {">=": 5000}, "orders_365d": {">=": 4, "<=": 900}},
               {"strategic": {"in": ["key", 1]}}],
     "keep": [{"spend_365d": {">=": "4000.05"}}, {"strategic": {">=": 1}}]},
  ],
  "grace_days": 30,
  "max_step": 1,
  "service": {
    "standard": {"default": {"level": "B", "cadence_days": 0, "response_hours": 48, "channels": [], "benefits": []}},
    "gold": {"default": {"level": "A", "cadence_days": 30, "response_hours": 4, "channels": ["phone"], "benefits": ["gift"]},
             "at_risk": {"cadence_days": 7}},
  },
  "currencies": {"USD": "7.12", "JPY": 0.05},
}
)";

// The text with one place changed.
inline std::string with(std::string_view from, std::string_view to) {
    std::string text = kText;
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

inline std::string told(const std::vector<PolicyProblem>& problems) {
    std::string all;
    for (const PolicyProblem& p : problems) {
        all += "  " + std::to_string(p.line) + ":" + std::to_string(p.column) +
               (p.error ? " error " : " warning ") + p.message + " at " + p.pointer + "\n";
    }
    return all;
}

inline std::vector<PolicyProblem> problems_of(const std::string& text) {
    auto document = parse_policy(text, FactSchema{});
    return document ? document->warnings : document.error();
}

inline Policy policy_of(const std::string& text) {
    auto document = parse_policy(text, FactSchema{});
    EXPECT_TRUE(document) << told(document ? std::vector<PolicyProblem>{} : document.error());
    return document ? std::move(document->policy) : Policy{};
}

}  // namespace patron::wire
