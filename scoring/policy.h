#pragma once
// A policy, compiled: everything that turns facts into scores, and nothing that facts depend on.
//
// Shapes     tiers lowest first (1..16, names unique); service holds tiers x stages cells.
// Units      days of 24 hours as double where they may be fractions, thresholds in the feature's unit
//            (money in minor units), weights in log-odds (signals) or points (dimensions).
// Errors     a Policy that `lint` (policy_lint.h) accepts is evaluated without any run-time error.
// Threads    immutable once compiled; shared by pointer.
// Source     semantics: value index and tier, churn risk, lifecycle, service.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "scoring/currency.h"
#include "scoring/feature.h"
#include "scoring/purchase_params.h"
#include "scoring/units.h"

namespace patron::scoring {

// Fixed when a data folder is made: facts depend on it.
struct FactSchema {
    std::string currency = "CNY";
    int currency_digits = 2;
    std::string time_zone = "Asia/Shanghai";
    double activity_half_life_days = 14;
    double complaint_half_life_days = 30;
    double contact_half_life_days = 14;
};

struct Label {
    std::string en;
    std::string zh;
};

enum class Comparison : std::uint8_t { AtLeast, AtMost, Equal, In };

struct Atom {
    Feature feature;
    Comparison comparison = Comparison::AtLeast;
    double threshold = 0;         // AtLeast, AtMost, Equal
    std::vector<double> allowed;  // In
};

using Clause = std::vector<Atom>;  // all of them
using Rule = std::vector<Clause>;  // any of them; empty: never holds

struct Tier {
    std::string name;
    Label label;
    Rule enter;                // the lowest tier needs nothing
    std::optional<Rule> keep;  // absent: `enter` keeps
};

struct Breakpoint {
    double at = 0;      // feature value, ascending
    double points = 0;  // 0..100
};

struct Dimension {
    std::string name;
    Feature feature;    // motion Steps or Days
    double weight = 0;  // the weights of a policy add up to 1
    std::vector<Breakpoint> norm;
};

enum class Stage : std::uint8_t { Prospect, New, Active, AtRisk, Dormant, Churned, WonBack };
inline constexpr std::size_t kStages = 7;

enum class LimitUnit : std::uint8_t { Days, Intervals, Probability };

// How long is too silent: in days, in multiples of the customer's own order interval, or as the
// purchase probability below which it counts. `days` also serves who has no interval yet.
struct SilenceLimit {
    LimitUnit unit = LimitUnit::Days;
    double value = 0;
    double days = 0;
};

struct Lifecycle {
    double new_days = 30;
    SilenceLimit dormant{LimitUnit::Days, 180, 180};
    SilenceLimit churned{LimitUnit::Days, 365, 365};
    double won_back_days = 90;
};

enum class Signal : std::uint8_t {
    Complaint,
    OpenTicket,
    SlowResponse,
    Detractor,
    Dissatisfied,
    BadReview,
    Returns,
    ActivityDrop,
    SpendDrop,
    FollowUpOverdue,
    Untrained,
};
inline constexpr std::size_t kSignals = 11;

enum class Band : std::uint8_t {
    None,
    Low,
    Medium,
    High
};  // None: no churn risk (no purchase yet)
inline constexpr std::size_t kBands = 4;

struct RiskBands {
    double medium = 0.5;       // risk >= medium: medium
    double high = 0.8;         // risk >= high: high
    double hysteresis = 0.03;  // left again below threshold - hysteresis
};

struct ServiceCell {
    std::string level;
    double cadence_days = 0;  // 0: no follow-up is planned
    double response_hours = 0;
    std::vector<std::string> channels;
    std::vector<std::string> benefits;
};

struct FollowUpRules {
    std::array<double, kBands> cadence_factor{1, 1, 0.5, 0.25};
    double contact_pressure_max = 4;  // above: over-contacted
};

struct RfmCutPoints {
    // Four ascending cuts each, on values oriented so that larger is better (recency: minus whole days).
    std::array<double, 4> r{};
    std::array<double, 4> f{};
    std::array<double, 4> m{};
};

struct Policy {
    std::string name = "default";
    std::uint32_t revision = 1;
    Label label;

    std::vector<int> window_days{30, 90, 365};
    double horizon_days = 90;
    PurchaseParams purchase;
    std::string purchase_source;  // where the parameters come from; a prior says so
    bool purchase_is_prior = true;

    std::array<double, kSignals> signal_weights{};
    double response_target_hours = 24;
    RiskBands bands;
    Lifecycle lifecycle;
    FollowUpRules follow_up;

    std::vector<Dimension> dimensions;
    std::optional<RfmCutPoints> rfm;
    std::vector<Tier> tiers;
    double grace_days = 30;
    int max_step = 1;
    std::vector<ServiceCell> service;  // [tier * kStages + stage]

    CurrencyTable currencies;  // base and rates for new events

    const ServiceCell& service_for(std::size_t tier, Stage stage) const {
        return service[tier * kStages + static_cast<std::size_t>(stage)];
    }
};

std::string_view stage_name(Stage stage);
std::string_view band_name(Band band);
std::string_view signal_name(Signal signal);

}  // namespace patron::scoring
