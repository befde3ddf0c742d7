#include <string>
#include <vector>

#include "scoring/policy_lint.h"
#include "tests/scoring/policy_cases.h"

namespace patron::scoring {
namespace {

TEST(TierLint, ThereAreOneToSixteenTiersWithNamesOfTheirOwn) {
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

TEST(TierLint, OnlyTheLowestTierHasNoRules) {
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

TEST(TierLint, RulesAndClausesAreBounded) {
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

TEST(TierLint, AtomsReadKnownFeatures) {
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

TEST(TierLint, ThresholdsAreFinite) {
    const char* path = "/tiers/2/enter/0/spend_365d";
    expect_error(with_enter({{at_least(kSpend, kNan)}}), path, "not finite");
    expect_error(with_enter({{at_least(kSpend, kInfinity)}}), path, "not finite");
    expect_error(with_enter({{in(kSpend, {1, kNan})}}), path, "not finite");
    expect_error(with_enter({{at_least(kSpend, 100.5)}}), path, "minor unit");
    expect_error(
        with_enter({{Atom{kSpend, static_cast<Comparison>(8), 1, {}}}}), path, "nobody knows"
    );
}

TEST(TierLint, InIsForFeaturesThatDoNotMoveAndEqualForThoseThatStandStillWithinADay) {
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

TEST(TierLint, AComparisonIsMadeOnce) {
    expect_error(
        with_enter({{at_least(kSpend, 500000), at_least(kSpend, 600000)}}),
        "/tiers/2/enter/0",
        "spend_365d >= 5000.00 and spend_365d >= 6000.00"
    );
}

TEST(TierLint, AClauseThatContradictsItselfIsRefused) {
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

TEST(TierLint, AThresholdOutsideTheFeaturesRangeCanNeverHold) {
    const char* path = "/tiers/2/enter/0";
    expect_error(with_enter({{at_least({FeatureKind::PAlive, 0}, 1.5)}}), path, "never");
    expect_error(with_enter({{at_least(kNps, 11)}}), path, "never");
    expect_error(with_enter({{at_most(kOrders, -1)}}), path, "never");
    expect_error(with_enter({{equal(kOrders, 2.5)}}), path, "never");
    expect_error(with_enter({{at_least(kOrders, 2.3), at_most(kOrders, 2.7)}}), path, "never");
    expect_error(with_enter({{equal(kStrategic, 3)}}), path, "never");
}

TEST(TierLint, AKeepStricterThanEnterLeavesAGap) {
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

TEST(TierLint, AKeepThatAsksForSomethingElseIsSuspicious) {
    const std::vector<PolicyIssue> issues =
        lint(with_enter({{at_least(kSpend, 500000)}}, Rule{{at_least(kOrders, 2)}}), FactSchema{});
    ASSERT_EQ(issues.size(), 1U) << told(issues);
    EXPECT_FALSE(issues[0].error);
    EXPECT_NE(issues[0].message.find("asks for more than"), std::string::npos);
    EXPECT_FALSE(has_errors(issues));
}

TEST(TierLint, AKeepThatCoversEnterIsSound) {
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

TEST(TierLint, AHigherTierThatIsEasierIsSuspicious) {
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

}  // namespace
}  // namespace patron::scoring
