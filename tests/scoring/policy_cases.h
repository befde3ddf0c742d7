#pragma once
// A sound policy and what the tests of lint ask about changed copies of it.
//
// Threads    one test at a time.

#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "scoring/policy_lint.h"

namespace patron::scoring {

inline constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
inline constexpr double kInfinity = std::numeric_limits<double>::infinity();

inline constexpr Feature kSpend{FeatureKind::SpendWindow, 1};
inline constexpr Feature kOrders{FeatureKind::OrdersWindow, 1};
inline constexpr Feature kRecency{FeatureKind::RecencyDays, 0};
inline constexpr Feature kNps{FeatureKind::NpsLast, 0};
inline constexpr Feature kStrategic{FeatureKind::Strategic, 0};

inline Atom at_least(Feature feature, double threshold) {
    return {feature, Comparison::AtLeast, threshold, {}};
}
inline Atom at_most(Feature feature, double threshold) {
    return {feature, Comparison::AtMost, threshold, {}};
}
inline Atom equal(Feature feature, double value) {
    return {feature, Comparison::Equal, value, {}};
}
inline Atom in(Feature feature, std::vector<double> values) {
    return {feature, Comparison::In, 0, std::move(values)};
}

inline ServiceCell cell() {
    return {"A", 30, 24, {"email"}, {"gift"}};
}

// Three tiers by spend over a year; sound and without warnings.
inline Policy sound_policy() {
    Policy policy;
    policy.window_days = {30, 365};
    policy.purchase = kCdnowMbgNbd;
    policy.purchase_source = "a test";
    policy.tiers = {
        {"standard", {"Standard", "普通"}, {}, std::nullopt},
        {"silver", {"Silver", "白银"}, {{at_least(kSpend, 100000)}}, std::nullopt},
        {"gold", {"Gold", "黄金"}, {{at_least(kSpend, 500000)}}, Rule{{at_least(kSpend, 400000)}}},
    };
    policy.service.assign(policy.tiers.size() * kStages, cell());
    policy.dimensions = {
        {"spend", kSpend, 0.6, {{0, 0}, {500000, 100}}},
        {"orders", kOrders, 0.4, {{0, 0}, {10, 100}}},
    };
    policy.rfm = RfmCutPoints{{-365, -180, -90, -30}, {1, 2, 4, 8}, {10000, 20000, 40000, 80000}};
    policy.currencies.rates = {*parse_rate({'U', 'S', 'D'}, "7.12")};
    return policy;
}

inline std::string told(const std::vector<PolicyIssue>& issues) {
    std::string all;
    for (const PolicyIssue& issue : issues) {
        all += (issue.error ? "  error " : "  warning ") + issue.path + ": " + issue.message + "\n";
    }
    return all.empty() ? "  nothing\n" : all;
}

// Exactly one issue, of that kind and place, whose message says `part`.
inline void expect_issue(const Policy& policy, bool error, const char* path, const char* part) {
    const std::vector<PolicyIssue> issues = lint(policy, FactSchema{});
    ASSERT_EQ(issues.size(), 1U) << told(issues);
    EXPECT_EQ(issues[0].path, path) << told(issues);
    EXPECT_EQ(issues[0].error, error) << told(issues);
    EXPECT_NE(issues[0].message.find(part), std::string::npos) << told(issues);
}
inline void expect_error(const Policy& policy, const char* path, const char* part) {
    expect_issue(policy, true, path, part);
}
inline void expect_warning(const Policy& policy, const char* path, const char* part) {
    expect_issue(policy, false, path, part);
}
inline void expect_sound(const Policy& policy) {
    const std::vector<PolicyIssue> issues = lint(policy, FactSchema{});
    EXPECT_TRUE(issues.empty()) << told(issues);
}

inline Policy with_enter(Rule enter, std::optional<Rule> keep = std::nullopt) {
    Policy policy = sound_policy();
    policy.tiers[2].enter = std::move(enter);
    policy.tiers[2].keep = std::move(keep);
    return policy;
}

template <class Change>
Policy changed(Change change) {
    Policy policy = sound_policy();
    change(policy);
    return policy;
}

}  // namespace patron::scoring
