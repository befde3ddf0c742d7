#include "scoring/policy_lint.h"

#include <string>
#include <vector>

#include "tests/scoring/policy_cases.h"

namespace patron::scoring {
namespace {

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
