#include "server/wire/policy_preset_texts.h"

namespace patron::wire {
namespace {

constexpr std::string_view kHead = R"json(// The simplest split: prospects, regular customers, VIPs.
// The VIP threshold is a judgement for a mid-size shop that sells in CNY, not a measurement.
{
  "name": "vip",
  "revision": 1,
  "label": {"en": "VIP programme", "zh": "VIP 客户"},
)json";

constexpr std::string_view kTail = R"json(
  // Lowest first. A rule is a list of ways in; one of them is enough.
  "tiers": [
    // Known, but nothing bought yet.
    {
      "name": "prospect",
      "label": {"en": "Prospect", "zh": "潜在客户"}
    },
    // Bought at least once and did not return everything.
    {
      "name": "regular",
      "label": {"en": "Regular", "zh": "普通"},
      "enter": [{"orders_lifetime": {">=": 1}}]
    },
    // By a year's spend, or because the shop knows better: a key account, an expert's high score.
    {
      "name": "vip",
      "label": {"en": "VIP", "zh": "VIP"},
      "enter": [
        {"spend_365d": {">=": 10000}, "orders_365d": {">=": 3}},
        {"strategic": {"in": ["key"]}},
        {"expert_score": {">=": 80}}
      ],
      "keep": [
        {"spend_365d": {">=": 8000}, "orders_365d": {">=": 2}},
        {"strategic": {"in": ["key"]}},
        {"expert_score": {">=": 70}}
      ]
    }
  ],

  // A downgrade waits a month, time for one more purchase.
  "grace_days": 30,
  "max_step": 1,

  // What each tier is promised; a stage says only what differs. Judgement.
  "service": {
    "prospect": {
      "default": {"level": "C", "cadence_days": 30, "response_hours": 24, "channels": ["email"], "benefits": []}
    },
    "regular": {
      "default": {"level": "B", "cadence_days": 90, "response_hours": 24, "channels": ["email", "sms"],
                  "benefits": ["birthday_gift"]},
      "new": {"cadence_days": 30},
      "at_risk": {"cadence_days": 60},
      "churned": {"cadence_days": 180}
    },
    "vip": {
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

std::string vip_preset() {
    return std::string(kHead) + std::string(preset_common_members()) + std::string(kTail);
}

}  // namespace patron::wire
