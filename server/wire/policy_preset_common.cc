#include "server/wire/policy_preset_texts.h"

namespace patron::wire {

namespace {

constexpr std::string_view kMembers = R"json(
  // The N of spend_<N>d, orders_<N>d and return_rate_<N>d: a month, a season, a year.
  "windows_days": [30, 90, 365],

  // Churn risk is the probability of no purchase within this many days. Judgement: a season, long
  // enough that one missed month is no alarm, short enough to act on.
  "horizon_days": 90,

  // When do customers buy, and when do they leave? A PRIOR, fitted on another shop: replace it with a
  // fit of your own orders as soon as there are some months of them.
  "purchase_model": {
    "type": "mbg_nbd",
    "unit_days": 7,
    "r": 0.52484316,
    "alpha": 6.18308528,
    "a": 0.89135939,
    "b": 1.61400224,
    "source": "prior: maximum likelihood on the CDNOW sample (2,357 customers, weeks, to 1997-09-30)",
    "prior": true
  },

  // What a signal at full strength adds to the log odds of leaving. PRIORS of experience, not measured
  // on any shop: 0.8 about doubles the odds. Fit them when follow-up outcomes are known.
  "signals": {
    "complaint": 0.8,
    "open_ticket": 0.5,
    "slow_response": 0.3,
    "detractor": 0.6,
    "dissatisfied": 0.5,
    "bad_review": 0.4,
    "returns": 0.5,
    "activity_drop": 0.4,
    "spend_drop": 0,  // the purchase model sees falling spend already
    "follow_up_overdue": 0.3,
    "untrained": 0.2
  },

  // Slower first answers than this count as slow. Judgement: one day.
  "response_target_hours": 24,

  // Judgement: medium when leaving is likelier than not, high when four of five would leave. A band is
  // left again only below its threshold minus the hysteresis, so that nobody flaps.
  "risk_bands": {"medium": 0.5, "high": 0.8, "hysteresis": 0.03},

  // Judgement: half a year of silence is dormant, a year is gone; who returns is watched for a season.
  // Limits may also be told in the customer's own rhythm, {"intervals": 6, "days": 365}, or as
  // {"probability": 0.05, "days": 365}.
  "lifecycle": {
    "new_days": 30,
    "dormant": {"days": 180},
    "churned": {"days": 365},
    "won_back_days": 90
  },

  // The cadence of the service cell times this factor by risk band ("none": nothing bought yet).
  // Above contact_pressure_max (recent follow-ups, decayed) a customer is left in peace. Judgement.
  "follow_up": {
    "cadence_factor": {"none": 1, "low": 1, "medium": 0.5, "high": 0.25},
    "contact_pressure_max": 4
  },

  // RFM scores 1 to 5: days of silence, purchase days, lifetime spend. A PRIOR: fixed round numbers,
  // not quintiles of your customers; calibrate them on your own.
  "rfm": {
    "r": [365, 180, 90, 30],
    "f": [1, 2, 4, 8],
    "m": [200, 800, 2500, 8000]
  },
)json";

}  // namespace

std::string_view preset_common_members() {
    return kMembers;
}

}  // namespace patron::wire
