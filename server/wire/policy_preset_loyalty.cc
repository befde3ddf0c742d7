#include "server/wire/policy_preset_texts.h"

namespace patron::wire {
namespace {

constexpr std::string_view kHead =
    R"json(// A loyalty programme: standard, silver, gold, platinum by what a year brings.
// Every threshold is a judgement for a mid-size shop that sells in CNY, not a measurement: simulate
// before you activate, and move the numbers until the tiers have the sizes you can serve.
{
  "name": "loyalty",
  "revision": 1,
  "label": {"en": "Loyalty programme", "zh": "会员等级"},
)json";

constexpr std::string_view kTail = R"json(
  // Lowest first. Spend and orders together: one large purchase is no loyalty, many tiny ones are no
  // value. `keep` asks for about three quarters of `enter`, so that a weaker season loses no one.
  "tiers": [
    {
      "name": "standard",
      "label": {"en": "Standard", "zh": "普通"}
    },
    {
      "name": "silver",
      "label": {"en": "Silver", "zh": "白银"},
      "enter": [{"spend_365d": {">=": 2000}, "orders_365d": {">=": 3}}],
      "keep": [{"spend_365d": {">=": 1500}, "orders_365d": {">=": 2}}]
    },
    {
      "name": "gold",
      "label": {"en": "Gold", "zh": "黄金"},
      "enter": [{"spend_365d": {">=": 8000}, "orders_365d": {">=": 6}}],
      "keep": [{"spend_365d": {">=": 6000}, "orders_365d": {">=": 4}}]
    },
    {
      "name": "platinum",
      "label": {"en": "Platinum", "zh": "铂金"},
      "enter": [{"spend_365d": {">=": 20000}, "orders_365d": {">=": 10}}],
      "keep": [{"spend_365d": {">=": 15000}, "orders_365d": {">=": 8}}]
    }
  ],

  // A downgrade waits a month, time for one more purchase, and moves one tier at a time.
  "grace_days": 30,
  "max_step": 1,

  // What each tier is promised; a stage says only what differs. Judgement: contact platinum monthly,
  // standard not at all, and come back sooner where somebody is about to leave.
  "service": {
    "standard": {
      "default": {"level": "D", "cadence_days": 0, "response_hours": 48, "channels": ["email"], "benefits": []},
      "new": {"cadence_days": 30},
      "at_risk": {"cadence_days": 90}
    },
    "silver": {
      "default": {"level": "C", "cadence_days": 90, "response_hours": 24, "channels": ["email", "sms"],
                  "benefits": ["birthday_gift"]},
      "at_risk": {"cadence_days": 60},
      "churned": {"cadence_days": 180}
    },
    "gold": {
      "default": {"level": "B", "cadence_days": 60, "response_hours": 8, "channels": ["sms", "phone"],
                  "benefits": ["birthday_gift", "free_shipping"]},
      "at_risk": {"cadence_days": 30, "response_hours": 4},
      "churned": {"cadence_days": 180}
    },
    "platinum": {
      "default": {"level": "A", "cadence_days": 30, "response_hours": 4, "channels": ["phone", "sms"],
                  "benefits": ["birthday_gift", "free_shipping", "priority_support", "personal_adviser"]},
      "at_risk": {"cadence_days": 14, "response_hours": 2},
      "churned": {"cadence_days": 90}
    }
  },

  // Base units for one foreign unit, as text: {"USD": "7.12"}. Rates are yours to state.
  "currencies": {}
}
)json";

}  // namespace

std::string loyalty_preset() {
    return std::string(kHead) + std::string(preset_common_members()) + std::string(kTail);
}

}  // namespace patron::wire
