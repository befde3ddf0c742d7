#include "scoring/feature.h"

#include <array>
#include <charconv>
#include <cstddef>
#include <system_error>

#include "scoring/check.h"

namespace patron::scoring {
namespace {

using enum FeatureKind;
using Unit = FeatureUnit;
using Motion = FeatureMotion;

constexpr bool kWindowed = true;
constexpr bool kWhole = false;
constexpr bool kDemanded = true;
constexpr bool kObserved = false;

// In the order of FeatureKind: `info` indexes it, and the assertion below holds it to that.
// clang-format off
constexpr std::array<FeatureInfo, kFeatureKinds> kTable{{
    {SpendWindow, "spend", kWindowed, Unit::Money, Motion::Steps, kDemanded,
     "spend inside the window, net of refunds"},
    {OrdersWindow, "orders", kWindowed, Unit::Count, Motion::Steps, kDemanded,
     "orders inside the window that were not fully refunded"},
    {ReturnRateWindow, "return_rate", kWindowed, Unit::Ratio, Motion::Steps, kObserved,
     "refunded amount over gross amount inside the window"},
    {SpendLifetime, "spend_lifetime", kWhole, Unit::Money, Motion::Steps, kDemanded,
     "spend of all time, net of refunds"},
    {OrdersLifetime, "orders_lifetime", kWhole, Unit::Count, Motion::Steps, kDemanded,
     "orders of all time that were not fully refunded"},
    {ReturnRateLifetime, "return_rate_lifetime", kWhole, Unit::Ratio, Motion::Steps, kObserved,
     "refunded amount over gross amount of all time"},
    {AverageOrderValue, "average_order_value", kWhole, Unit::Money, Motion::Steps, kObserved,
     "net spend per order of all time"},
    {PurchaseDays, "purchase_days", kWhole, Unit::Count, Motion::Steps, kDemanded,
     "distinct days with a purchase"},
    {X, "x", kWhole, Unit::Count, Motion::Steps, kObserved,
     "purchase days after the first"},
    {TXDays, "t_x_days", kWhole, Unit::Days, Motion::Steps, kObserved,
     "days from the first purchase day to the last"},
    {OrderIntervalDays, "order_interval_days", kWhole, Unit::Days, Motion::Steps, kObserved,
     "mean gap between purchase days"},
    {Contribution365d, "contribution_365d", kWhole, Unit::Money, Motion::Steps, kObserved,
     "margin minus cost to serve of the last 365 days"},
    {CostToServe365d, "cost_to_serve_365d", kWhole, Unit::Money, Motion::Steps, kObserved,
     "cost of tickets and follow-ups of the last 365 days"},
    {RecencyDays, "recency_days", kWhole, Unit::Days, Motion::Rises, kObserved,
     "days since the last purchase"},
    {TenureDays, "tenure_days", kWhole, Unit::Days, Motion::Rises, kObserved,
     "days since the customer is known"},
    {RecencyWholeDays, "recency_whole_days", kWhole, Unit::Days, Motion::Days, kObserved,
     "whole policy days since the last purchase day"},
    {TenureWholeDays, "tenure_whole_days", kWhole, Unit::Days, Motion::Days, kObserved,
     "whole policy days since the customer is known"},
    {NpsLast, "nps_last", kWhole, Unit::Number, Motion::Steps, kObserved,
     "last answer to the NPS question, 0 to 10"},
    {CsatLast, "csat_last", kWhole, Unit::Number, Motion::Steps, kObserved,
     "last CSAT answer, 1 to 5"},
    {CsatEwma, "csat_ewma", kWhole, Unit::Number, Motion::Steps, kObserved,
     "moving average of CSAT answers, 1 to 5"},
    {ReviewScore, "review_score", kWhole, Unit::Number, Motion::Steps, kObserved,
     "rating of reviews, 1 to 5"},
    {FeedbackSentiment, "feedback_sentiment", kWhole, Unit::Number, Motion::Steps, kObserved,
     "sentiment of feedback, -1 to 1"},
    {OpenTickets, "open_tickets", kWhole, Unit::Count, Motion::Steps, kObserved,
     "tickets opened and not resolved"},
    {OldestOpenHours, "oldest_open_hours", kWhole, Unit::Hours, Motion::Rises, kObserved,
     "age of the oldest open ticket"},
    {FirstResponseHours, "first_response_hours", kWhole, Unit::Hours, Motion::Steps, kObserved,
     "moving average of the time to the first response"},
    {ReferralsMade, "referrals_made", kWhole, Unit::Count, Motion::Steps, kDemanded,
     "customers referred"},
    {ReferralsConverted, "referrals_converted", kWhole, Unit::Count, Motion::Steps, kDemanded,
     "customers referred who became customers"},
    {TrainingsCompleted, "trainings_completed", kWhole, Unit::Count, Motion::Steps, kDemanded,
     "trainings completed"},
    {Activity, "activity", kWhole, Unit::Number, Motion::Days, kObserved,
     "visits, decayed"},
    {ComplaintLoad, "complaint_load", kWhole, Unit::Number, Motion::Days, kObserved,
     "severity of complaints over 5, decayed"},
    {ContactPressure, "contact_pressure", kWhole, Unit::Number, Motion::Days, kObserved,
     "follow-ups, decayed"},
    {Influence, "influence", kWhole, Unit::Points, Motion::Steps, kObserved,
     "market influence, 0 to 100"},
    {Strategic, "strategic", kWhole, Unit::Number, Motion::Steps, kObserved,
     "strategic importance: none 0, potential 1, key 2"},
    {ExpertScore, "expert_score", kWhole, Unit::Points, Motion::Steps, kObserved,
     "an expert's score, 0 to 100"},
    {RfmR, "rfm_r", kWhole, Unit::Number, Motion::Days, kObserved,
     "RFM recency score, 1 to 5"},
    {RfmF, "rfm_f", kWhole, Unit::Number, Motion::Steps, kObserved,
     "RFM frequency score, 1 to 5"},
    {RfmM, "rfm_m", kWhole, Unit::Number, Motion::Steps, kObserved,
     "RFM monetary score, 1 to 5"},
    {ValueIndex, "value_index", kWhole, Unit::Points, Motion::Days, kDemanded,
     "value index of the policy's dimensions, 0 to 100"},
    {PAlive, "p_alive", kWhole, Unit::Ratio, Motion::Falls, kObserved,
     "probability that the customer has not left"},
    {PurchaseProbability, "purchase_probability", kWhole, Unit::Ratio, Motion::Falls, kObserved,
     "probability of a purchase within the horizon"},
}};
// clang-format on

constexpr bool in_order() {
    for (std::size_t i = 0; i < kTable.size(); ++i) {
        if (kTable[i].kind != static_cast<FeatureKind>(i)) {
            return false;
        }
    }
    return true;
}
static_assert(in_order());

// The N of "_<N>d" at the start of `text`, written as feature_name writes it.
std::optional<int> parse_window_days(std::string_view text) {
    if (text.size() < 3 || text.front() != '_' || text.back() != 'd' || text[1] == '0') {
        return std::nullopt;
    }
    const std::string_view digits = text.substr(1, text.size() - 2);
    int days = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), days);
    if (error != std::errc{} || end != digits.data() + digits.size() || days <= 0) {
        return std::nullopt;
    }
    return days;
}

