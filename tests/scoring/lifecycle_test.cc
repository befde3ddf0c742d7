// Stages and the instants at which they begin and end.

#include "scoring/lifecycle.h"

#include <gtest/gtest.h>

#include "tests/scoring/small_world.h"

namespace patron::scoring {
namespace {

Stage stage_of(SmallWorld& world, Instant now, Band band = Band::Low) {
    const Facts facts = world.facts();
    const Rollup rollup = world.rollup(now);
    return stage_at({world.compiled(), facts, rollup, now}, band);
}

Instant next_limit(SmallWorld& world, Instant now) {
    const Facts facts = world.facts();
    const Rollup rollup = world.rollup(now);
    return next_stage_limit({world.compiled(), facts, rollup, now});
}

// Expects `before` up to the last millisecond ahead of `at`, and `after` from there.
void expect_turn(SmallWorld& world, Instant at, Stage before, Stage after) {
    EXPECT_EQ(stage_of(world, Instant{at.ms - 1}), before);
    EXPECT_EQ(next_limit(world, Instant{at.ms - 1}), at);
    EXPECT_EQ(stage_of(world, at), after);
}

TEST(Lifecycle, WithoutAPurchaseACustomerIsAProspect) {
    SmallWorld world;
    world.follow_up(world.noon(0));
    EXPECT_EQ(stage_of(world, world.noon(500), Band::None), Stage::Prospect);
    EXPECT_EQ(next_limit(world, world.noon(500)), kNever);
}

TEST(Lifecycle, AOneDayBuyerIsNewThenActiveThenDormantThenChurned) {
    SmallWorld world;
    world.order(world.noon(0), 10'00, 1);
    EXPECT_EQ(stage_of(world, world.noon(0)), Stage::New);
    expect_turn(world, world.noon(30), Stage::New, Stage::Active);
    expect_turn(world, world.noon(180), Stage::Active, Stage::Dormant);
    expect_turn(world, world.noon(365), Stage::Dormant, Stage::Churned);
    EXPECT_EQ(next_limit(world, world.noon(365)), kNever);
}

TEST(Lifecycle, ASecondPurchaseDayEndsBeingNew) {
    SmallWorld world;
    world.order(world.noon(0), 10'00, 1);
    world.order(plus_ms(world.noon(0), 1), 10'00, 2);
    EXPECT_EQ(stage_of(world, world.noon(1)), Stage::New);
    world.order(world.noon(1), 10'00, 3);
    EXPECT_EQ(stage_of(world, world.noon(1)), Stage::Active);
}

TEST(Lifecycle, ARiskOfMediumOrAboveIsAtRiskUnlessSomethingStrongerHolds) {
    SmallWorld world;
    world.order(world.noon(0), 10'00, 1);
    world.order(world.noon(1), 10'00, 2);
    EXPECT_EQ(stage_of(world, world.noon(2), Band::Low), Stage::Active);
    EXPECT_EQ(stage_of(world, world.noon(2), Band::Medium), Stage::AtRisk);
    EXPECT_EQ(stage_of(world, world.noon(2), Band::High), Stage::AtRisk);
    EXPECT_EQ(stage_of(world, world.noon(181), Band::High), Stage::Dormant);
}

TEST(Lifecycle, APurchaseAfterAChurnedSilenceIsWonBackForItsDays) {
    SmallWorld world;
    world.order(world.noon(0), 10'00, 1);
    world.order(world.noon(365), 10'00, 2);
    EXPECT_EQ(stage_of(world, world.noon(365)), Stage::WonBack);
    expect_turn(world, world.noon(455), Stage::WonBack, Stage::Active);
}

TEST(Lifecycle, AConfirmedLeavingIsChurnedUntilTheNextOrder) {
    SmallWorld world;
    world.order(world.noon(0), 10'00, 1);
    world.add(make_entry(EntryKind::ChurnConfirmed, world.noon(0), 0));
    EXPECT_EQ(stage_of(world, world.noon(0)), Stage::Churned);
    world.order(world.noon(3), 10'00, 2);
    EXPECT_EQ(stage_of(world, world.noon(3)), Stage::WonBack);
}

TEST(Lifecycle, ALimitInIntervalsFollowsTheCustomersOwnRhythm) {
    SmallWorld world;
    world.policy.lifecycle.dormant = {LimitUnit::Intervals, 2.5, 180};
    world.order(world.noon(0), 10'00, 1);
    EXPECT_EQ(stage_of(world, world.noon(100)), Stage::Active);  // no interval yet: days
    world.order(world.noon(10), 10'00, 2);
    world.order(world.noon(20), 10'00, 3);
    expect_turn(world, world.noon(45), Stage::Active, Stage::Dormant);
}

TEST(Lifecycle, ALimitAsProbabilityHoldsBelowIt) {
    SmallWorld world;
    world.policy.lifecycle.dormant = {LimitUnit::Probability, 0.5, 180};
    world.order(world.noon(0), 10'00, 1);
    world.order(world.noon(7), 10'00, 2);
    const Facts facts = world.facts();
    for (int day = 7; day < 365; ++day) {
        const Rollup rollup = world.rollup(world.noon(day));
        const Moment m{world.compiled(), facts, rollup, world.noon(day)};
        const double p = feature_value(m, {FeatureKind::PurchaseProbability, 0});
        EXPECT_EQ(stage_at(m, Band::Low) == Stage::Dormant, p < 0.5) << day;
    }
    EXPECT_EQ(stage_of(world, world.noon(371)), Stage::Dormant);
    EXPECT_EQ(stage_of(world, world.noon(372)), Stage::Churned);
}

}  // namespace
}  // namespace patron::scoring
