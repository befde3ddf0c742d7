#include "scoring/policy_lint.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace patron::scoring {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

constexpr Feature kSpend{FeatureKind::SpendWindow, 1};
constexpr Feature kOrders{FeatureKind::OrdersWindow, 1};
constexpr Feature kRecency{FeatureKind::RecencyDays, 0};
constexpr Feature kNps{FeatureKind::NpsLast, 0};
constexpr Feature kStrategic{FeatureKind::Strategic, 0};

Atom at_least(Feature feature, double threshold) {
    return {feature, Comparison::AtLeast, threshold, {}};
}
Atom at_most(Feature feature, double threshold) {
    return {feature, Comparison::AtMost, threshold, {}};
}
Atom equal(Feature feature, double value) {
    return {feature, Comparison::Equal, value, {}};
}
Atom in(Feature feature, std::vector<double> values) {
    return {feature, Comparison::In, 0, std::move(values)};
}

ServiceCell cell() {
    return {"A", 30, 24, {"email"}, {"gift"}};
}

// Three tiers by spend over a year; sound and without warnings.
Policy sound_policy() {
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

std::string told(const std::vector<PolicyIssue>& issues) {
    std::string all;
    for (const PolicyIssue& issue : issues) {
        all += (issue.error ? "  error " : "  warning ") + issue.path + ": " + issue.message + "\n";
    }
    return all.empty() ? "  nothing\n" : all;
}

// Exactly one issue, of that kind and place, whose message says `part`.
void expect_issue(const Policy& policy, bool error, const char* path, const char* part) {
    const std::vector<PolicyIssue> issues = lint(policy, FactSchema{});
    ASSERT_EQ(issues.size(), 1U) << told(issues);
    EXPECT_EQ(issues[0].path, path) << told(issues);
    EXPECT_EQ(issues[0].error, error) << told(issues);
    EXPECT_NE(issues[0].message.find(part), std::string::npos) << told(issues);
}
void expect_error(const Policy& policy, const char* path, const char* part) {
    expect_issue(policy, true, path, part);
}
void expect_warning(const Policy& policy, const char* path, const char* part) {
    expect_issue(policy, false, path, part);
}
void expect_sound(const Policy& policy) {
    const std::vector<PolicyIssue> issues = lint(policy, FactSchema{});
    EXPECT_TRUE(issues.empty()) << told(issues);
}

Policy with_enter(Rule enter, std::optional<Rule> keep = std::nullopt) {
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

TEST(PolicyLint, ASoundPolicyHasNoIssues) {
    expect_sound(sound_policy());
}

TEST(PolicyLint, NameRevisionAndLabelsAreChecked) {
    expect_error(changed([](Policy& p) { p.name = "a@1"; }), "/name", "is no name");
    expect_error(changed([](Policy& p) { p.name = ""; }), "/name", "is no name");
    expect_error(changed([](Policy& p) { p.name = std::string(65, 'a'); }), "/name", "is no name");
    expect_error(changed([](Policy& p) { p.revision = 0; }), "/revision", "starts at 1");
    expect_error(
        changed([](Policy& p) { p.label.zh = std::string(513, 'a'); }), "/label/zh", "longer"
    );
    expect_sound(changed([](Policy& p) { p.name = "summer-2026"; }));
}

TEST(PolicyLint, WindowsAreOneToFourAscendingDays) {
    const auto only_lifetime = [](Policy p, std::vector<int> windows) {
        p.window_days = std::move(windows);
        p.dimensions.clear();
        const Feature spend{FeatureKind::SpendLifetime, 0};
        p.tiers[1].enter = {{at_least(spend, 1)}};
        p.tiers[2].enter = {{at_least(spend, 2)}};
        p.tiers[2].keep.reset();
        return p;
    };
    const Policy base = sound_policy();
    expect_sound(only_lifetime(base, {1, 2, 3, 3650}));
    expect_error(only_lifetime(base, {}), "/windows_days", "needs 1 to 4");
    expect_error(only_lifetime(base, {1, 2, 3, 4, 5}), "/windows_days", "needs 1 to 4");
    expect_error(only_lifetime(base, {30, 30}), "/windows_days/1", "ascend");
    expect_error(only_lifetime(base, {90, 30}), "/windows_days/1", "ascend");
    expect_error(only_lifetime(base, {0}), "/windows_days/0", "between 1 and 3650");
    expect_error(only_lifetime(base, {3651}), "/windows_days/0", "between 1 and 3650");
}

TEST(PolicyLint, TheHorizonLiesBetweenOneDayAndTenYears) {
    expect_error(changed([](Policy& p) { p.horizon_days = 0.5; }), "/horizon_days", "between");
    expect_error(changed([](Policy& p) { p.horizon_days = 3651; }), "/horizon_days", "between");
    expect_error(changed([](Policy& p) { p.horizon_days = kNan; }), "/horizon_days", "between");
}

TEST(PolicyLint, PurchaseParametersAreValid) {
    expect_error(changed([](Policy& p) { p.purchase.r = 0; }), "/purchase_model/r", "between");
    expect_error(changed([](Policy& p) { p.purchase.alpha = -1; }), "/purchase_model/alpha", "");
    expect_error(changed([](Policy& p) { p.purchase.a = kNan; }), "/purchase_model/a", "");
    expect_error(changed([](Policy& p) { p.purchase.b = kInfinity; }), "/purchase_model/b", "");
    expect_error(
        changed([](Policy& p) { p.purchase.unit_days = 0; }), "/purchase_model/unit_days", ""
    );
    expect_error(
        changed([](Policy& p) { p.purchase.model = static_cast<PurchaseModel>(9); }),
        "/purchase_model/type",
        "nobody knows"
    );
    expect_warning(
        changed([](Policy& p) { p.purchase_source = ""; }),
        "/purchase_model/source",
        "where the parameters come from"
    );
}

TEST(PolicyLint, SignalWeightsAreFiniteAndAtMostTen) {
    expect_sound(changed([](Policy& p) { p.signal_weights.fill(-10); }));
    expect_error(changed([](Policy& p) { p.signal_weights[0] = 10.5; }), "/signals/complaint", "");
    expect_error(changed([](Policy& p) { p.signal_weights[10] = kNan; }), "/signals/untrained", "");
    expect_error(
        changed([](Policy& p) { p.response_target_hours = 0; }), "/response_target_hours", "above 0"
    );
}

TEST(PolicyLint, RiskBandsAreOrderedProbabilities) {
    expect_error(
        changed([](Policy& p) { p.bands.medium = 0; }), "/risk_bands/medium", "probability"
    );
    expect_error(changed([](Policy& p) { p.bands.high = 1; }), "/risk_bands/high", "probability");
    expect_error(
        changed([](Policy& p) { p.bands.high = 0.5; }), "/risk_bands/high", "above `medium`"
    );
    expect_error(changed([](Policy& p) { p.bands.medium = kNan; }), "/risk_bands/medium", "");
}

TEST(PolicyLint, HysteresisStaysBelowMediumAndBelowTheGap) {
    const char* path = "/risk_bands/hysteresis";
    expect_error(changed([](Policy& p) { p.bands.hysteresis = -0.01; }), path, "at least 0");
    expect_error(changed([](Policy& p) { p.bands = {0.1, 0.9, 0.1}; }), path, "(0.1)");
    expect_error(changed([](Policy& p) { p.bands = {0.5, 0.75, 0.25}; }), path, "(0.25)");
    expect_sound(changed([](Policy& p) { p.bands = {0.1, 0.9, 0}; }));
}

TEST(PolicyLint, LifecycleLimitsAreInRange) {
    expect_error(changed([](Policy& p) { p.lifecycle.new_days = -1; }), "/lifecycle/new_days", "");
    expect_error(
        changed([](Policy& p) { p.lifecycle.won_back_days = 3651; }), "/lifecycle/won_back_days", ""
    );
    expect_error(
        changed([](Policy& p) { p.lifecycle.dormant = {LimitUnit::Days, 0, 0}; }),
        "/lifecycle/dormant/days",
        "above 0"
    );
    expect_error(
        changed([](Policy& p) { p.lifecycle.dormant = {LimitUnit::Days, 9, 10}; }),
        "/lifecycle/dormant/days",
        "two different"
    );
    expect_error(
        changed([](Policy& p) { p.lifecycle.churned = {LimitUnit::Intervals, 0, 365}; }),
        "/lifecycle/churned/intervals",
        "above 0"
    );
    expect_error(
        changed([](Policy& p) { p.lifecycle.churned = {LimitUnit::Probability, 1, 365}; }),
        "/lifecycle/churned/probability",
        "probability"
    );
    expect_error(
        changed([](Policy& p) { p.lifecycle.churned = {static_cast<LimitUnit>(7), 1, 365}; }),
        "/lifecycle/churned",
        "nobody knows"
    );
}

TEST(PolicyLint, ChurnedDoesNotComeBeforeDormant) {
    const auto limits = [](SilenceLimit dormant, SilenceLimit churned) {
        return changed([&](Policy& p) { p.lifecycle = {30, dormant, churned, 90}; });
    };
    using enum LimitUnit;
    expect_error(limits({Days, 180, 180}, {Days, 179, 179}), "/lifecycle/churned/days", "before");
    expect_error(
        limits({Intervals, 3, 180}, {Intervals, 2, 365}), "/lifecycle/churned/intervals", "before"
    );
    expect_error(
        limits({Probability, 0.1, 180}, {Probability, 0.2, 365}),
        "/lifecycle/churned/probability",
        "before"
    );
    expect_error(
        limits({Days, 180, 180}, {Intervals, 6, 90}),
        "/lifecycle/churned/days",
        "without an interval"
    );
    expect_sound(limits({Probability, 0.2, 180}, {Probability, 0.1, 365}));
    expect_sound(limits({Days, 180, 180}, {Days, 180, 180}));
}

TEST(PolicyLint, CadenceFactorsShortenAndDoNotRise) {
    expect_error(
        changed([](Policy& p) { p.follow_up.cadence_factor[3] = 0; }),
        "/follow_up/cadence_factor/high",
        "above 0"
    );
    expect_error(
        changed([](Policy& p) { p.follow_up.cadence_factor[1] = 1.5; }),
        "/follow_up/cadence_factor/low",
        "at most 1"
    );
    expect_warning(
        changed([](Policy& p) { p.follow_up.cadence_factor = {1, 0.5, 0.6, 0.2}; }),
        "/follow_up/cadence_factor/medium",
        "rarer"
    );
    expect_error(
        changed([](Policy& p) { p.follow_up.contact_pressure_max = 0; }),
        "/follow_up/contact_pressure_max",
        "above 0"
    );
}

TEST(PolicyLint, DimensionWeightsAddUpToOne) {
    expect_error(
        changed([](Policy& p) { p.dimensions[0].weight = 0.5; }), "/value_index", "add up to 0.9"
    );
    expect_sound(changed([](Policy& p) { p.dimensions[0].weight = 0.6 + 5e-10; }));
    expect_error(
        changed([](Policy& p) { p.dimensions[0].weight = 0.6 + 5e-9; }), "/value_index", "add up"
    );
    expect_error(
        changed([](Policy& p) {
            p.dimensions.push_back(p.dimensions[0]);
            p.dimensions[2].name = "more";
            p.dimensions[2].weight = 0;
        }),
        "/value_index/2/weight",
        "above 0"
    );
}

TEST(PolicyLint, DimensionsHaveNamesOfTheirOwn) {
    expect_error(
        changed([](Policy& p) { p.dimensions[1].name = "spend"; }),
        "/value_index/1/name",
        "two dimensions"
    );
    expect_error(
        changed([](Policy& p) { p.dimensions[1].name = "Spend!"; }),
        "/value_index/1/name",
        "is no name"
    );
}

TEST(PolicyLint, DimensionsReadFeaturesThatStandStillWithinADay) {
    const auto reading = [](Feature feature) {
        return changed([&](Policy& p) { p.dimensions[1].feature = feature; });
    };
    const char* path = "/value_index/1/feature";
    expect_error(reading(kRecency), path, "every instant");
    expect_error(reading({FeatureKind::PAlive, 0}), path, "every instant");
    expect_error(reading({FeatureKind::ValueIndex, 0}), path, "itself");
    expect_error(reading({FeatureKind::SpendWindow, 2}), path, "window");
    expect_error(reading({FeatureKind::SpendLifetime, 1}), path, "window");
    expect_error(reading({static_cast<FeatureKind>(200), 0}), path, "does not have");
    expect_sound(reading({FeatureKind::RecencyWholeDays, 0}));
    Policy no_cuts = reading({FeatureKind::RfmF, 0});
    expect_sound(no_cuts);
    no_cuts.rfm.reset();
    expect_error(no_cuts, path, "cut points");
}

TEST(PolicyLint, BreakpointsAscendAndGiveZeroToHundredPoints) {
    const auto with = [](std::vector<Breakpoint> norm) {
        return changed([&](Policy& p) { p.dimensions[0].norm = std::move(norm); });
    };
    expect_error(with({{0, 0}}), "/value_index/0/breakpoints", "needs 2");
    expect_error(with({{0, 0}, {0, 100}}), "/value_index/0/breakpoints/1/0", "ascend");
    expect_error(with({{5, 0}, {1, 100}}), "/value_index/0/breakpoints/1/0", "ascend");
    expect_error(with({{0, 0}, {1, 101}}), "/value_index/0/breakpoints/1/1", "between 0 and 100");
    expect_error(with({{0, -1}, {1, 100}}), "/value_index/0/breakpoints/0/1", "between 0 and 100");
    expect_error(with({{0, 0}, {kNan, 100}}), "/value_index/0/breakpoints/1/0", "not finite");
    expect_error(with({{0, 0}, {1.5, 100}}), "/value_index/0/breakpoints/1/0", "minor unit");
    expect_sound(with({{0, 100}, {1, 0}}));
}

TEST(PolicyLint, RfmCutsAscendAndAreWhole) {
    expect_error(changed([](Policy& p) { p.rfm->f = {1, 3, 2, 4}; }), "/rfm/f/2", "ascend");
    expect_error(changed([](Policy& p) { p.rfm->r = {-30, -90, -10, -5}; }), "/rfm/r/1", "longest");
    expect_error(changed([](Policy& p) { p.rfm->m = {1, 2, kNan, 4}; }), "/rfm/m/2", "not finite");
    expect_error(changed([](Policy& p) { p.rfm->f = {1, 1.5, 2, 4}; }), "/rfm/f/1", "whole");
    // Cuts of a population where one value is common coincide.
    expect_sound(changed([](Policy& p) { p.rfm->f = {1, 1, 1, 4}; }));
}

TEST(PolicyLint, ThereAreOneToSixteenTiersWithNamesOfTheirOwn) {
    const auto tiers = [](std::size_t count) {
        return changed([&](Policy& p) {
            p.tiers.resize(1);
            for (std::size_t i = 1; i < count; ++i) {
                const std::string name = "tier_" + std::to_string(i);
                p.tiers.push_back(
                    {name, {name, name}, {{at_least(kSpend, 100.0 * static_cast<double>(i))}}, {}}
                );
            }
            p.service.assign(count * kStages, cell());
        });
    };
    expect_sound(tiers(1));
    expect_sound(tiers(16));
    expect_error(tiers(17), "/tiers", "1 to 16");
    expect_error(
        changed([](Policy& p) { p.tiers.clear(), p.service.clear(); }), "/tiers", "1 to 16"
    );
    expect_error(
        changed([](Policy& p) { p.tiers[2].name = "silver"; }), "/tiers/2/name", "names two tiers"
    );
    expect_error(
        changed([](Policy& p) { p.tiers[2].name = "Gold"; }), "/tiers/2/name", "is no name"
    );
    expect_warning(
        changed([](Policy& p) { p.tiers[2].label.zh = ""; }), "/tiers/2/label", "Chinese"
    );
}

TEST(PolicyLint, OnlyTheLowestTierHasNoRules) {
    expect_error(
        changed([](Policy& p) { p.tiers[0].enter = {{at_least(kSpend, 1)}}; }),
        "/tiers/0/enter",
        "lowest"
    );
    expect_error(
        changed([](Policy& p) { p.tiers[0].keep = Rule{{at_least(kSpend, 1)}}; }),
        "/tiers/0/keep",
        "lowest"
    );
    expect_error(changed([](Policy& p) { p.tiers[1].enter.clear(); }), "/tiers/1/enter", "missing");
    expect_error(
        changed([](Policy& p) { p.tiers[2].keep = Rule{}; }), "/tiers/2/keep", "keeps nobody"
    );
    expect_error(with_enter({{}}), "/tiers/2/enter/0", "holds for everybody");
}

TEST(PolicyLint, RulesAndClausesAreBounded) {
    Rule long_rule;
    for (int i = 0; i < 17; ++i) {
        long_rule.push_back({at_least(kSpend, 500000.0 + i)});
    }
    expect_error(with_enter(long_rule), "/tiers/2/enter", "more than 16 alternatives");
    expect_error(
        with_enter({Clause(17, at_least(kSpend, 500000))}),
        "/tiers/2/enter/0",
        "more than 16 comparisons"
    );
}

TEST(PolicyLint, AtomsReadKnownFeatures) {
    expect_error(
        with_enter({{at_least({FeatureKind::SpendWindow, 2}, 1)}}),
        "/tiers/2/enter/0",
        "does not have"
    );
    expect_error(
        with_enter({{at_least({static_cast<FeatureKind>(99), 0}, 1)}}),
        "/tiers/2/enter/0",
        "does not have"
    );
    expect_error(
        changed([](Policy& p) {
            p.tiers[2].enter = {{at_least({FeatureKind::ValueIndex, 0}, 50)}};
            p.tiers[2].keep.reset();
            p.dimensions.clear();
        }),
        "/tiers/2/enter/0/value_index",
        "no dimensions"
    );
    expect_error(
        changed([](Policy& p) {
            p.tiers[2].enter = {{at_least({FeatureKind::RfmM, 0}, 4)}};
            p.tiers[2].keep.reset();
            p.rfm.reset();
        }),
        "/tiers/2/enter/0/rfm_m",
        "cut points"
    );
}

TEST(PolicyLint, ThresholdsAreFinite) {
    const char* path = "/tiers/2/enter/0/spend_365d";
    expect_error(with_enter({{at_least(kSpend, kNan)}}), path, "not finite");
    expect_error(with_enter({{at_least(kSpend, kInfinity)}}), path, "not finite");
    expect_error(with_enter({{in(kSpend, {1, kNan})}}), path, "not finite");
    expect_error(with_enter({{at_least(kSpend, 100.5)}}), path, "minor unit");
    expect_error(
        with_enter({{Atom{kSpend, static_cast<Comparison>(8), 1, {}}}}), path, "nobody knows"
    );
}

TEST(PolicyLint, InIsForFeaturesThatDoNotMoveAndEqualForThoseThatStandStillWithinADay) {
    expect_error(with_enter({{in(kRecency, {1})}}), "/tiers/2/enter/0/recency_days", "`in`");
    expect_error(
        with_enter({{in({FeatureKind::RecencyWholeDays, 0}, {1})}}),
        "/tiers/2/enter/0/recency_whole_days",
        "`in`"
    );
    expect_error(with_enter({{equal(kRecency, 1)}}), "/tiers/2/enter/0/recency_days", "`==`");
    expect_error(with_enter({{in(kStrategic, {})}}), "/tiers/2/enter/0/strategic", "needs 1");
    expect_sound(with_enter({{equal({FeatureKind::RecencyWholeDays, 0}, 1)}}));
    expect_sound(with_enter({{in(kStrategic, {1, 2})}}));
}

TEST(PolicyLint, AComparisonIsMadeOnce) {
    expect_error(
        with_enter({{at_least(kSpend, 500000), at_least(kSpend, 600000)}}),
        "/tiers/2/enter/0",
        "spend_365d >= 5000.00 and spend_365d >= 6000.00"
    );
}

TEST(PolicyLint, AClauseThatContradictsItselfIsRefused) {
    const char* path = "/tiers/2/enter/0";
    expect_error(
        with_enter({{at_least(kOrders, 5), at_most(kOrders, 3)}}),
        path,
        "can never hold: orders_365d >= 5 and orders_365d <= 3"
    );
    expect_error(with_enter({{at_least(kOrders, 5), equal(kOrders, 3)}}), path, "never");
    expect_error(with_enter({{in(kStrategic, {1, 2}), equal(kStrategic, 0)}}), path, "never");
    expect_error(with_enter({{in(kStrategic, {1, 2}), at_most(kStrategic, 0)}}), path, "never");
    expect_sound(with_enter({{at_least(kOrders, 5), at_most(kOrders, 5)}}));
}

TEST(PolicyLint, AThresholdOutsideTheFeaturesRangeCanNeverHold) {
    const char* path = "/tiers/2/enter/0";
    expect_error(with_enter({{at_least({FeatureKind::PAlive, 0}, 1.5)}}), path, "never");
    expect_error(with_enter({{at_least(kNps, 11)}}), path, "never");
    expect_error(with_enter({{at_most(kOrders, -1)}}), path, "never");
    expect_error(with_enter({{equal(kOrders, 2.5)}}), path, "never");
    expect_error(with_enter({{at_least(kOrders, 2.3), at_most(kOrders, 2.7)}}), path, "never");
    expect_error(with_enter({{equal(kStrategic, 3)}}), path, "never");
}

TEST(PolicyLint, AKeepStricterThanEnterLeavesAGap) {
    const char* path = "/tiers/2/keep";
    expect_error(
        with_enter({{at_least(kSpend, 500000)}}, Rule{{at_least(kSpend, 600000)}}),
        path,
        "who just entered by /tiers/2/enter/0 (spend_365d >= 5000.00) is not kept"
    );
    expect_error(with_enter({{at_most(kRecency, 30)}}, Rule{{at_most(kRecency, 20)}}), path, "gap");
    expect_error(
        with_enter({{in(kStrategic, {0, 1, 2})}}, Rule{{in(kStrategic, {0, 2})}}), path, "gap"
    );
    expect_error(
        with_enter(
            {{at_least(kOrders, 1), at_most(kOrders, 9)}},
            Rule{{at_least(kOrders, 5)}, {at_most(kOrders, 0)}}
        ),
        path,
        "gap"
    );
    // The second way in leads to no way of staying.
    expect_error(
        with_enter(
            {{at_least(kSpend, 500000)}, {at_least(kSpend, 0), at_least(kOrders, 10)}},
            Rule{{at_least(kSpend, 400000)}, {at_least(kOrders, 12)}}
        ),
        path,
        "/tiers/2/enter/1"
    );
}

TEST(PolicyLint, AKeepThatAsksForSomethingElseIsSuspicious) {
    const std::vector<PolicyIssue> issues =
        lint(with_enter({{at_least(kSpend, 500000)}}, Rule{{at_least(kOrders, 2)}}), FactSchema{});
    ASSERT_EQ(issues.size(), 1U) << told(issues);
    EXPECT_FALSE(issues[0].error);
    EXPECT_NE(issues[0].message.find("asks for more than"), std::string::npos);
    EXPECT_FALSE(has_errors(issues));
}

TEST(PolicyLint, AKeepThatCoversEnterIsSound) {
    expect_sound(with_enter({{at_least(kSpend, 500000)}}, Rule{{at_least(kSpend, 500000)}}));
    expect_sound(
        with_enter({{at_least(kSpend, 500000), at_least(kOrders, 4)}}, Rule{{at_least(kOrders, 3)}})
    );
    // Two ways of staying that cover the range together.
    expect_sound(with_enter(
        {{at_least(kOrders, 2)}},
        Rule{{at_least(kOrders, 2), at_most(kOrders, 4)}, {at_least(kOrders, 4)}}
    ));
    // Nobody has 2.5 orders.
    expect_sound(with_enter({{at_least(kOrders, 2.5)}}, Rule{{at_least(kOrders, 3)}}));
}

TEST(PolicyLint, AHigherTierThatIsEasierIsSuspicious) {
    expect_warning(with_enter({{at_least(kSpend, 90000)}}), "/tiers/2/enter", "no harder");
    expect_warning(with_enter({{at_least(kSpend, 100000)}}), "/tiers/2/enter", "no harder");
    expect_warning(
        changed([](Policy& p) {
            p.tiers[1].enter = {{at_least(kSpend, 100000), at_least(kOrders, 4)}};
            p.tiers[2].enter = {{at_least(kSpend, 500000), at_least(kOrders, 2)}};
            p.tiers[2].keep.reset();
        }),
        "/tiers/2/enter",
        "easier to enter in one respect"
    );
    // Not decided: other features, other comparisons.
    expect_sound(with_enter({{at_least(kOrders, 1)}}));
    expect_sound(with_enter({{at_least(kSpend, 1), at_most(kSpend, 2)}}));
}

TEST(PolicyLint, GraceAndStepsAreInRange) {
    expect_error(changed([](Policy& p) { p.grace_days = -1; }), "/grace_days", "between 0");
    expect_error(changed([](Policy& p) { p.grace_days = 3651; }), "/grace_days", "between 0");
    expect_error(changed([](Policy& p) { p.max_step = 0; }), "/max_step", "between 1 and 15");
    expect_error(changed([](Policy& p) { p.max_step = 16; }), "/max_step", "between 1 and 15");
    expect_sound(changed([](Policy& p) { p.grace_days = 0; }));
}

TEST(PolicyLint, ServiceHasACellForEveryTierAndStage) {
    expect_error(changed([](Policy& p) { p.service.pop_back(); }), "/service", "21, not 20");
    const auto with = [](auto change) {
        return changed([&](Policy& p) { change(p.service[2 * kStages + 3]); });
    };
    const std::string path = "/service/gold/at_risk";
    expect_error(with([](ServiceCell& c) { c.level = ""; }), (path + "/level").c_str(), "missing");
    expect_error(
        with([](ServiceCell& c) { c.cadence_days = -1; }), (path + "/cadence_days").c_str(), ""
    );
    expect_error(
        with([](ServiceCell& c) { c.response_hours = kNan; }),
        (path + "/response_hours").c_str(),
        ""
    );
    expect_error(
        with([](ServiceCell& c) { c.channels = {"email", "email"}; }),
        (path + "/channels/1").c_str(),
        "twice"
    );
    expect_error(
        with([](ServiceCell& c) { c.benefits = {""}; }), (path + "/benefits/0").c_str(), "empty"
    );
}

TEST(PolicyLint, CurrenciesAreForeignKnownAndNamedOnce) {
    const auto rates = [](std::vector<ExchangeRate> list) {
        return changed([&](Policy& p) { p.currencies.rates = std::move(list); });
    };
    const ExchangeRate usd = *parse_rate({'U', 'S', 'D'}, "7.12");
    expect_error(rates({usd, usd}), "/currencies/USD", "two rates");
    expect_error(rates({{{'C', 'N', 'Y'}, 1, 0}}), "/currencies/CNY", "base currency");
    expect_error(rates({{{'Q', 'Q', 'Q'}, 1, 0}}), "/currencies/QQQ", "ISO 4217");
    expect_error(rates({{usd.currency, 0, 0}}), "/currencies/USD", "exchange rate");
    expect_error(rates({{usd.currency, 1, 16}}), "/currencies/USD", "exchange rate");
    expect_error(
        changed([](Policy& p) { p.currencies.base = {'E', 'U', 'R'}; }),
        "/currencies",
        "kept in CNY"
    );
}

TEST(PolicyLint, EverythingIsReportedAtOnce) {
    Policy policy = sound_policy();
    policy.grace_days = -1;
    policy.bands.high = 2;
    policy.tiers[1].enter.clear();
    policy.horizon_days = 0;
    const std::vector<PolicyIssue> issues = lint(policy, FactSchema{});
    EXPECT_EQ(issues.size(), 4U) << told(issues);
    EXPECT_TRUE(has_errors(issues));
}

TEST(PolicyLint, ADefaultPolicyIsRefusedWithoutHarm) {
    EXPECT_TRUE(has_errors(lint(Policy{}, FactSchema{})));
}

}  // namespace
}  // namespace patron::scoring
