// Each signal at the corners of its shape.

#include "scoring/signals.h"

#include <bit>
#include <cmath>

#include <gtest/gtest.h>

#include "tests/scoring/small_world.h"
#include "tests/support/random_customer.h"
#include "tests/support/reference_scoring.h"
#include "tests/support/seed.h"

namespace patron::scoring {
namespace {

std::int64_t score_bits(double score) {
    return std::bit_cast<std::int64_t>(score);
}

SignalValues signals_at(SmallWorld& world, Instant now) {
    const Facts facts = world.facts();
    const Rollup rollup = world.rollup(now);
    return signal_values({world.compiled(), facts, rollup, now}, {});
}

double signal_at(SmallWorld& world, Signal which, Instant now) {
    return signals_at(world, now).value[static_cast<std::size_t>(which)];
}

TEST(Signals, AreTheReferencesAndStayInTheirRange) {
    const std::uint64_t seed = test_seed(301);
    CustomerMaker make(seed);
    for (int i = 0; i < 300 && !HasFailure(); ++i) {
        SCOPED_TRACE(::testing::Message() << "seed " << seed << " customer " << i);
        const auto policy = make.policy({});
        const MadeCustomer made = make.customer(*policy);
        const Facts facts = made.facts();
        const Instant now =
            make.between(made.ledger.front().at, plus_days(made.ledger.back().at, 400));
        const auto tier =
            static_cast<std::uint8_t>(make.whole(0, std::ssize(policy->policy.tiers) - 1));
        const Rollup rollup = roll_up(*policy, facts, now);
        const SignalValues got = signal_values({*policy, facts, rollup, now}, {tier});
        const auto want = ReferenceCustomer(*policy, facts).signals(now, tier);
        for (std::size_t s = 0; s < kSignals; ++s) {
            SCOPED_TRACE(signal_name(static_cast<Signal>(s)));
            ASSERT_EQ(std::isnan(got.value[s]), std::isnan(want[s]));
            if (!std::isnan(want[s])) {
                EXPECT_NEAR(got.value[s], want[s], 1e-11);
                EXPECT_GE(got.value[s], -1);
                EXPECT_LE(got.value[s], 1);
            }
        }
    }
}

TEST(Signals, NothingKnownWeighsNothing) {
    SmallWorld world;
    world.policy.signal_weights.fill(1);
    world.order(world.noon(0), 10'00, 1);
    const SignalValues signals = signals_at(world, world.noon(0));
    EXPECT_EQ(signals_logit(world.policy, signals), 0);
    EXPECT_EQ(signals.next_step, kNever);
}

TEST(Signals, PromotersSootheAndDetractorsAlarm) {
    const double want[] = {1, 6.0 / 7, 5.0 / 7, 4.0 / 7, 3.0 / 7, 2.0 / 7, 1.0 / 7, 0, 0, -0.5, -1};
    for (int nps = 0; nps <= 10; ++nps) {
        SmallWorld world;
        world.add(make_entry(EntryKind::Nps, world.noon(0), score_bits(nps), 1));
        EXPECT_EQ(signal_at(world, Signal::Detractor, world.noon(1)), want[nps]) << nps;
    }
}

TEST(Signals, CsatAndReviewsRunFromBadToGood) {
    SmallWorld world;
    world.add(make_entry(EntryKind::Csat, world.noon(0), score_bits(1), 1));
    world.add(make_entry(EntryKind::Review, world.noon(0), 5));
    EXPECT_EQ(signal_at(world, Signal::Dissatisfied, world.noon(0)), 1);
    EXPECT_EQ(signal_at(world, Signal::BadReview, world.noon(0)), -1);
}

TEST(Signals, AnOpenTicketWeighsMoreByWholeDaysUpToFourteen) {
    SmallWorld world;
    const Instant opened = world.noon(0);
    world.add(make_entry(EntryKind::TicketOpened, opened, 3, 1));
    EXPECT_EQ(signal_at(world, Signal::OpenTicket, opened), 0.25);
    const Instant day_later = plus_days(opened, 1);
    EXPECT_EQ(signal_at(world, Signal::OpenTicket, Instant{day_later.ms - 1}), 0.25);
    EXPECT_EQ(signal_at(world, Signal::OpenTicket, day_later), 0.25 + 0.75 / 14);
    EXPECT_EQ(signal_at(world, Signal::OpenTicket, plus_days(opened, 14)), 1);
    EXPECT_EQ(signal_at(world, Signal::OpenTicket, plus_days(opened, 400)), 1);
    world.add(make_entry(EntryKind::TicketResolved, plus_days(opened, 20), 0, 1));
    EXPECT_EQ(signal_at(world, Signal::OpenTicket, plus_days(opened, 20)), 0);
}

TEST(Signals, AResponseIsSlowBeyondItsTarget) {
    for (const auto& [hours, want] :
         {std::pair{24, 0.0}, {60, 0.5}, {96, 1.0}, {500, 1.0}, {1, 0.0}}) {
        SmallWorld world;
        world.add(make_entry(EntryKind::TicketOpened, world.noon(0), 3, 1));
        const Instant answered = plus_ms(world.noon(0), hours * kHourMs);
        world.add(make_entry(EntryKind::TicketFirstResponse, answered, 0, 1));
        EXPECT_EQ(signal_at(world, Signal::SlowResponse, answered), want) << hours;
    }
}

TEST(Signals, ReturnsOfHalfTheSpendAreTheMost) {
    SmallWorld world;
    world.order(world.noon(0), 100'00, 1);
    world.refund(world.noon(1), 25'00, 1);
    EXPECT_EQ(signal_at(world, Signal::Returns, world.noon(1)), 0.5);
    world.refund(world.noon(2), 50'00, 1);
    EXPECT_EQ(signal_at(world, Signal::Returns, world.noon(2)), 1);
}

TEST(Signals, ActivityDropIsMeasuredFromTheNewestVisit) {
    SmallWorld world;
    const Day day = 19'723;  // 2024-01-01
    world.activity = {4, day};
    EXPECT_EQ(signal_at(world, Signal::ActivityDrop, world.noon(0)), 0);
    EXPECT_NEAR(signal_at(world, Signal::ActivityDrop, world.noon(14)), 0.5, 1e-15);
    EXPECT_EQ(signal_at(world, Signal::ActivityDrop, world.noon(4000)), 1);
    world.activity = {1.99, day};
    EXPECT_TRUE(std::isnan(signal_at(world, Signal::ActivityDrop, world.noon(0))));
}

TEST(Signals, SpendDropIsKnownFromTheInstantTheLongestWindowIsFull) {
    SmallWorld world;
    world.order(world.noon(0), 100'00, 1);
    world.order(world.noon(100), 100'00, 2);
    const Instant full = world.noon(365);
    EXPECT_TRUE(std::isnan(signal_at(world, Signal::SpendDrop, Instant{full.ms - 1})));
    EXPECT_EQ(signal_at(world, Signal::SpendDrop, full), 1);
    world.order(world.noon(300), 100'00, 3);
    EXPECT_EQ(signal_at(world, Signal::SpendDrop, full), -1);
}

TEST(Signals, AFollowUpIsOverdueByWholeDaysPastItsCadence) {
    SmallWorld world;
    world.policy.service.resize(kStages);
    for (ServiceCell& cell : world.policy.service) {
        cell.cadence_days = 10;
    }
    world.follow_up(world.noon(0));
    const auto at = [&](Instant now) {
        return signal_at(world, Signal::FollowUpOverdue, now);
    };
    EXPECT_EQ(at(world.noon(10)), 0);
    EXPECT_EQ(signals_at(world, world.noon(5)).next_step, world.noon(11));
    EXPECT_EQ(at(Instant{world.noon(11).ms - 1}), 0);
    EXPECT_EQ(at(world.noon(11)), 0.1);
    EXPECT_EQ(at(world.noon(20)), 1);
    EXPECT_EQ(at(world.noon(90)), 1);
    EXPECT_EQ(signals_at(world, world.noon(20)).next_step, kNever);
}

TEST(Signals, ATrainingBegunAndNotCompletedIsUntrained) {
    SmallWorld world;
    EXPECT_TRUE(std::isnan(signal_at(world, Signal::Untrained, world.noon(0))));
    world.add(make_entry(EntryKind::TrainingStarted, world.noon(0), 1));
    EXPECT_EQ(signal_at(world, Signal::Untrained, world.noon(0)), 1);
    world.add(make_entry(EntryKind::TrainingCompleted, world.noon(1), 1));
    EXPECT_EQ(signal_at(world, Signal::Untrained, world.noon(1)), 0);
}

}  // namespace
}  // namespace patron::scoring
