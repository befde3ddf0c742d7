// Comparisons at the boundary, tiers by rules, and what is missing.

#include "scoring/tier_rules.h"

#include <gtest/gtest.h>

#include "tests/scoring/small_world.h"

namespace patron::scoring {
namespace {

constexpr Feature kSpend30d{FeatureKind::SpendWindow, 0};
constexpr Feature kSpend365d{FeatureKind::SpendWindow, 2};
constexpr Feature kOrders365d{FeatureKind::OrdersWindow, 2};
constexpr Feature kNps{FeatureKind::NpsLast, 0};

Atom at_least(Feature feature, double threshold) {
    return {feature, Comparison::AtLeast, threshold, {}};
}

// A customer with one order of 100.00 now, seen by `rule` as the enter rule of tier 1.
struct Shopper : SmallWorld {
    explicit Shopper(const Rule& rule) {
        spend_tier(0).enter = rule;
        order(noon(0), 100'00, 1);
        all = facts();
        sums = rollup(noon(0));
    }
    Moment moment() { return {compiled(), all, sums, noon(0)}; }
    std::optional<Gap> gap() { return gap_to(compiled().policy.tiers[1].enter, moment()); }

    Facts all;
    Rollup sums;
};

TEST(TierRules, ComparisonsHoldAtTheBoundary) {
    EXPECT_TRUE(holds(at_least(kSpend365d, 100), 100));
    EXPECT_FALSE(holds(at_least(kSpend365d, 100), 99));
    const Atom at_most{kSpend365d, Comparison::AtMost, 100, {}};
    EXPECT_TRUE(holds(at_most, 100));
    EXPECT_FALSE(holds(at_most, 101));
    EXPECT_TRUE(holds(Atom{kNps, Comparison::Equal, 7, {}}, 7));
    EXPECT_FALSE(holds(Atom{kNps, Comparison::Equal, 7, {}}, 8));
    EXPECT_TRUE(holds(Atom{kNps, Comparison::In, 0, {9, 10}}, 10));
    EXPECT_FALSE(holds(Atom{kNps, Comparison::In, 0, {9, 10}}, 0));
}

TEST(TierRules, AnUnknownValueHoldsNothing) {
    for (const Comparison c :
         {Comparison::AtLeast, Comparison::AtMost, Comparison::Equal, Comparison::In}) {
        EXPECT_FALSE(holds(Atom{kNps, c, 0, {0}}, kUnknown));
    }
}

TEST(TierRules, ARuleIsAnyOfItsClausesAndAClauseAllOfItsAtoms) {
    EXPECT_FALSE(holds(Rule{}, Shopper({}).moment()));
    Shopper both({{at_least(kSpend365d, 100'00), at_least(kOrders365d, 2)}});
    EXPECT_EQ(entered_tier(both.moment()), 0);
    Shopper either({{at_least(kSpend365d, 100'01)}, {at_least(kOrders365d, 1)}});
    EXPECT_EQ(entered_tier(either.moment()), 1);
}

TEST(TierRules, TheHighestTierThatHoldsIsEnteredPastOneThatDoesNot) {
    SmallWorld world;
    world.spend_tier(500'00);
    world.spend_tier(100'00);
    world.order(world.noon(0), 100'00, 1);
    const Facts facts = world.facts();
    const Rollup sums = world.rollup(world.noon(0));
    EXPECT_EQ(entered_tier({world.compiled(), facts, sums, world.noon(0)}), 2);
}

TEST(TierRules, ATierIsRetainedByKeepOrByEnter) {
    SmallWorld world;
    world.spend_tier(500'00).keep = SmallWorld::spend_rule(100'00);
    world.spend_tier(100'00).keep = SmallWorld::spend_rule(900'00);
    world.spend_tier(100'01);
    world.order(world.noon(0), 100'00, 1);
    const Facts facts = world.facts();
    const Rollup sums = world.rollup(world.noon(0));
    const Moment m{world.compiled(), facts, sums, world.noon(0)};
    EXPECT_TRUE(retained(m, 0));
    EXPECT_TRUE(retained(m, 1));
    EXPECT_TRUE(retained(m, 2));
    EXPECT_FALSE(retained(m, 3));
}

TEST(TierRules, TheGapIsWhatOneFeatureMisses) {
    Shopper shopper({{at_least(kSpend365d, 130'00)}});
    ASSERT_TRUE(shopper.gap().has_value());
    EXPECT_EQ(shopper.gap()->feature, kSpend365d);
    EXPECT_EQ(shopper.gap()->missing, 30'00);
}

TEST(TierRules, TwoDemandsOnOneFeatureAskForTheLarger) {
    for (const double first : {130'00.0, 150'00.0}) {
        Shopper shopper({{at_least(kSpend365d, first), at_least(kSpend365d, 280'00 - first)}});
        EXPECT_EQ(shopper.gap()->missing, 50'00);
    }
}

TEST(TierRules, ARuleThatHoldsMissesNothing) {
    Shopper shopper({{at_least(kSpend365d, 900'00)}, {at_least(kSpend365d, 100'00)}});
    EXPECT_FALSE(shopper.gap().has_value());
    EXPECT_FALSE(gap_to_retain(shopper.moment(), 1).has_value());
}

TEST(TierRules, WhatACustomerCannotBringIsNoGap) {
    EXPECT_FALSE(Shopper({{at_least(kNps, 9)}}).gap().has_value());
    EXPECT_FALSE(Shopper({{at_least(kSpend365d, 200'00), at_least(kNps, 9)}}).gap().has_value());
    EXPECT_FALSE(
        Shopper({{at_least(kSpend365d, 200'00), at_least(kOrders365d, 2)}}).gap().has_value()
    );
    EXPECT_FALSE(Shopper({{{kSpend365d, Comparison::AtMost, 50'00, {}}}}).gap().has_value());
}

TEST(TierRules, OfTwoGapsInMoneyTheSmallerNumberCounts) {
    // 40 of 140 is the smaller share, 30 of 30 the smaller number.
    Shopper shopper({{at_least(kSpend365d, 140'00)}, {at_least(kSpend30d, 130'00)}});
    EXPECT_EQ(shopper.gap()->feature, kSpend30d);
    EXPECT_EQ(shopper.gap()->missing, 30'00);
}

TEST(TierRules, OfGapsInTwoUnitsTheSmallerShareCounts) {
    Shopper near_in_spend({{at_least(kOrders365d, 2)}, {at_least(kSpend365d, 110'00)}});
    EXPECT_EQ(near_in_spend.gap()->feature, kSpend365d);
    Shopper near_in_orders({{at_least(kOrders365d, 2)}, {at_least(kSpend365d, 900'00)}});
    EXPECT_EQ(near_in_orders.gap()->feature, kOrders365d);
    EXPECT_EQ(near_in_orders.gap()->missing, 1);
}

}  // namespace
}  // namespace patron::scoring
