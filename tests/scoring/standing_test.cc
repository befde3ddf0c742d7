// The published record: what it says, and when it stops saying it.

#include "scoring/standing.h"

#include <cmath>

#include <gtest/gtest.h>

#include "tests/scoring/small_world.h"

namespace patron::scoring {
namespace {

Standing standing_at(SmallWorld& world, Instant from, Instant now, bool outlook = true) {
    const State state = world.state(from, now);
    const Facts facts = world.facts();
    const Rollup rollup = world.rollup(now);
    Standing s = make_standing({world.compiled(), facts, rollup, now}, state);
    if (outlook) {
        add_outlook(world.compiled(), facts, s);
    }
    return s;
}

TEST(Standing, OfAProspectHasAScoreWithoutRisk) {
    SmallWorld world;
    world.follow_up(world.noon(0));
    const Standing s = standing_at(world, world.noon(0), world.noon(0));
    const auto score = score_at(world.compiled(), s, world.noon(0));
    ASSERT_TRUE(score.has_value());
    EXPECT_TRUE(std::isnan(score->churn_risk));
    EXPECT_TRUE(std::isnan(score->p_alive));
    EXPECT_TRUE(std::isnan(score->purchase_probability));
}

TEST(Standing, AReaderWithALaterEventsClockSeesTheSettledInstant) {
    SmallWorld world;
    world.order(world.noon(0), 10'00, 1);
    const Standing s = standing_at(world, world.noon(0), world.noon(0));
    const auto score = score_at(world.compiled(), s, world.midnight(0));
    ASSERT_TRUE(score.has_value());
    EXPECT_EQ(score->as_of, world.noon(0));
}

TEST(Standing, HoldsUntilAnOrderLeavesItsWindow) {
    SmallWorld world;
    world.policy.bands = {2, 3, 0};
    world.policy.lifecycle.new_days = 60;
    world.order(world.noon(0), 10'00, 1);
    const Standing s = standing_at(world, world.noon(0), world.noon(0));
    EXPECT_EQ(s.valid_until, world.noon(30));
    EXPECT_TRUE(score_at(world.compiled(), s, Instant{world.noon(30).ms - 1}).has_value());
    EXPECT_FALSE(score_at(world.compiled(), s, world.noon(30)).has_value());
    EXPECT_TRUE(holds_at(world.compiled(), s, Instant{world.noon(30).ms - 1}));
    EXPECT_FALSE(holds_at(world.compiled(), s, world.noon(30)));
}

TEST(Standing, RiskProbabilityAndLifeBelongTogether) {
    SmallWorld world;
    world.order(world.noon(0), 10'00, 1);
    const Standing s = standing_at(world, world.noon(0), world.noon(0));
    const auto score = score_at(world.compiled(), s, world.noon(0));
    ASSERT_TRUE(score.has_value());
    EXPECT_NEAR(score->churn_risk, 1 - score->purchase_probability, 1e-15);  // no signal weighs
    EXPECT_LT(score->purchase_probability, score->p_alive);
}

TEST(Standing, ShowsTheOverrideInForce) {
    SmallWorld world;
    world.spend_tier(500'00);
    world.order(world.noon(0), 10'00, 1);
    world.tier_override = {OverrideKind::Pin, 1, world.noon(0), world.noon(2)};
    const Standing during = standing_at(world, world.noon(0), world.noon(1));
    EXPECT_EQ(during.override_kind, OverrideKind::Pin);
    EXPECT_EQ(during.override_tier, 1);
    EXPECT_EQ(during.override_until, world.noon(2));
    EXPECT_EQ(during.valid_until, world.noon(2));
    EXPECT_EQ(standing_at(world, world.noon(0), world.noon(2)).override_kind, OverrideKind::None);
}

TEST(Outlook, NamesTheGapAndWhenTheOldestOrderLeaves) {
    SmallWorld world;
    world.spend_tier(500'00);
    world.order(world.noon(0), 120'00, 1);
    const Standing s = standing_at(world, world.noon(0), world.noon(9));
    EXPECT_EQ(s.to_next.missing, 380'00);
    EXPECT_EQ(s.to_next.by, world.noon(365));
    EXPECT_EQ(s.to_keep.missing, 0);
    EXPECT_TRUE(s.outlook_known);
}

TEST(Outlook, AtTheTopThereIsNoGap) {
    SmallWorld world;
    world.spend_tier(100'00);
    world.order(world.noon(0), 120'00, 1);
    EXPECT_EQ(standing_at(world, world.noon(0), world.noon(0)).to_next.missing, 0);
}

TEST(Outlook, WhatKeepsATierIsWhatWillBeMissingWhenItIsLost) {
    for (const double grace_days : {0.0, 30.0}) {
        SmallWorld world;
        world.policy.grace_days = grace_days;
        world.spend_tier(500'00).keep = SmallWorld::spend_rule(400'00);
        world.order(world.noon(0), 450'00, 1);
        world.order(world.noon(100), 50'00, 2);
        const Standing s = standing_at(world, world.noon(100), world.noon(200));
        EXPECT_EQ(s.state.tier, 1);
        EXPECT_EQ(s.to_keep.missing, 350'00);
        EXPECT_EQ(s.to_keep.by, plus_days(world.noon(365), static_cast<std::int64_t>(grace_days)));
    }
}

// The rule lapses and comes back within the grace: what counts is the loss after that.
TEST(Outlook, ALapseThatHealsByItselfIsNoLoss) {
    SmallWorld world;
    world.policy.grace_days = 30;
    world.spend_tier(100'00);
    world.order(world.noon(0), 100'00, 1);
    world.order(world.noon(10), 100'00, 2);
    world.refund(world.noon(3), 100'00, 9);  // of an order nobody knows
    const Standing s = standing_at(world, world.noon(10), world.noon(20));
    // Day 365: 0 left; day 368, without the refund: 100; day 375: 0, and lost 30 days later.
    EXPECT_EQ(s.to_keep.by, world.noon(405));
    EXPECT_EQ(s.to_keep.missing, 100'00);
}

TEST(Outlook, AQuietCustomerAtTheBottomHasNoNextTransition) {
    SmallWorld world;
    world.order(world.noon(0), 10'00, 1);
    const Standing s = standing_at(world, world.noon(0), world.noon(5000));
    EXPECT_EQ(s.next_transition, kNever);
    EXPECT_FALSE(s.next_transition_bound);
}

}  // namespace
}  // namespace patron::scoring
