#pragma once
// The features a policy may name: what each means, its unit, and how it moves while nothing happens.
//
// Shapes     a Feature is a kind and, for windowed kinds, the index of the policy's window.
// Units      money in minor units; days of 24 hours unless "whole policy days" is said; ratios in [0, 1].
// Range      a value is a double; NaN is "unknown", which holds no comparison.
// Time       Steps: constant between instants that the rollup knows. Days: changes at the policy's
//            midnights only. Rises, Falls: continuous and monotone while nothing happens.
// Source     semantics: facts and features.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace patron::scoring {

enum class FeatureKind : std::uint8_t {
    // Windowed: (now - N days, now], net of refunds.
    SpendWindow,
    OrdersWindow,
    ReturnRateWindow,
    // Whole life.
    SpendLifetime,
    OrdersLifetime,
    ReturnRateLifetime,
    AverageOrderValue,
    PurchaseDays,
    X,
    TXDays,
    OrderIntervalDays,
    Contribution365d,
    CostToServe365d,
    // Silence and age.
    RecencyDays,
    TenureDays,
    RecencyWholeDays,
    TenureWholeDays,
    // What customers say and ask.
    NpsLast,
    CsatLast,
    CsatEwma,
    ReviewScore,
    FeedbackSentiment,
    OpenTickets,
    OldestOpenHours,
    FirstResponseHours,
    ReferralsMade,
    ReferralsConverted,
    TrainingsCompleted,
    // Decayed counts, stepped at midnight.
    Activity,
    ComplaintLoad,
    ContactPressure,
    // What the shop knows.
    Influence,
    Strategic,
    ExpertScore,
    // Scores.
    RfmR,
    RfmF,
    RfmM,
    ValueIndex,
    PAlive,
    PurchaseProbability,
};

inline constexpr std::size_t kFeatureKinds =
    static_cast<std::size_t>(FeatureKind::PurchaseProbability) + 1;

enum class FeatureUnit : std::uint8_t { Money, Count, Ratio, Days, Hours, Points, Number };
enum class FeatureMotion : std::uint8_t { Steps, Days, Rises, Falls };

struct FeatureInfo {
    FeatureKind kind;
    std::string_view name;  // windowed kinds: the part before "_<N>d"
    bool windowed;
    FeatureUnit unit;
    FeatureMotion motion;
    bool demanded;  // a customer can bring more of it: gaps and "to keep" are told in it
    std::string_view meaning;
};

std::span<const FeatureInfo> feature_table();
const FeatureInfo& info(FeatureKind kind);

struct Feature {
    FeatureKind kind = FeatureKind::SpendLifetime;
    std::uint8_t window = 0;
    bool operator==(const Feature&) const = default;
};

// "spend_365d" for the policy windows {30, 90, 365}; nothing for a name or a window nobody knows.
std::optional<Feature> parse_feature(std::string_view name, std::span<const int> window_days);
std::string feature_name(Feature feature, std::span<const int> window_days);

}  // namespace patron::scoring
