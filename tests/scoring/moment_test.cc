// Features that move between the rollup's steps, and how much is known.

#include "scoring/moment.h"

#include <cmath>

#include <gtest/gtest.h>

#include "tests/scoring/small_world.h"

namespace patron::scoring {
namespace {

double value_at(SmallWorld& world, FeatureKind kind, Instant now) {
    const Facts facts = world.facts();
    const Rollup rollup = world.rollup(now);
    return feature_value({world.compiled(), facts, rollup, now}, {kind, 0});
}

TEST(Moment, OnTheFirstDayRecencyIsZeroAndTenureTheTimeOfDay) {
    SmallWorld world;
    world.order(world.noon(0), 10'00, 1);
    EXPECT_EQ(value_at(world, FeatureKind::RecencyDays, world.noon(0)), 0);
    EXPECT_EQ(value_at(world, FeatureKind::TenureDays, world.noon(0)), 0.5);
    EXPECT_EQ(value_at(world, FeatureKind::X, world.noon(0)), 0);
    EXPECT_TRUE(std::isnan(value_at(world, FeatureKind::OrderIntervalDays, world.noon(0))));
}

TEST(Moment, WholeDaysTurnAtMidnight) {
    SmallWorld world;
    world.order(world.noon(0), 10'00, 1);
    EXPECT_EQ(value_at(world, FeatureKind::RecencyWholeDays, Instant{world.midnight(1).ms - 1}), 0);
    EXPECT_EQ(value_at(world, FeatureKind::RecencyWholeDays, world.midnight(1)), 1);
    EXPECT_EQ(value_at(world, FeatureKind::RecencyDays, world.midnight(1)), 0.5);
}

TEST(Moment, WithoutAPurchaseItsFeaturesAreUnknown) {
    SmallWorld world;
    world.follow_up(world.noon(0));
    for (const FeatureKind kind :
         {FeatureKind::X,
          FeatureKind::RecencyDays,
          FeatureKind::TenureDays,
          FeatureKind::PAlive,
          FeatureKind::PurchaseProbability,
          FeatureKind::AverageOrderValue,
          FeatureKind::RfmR}) {
        EXPECT_TRUE(std::isnan(value_at(world, kind, world.noon(1))));
    }
    EXPECT_EQ(value_at(world, FeatureKind::PurchaseDays, world.noon(1)), 0);
    EXPECT_EQ(value_at(world, FeatureKind::SpendLifetime, world.noon(1)), 0);
}

// In the model, age never falls short of t_x: the last purchase may come an hour of clock change
// early.
TEST(Moment, ADayShortenedByAClockChangeIsStillADay) {
    SmallWorld world;
    world.schema.time_zone = "Europe/Berlin";
    const Instant before{1'774'652'400'000};  // 2026-03-28 00:00, a day ahead of the change
    const Instant after{1'774'821'600'000};   // 2026-03-30 00:00, 47 hours later
    world.order(before, 10'00, 1);
    world.order(after, 10'00, 2);
    const Facts facts = world.facts();
    const Rollup rollup = world.rollup(after);
    const ModelInputs in = model_inputs({world.compiled(), facts, rollup, after});
    EXPECT_EQ(in.t_x, 2 / 7.0);
    EXPECT_EQ(in.age, in.t_x);
}

TEST(Moment, TheValueIndexWeighsPointsAndIsUnknownWithoutDimensions) {
    SmallWorld bare;
    bare.order(bare.noon(0), 100'00, 1);
    EXPECT_TRUE(std::isnan(value_at(bare, FeatureKind::ValueIndex, bare.noon(0))));
    SmallWorld world;
    world.policy.dimensions = {
        {"spend", {FeatureKind::SpendWindow, 2}, 0.75, {{0, 0}, {200'00, 100}}},
        {"expert", {FeatureKind::ExpertScore, 0}, 0.25, {{0, 20}, {100, 100}}}
    };
    world.order(world.noon(0), 100'00, 1);
    EXPECT_EQ(value_at(world, FeatureKind::ValueIndex, world.noon(0)), 0.75 * 50 + 0.25 * 20);
    world.profile.expert_score = 50;
    EXPECT_EQ(value_at(world, FeatureKind::ValueIndex, world.noon(0)), 0.75 * 50 + 0.25 * 60);
}

TEST(Moment, CompletenessIsTheShareOfWeighedInputsThatAreKnown) {
    SmallWorld world;
    const auto weigh = [&](Signal signal) {
        world.policy.signal_weights[static_cast<std::size_t>(signal)] = 1;
    };
    weigh(Signal::Detractor);
    weigh(Signal::BadReview);
    world.policy.dimensions = {
        {"spend", {FeatureKind::SpendWindow, 2}, 0.5, {{0, 0}, {200'00, 100}}},
        {"expert", {FeatureKind::ExpertScore, 0}, 0.5, {{0, 20}, {100, 100}}}
    };
    world.add(make_entry(EntryKind::Review, world.noon(0), 4));
    const Facts facts = world.facts();
    const Rollup rollup = world.rollup(world.noon(0));
    EXPECT_EQ(data_completeness({world.compiled(), facts, rollup, world.noon(0)}), 0.5);
}

}  // namespace
}  // namespace patron::scoring