std::optional<Feature> parse_windowed(
    const FeatureInfo& entry, std::string_view rest, std::span<const int> window_days
) {
    const std::optional<int> days = parse_window_days(rest);
    for (std::size_t i = 0; days && i < window_days.size(); ++i) {
        if (window_days[i] == *days) {
            return Feature{entry.kind, static_cast<std::uint8_t>(i)};
        }
    }
    return std::nullopt;
}

}  // namespace

std::span<const FeatureInfo> feature_table() {
    return kTable;
}

const FeatureInfo& info(FeatureKind kind) {
    const auto index = static_cast<std::size_t>(kind);
    PATRON_CHECK(index < kTable.size());
    return kTable[index];
}

std::optional<Feature> parse_feature(std::string_view name, std::span<const int> window_days) {
    for (const FeatureInfo& entry : kTable) {
        if (!entry.windowed) {
            if (name == entry.name) {
                return Feature{entry.kind, 0};
            }
        } else if (name.starts_with(entry.name)) {
            if (auto found = parse_windowed(entry, name.substr(entry.name.size()), window_days)) {
                return found;
            }
        }
    }
    return std::nullopt;
}

std::string feature_name(Feature feature, std::span<const int> window_days) {
    const FeatureInfo& entry = info(feature.kind);
    std::string name(entry.name);
    if (entry.windowed) {
        PATRON_CHECK(feature.window < window_days.size());
        name += "_" + std::to_string(window_days[feature.window]) + "d";
    }
    return name;
}

}  // namespace patron::scoring
