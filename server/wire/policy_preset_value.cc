#include "server/wire/policy_preset_texts.h"

namespace patron::wire {
namespace {

constexpr std::string_view kHead = R"json(// Three classes of value by one index of 0 to 100 points.
// Weights, breakpoints and thresholds are judgement for a mid-size shop that sells in CNY, not
// measurement: calibrate the breakpoints on your own customers before you rely on the points.
{
  "name": "value",
  "revision": 1,
  "label": {"en": "Customer value", "zh": "客户价值"},
)json";

constexpr std::string_view kTail = R"json(
  // Points are read off straight lines between the breakpoints [value, points], flat outside them.
  "value_index": [
    // What the year brought weighs most.
    {
      "name": "spend",
      "feature": "spend_365d",
      "weight": 0.45,
      "breakpoints": [[0, 0], [500, 25], [2000, 50], [8000, 80], [20000, 100]]
    },
    // Coming often is a habit; habits last.
    {
      "name": "frequency",
      "feature": "orders_365d",
      "weight": 0.25,
      "breakpoints": [[0, 0], [1, 20], [3, 50], [6, 75], [12, 100]]
    },
    // Silence in whole days: the index sinks day by day, not at some nightly job.
    {
      "name": "recency",
      "feature": "recency_whole_days",
      "weight": 0.2,
      "breakpoints": [[0, 100], [30, 80], [90, 50], [180, 20], [365, 0]]
    },
    // Customers who bring customers.
    {
      "name": "referral",
      "feature": "referrals_converted",
      "weight": 0.1,
      "breakpoints": [[0, 0], [1, 50], [3, 100]]
    }
  ],

  // Lowest first; five points less keep a class, so that nobody flaps around a threshold.
  "tiers": [
    {
      "name": "low_value",
      "label": {"en": "Low value", "zh": "低价值"}
    },
    {
      "name": "mid_value",
      "label": {"en": "Mid value", "zh": "中价值"},
      "enter": [{"value_index": {">=": 40}}],
      "keep": [{"value_index": {">=": 35}}]
    },
    {
      "name": "high_value",
      "label": {"en": "High value", "zh": "高价值"},
      "enter": [{"value_index": {">=": 70}}],
      "keep": [{"value_index": {">=": 65}}]
    }
  ],

  // Points move with every silent day, so a downgrade waits two weeks only, one class at a time.
  "grace_days": 14,
  "max_step": 1,

  // What each class is promised; a stage says only what differs. Judgement.
  "service": {
    "low_value": {
      "default": {"level": "C", "cadence_days": 0, "response_hours": 48, "channels": ["email"], "benefits": []},
      "new": {"cadence_days": 30}
    },
    "mid_value": {
      "default": {"level": "B", "cadence_days": 60, "response_hours": 24, "channels": ["email", "sms"],
                  "benefits": ["birthday_gift"]},
      "at_risk": {"cadence_days": 45},
      "churned": {"cadence_days": 180}
    },
    "high_value": {
      "default": {"level": "A", "cadence_days": 30, "response_hours": 4, "channels": ["phone", "sms"],
                  "benefits": ["birthday_gift", "free_shipping", "priority_support"]},
      "at_risk": {"cadence_days": 14, "response_hours": 2},
      "churned": {"cadence_days": 90}
    }
  },

  // Base units for one foreign unit, as text: {"USD": "7.12"}. Rates are yours to state.
  "currencies": {}
}
)json";

}  // namespace

std::string value_preset() {
    return std::string(kHead) + std::string(preset_common_members()) + std::string(kTail);
}

}  // namespace patron::wire
