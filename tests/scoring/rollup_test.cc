// Facts added up as of an instant: windows to the millisecond, refunds, days, and for how long a
// sum holds.

#include "scoring/rollup.h"

#include <cmath>

#include <gtest/gtest.h>

#include "tests/scoring/expect_features.h"
#include "tests/scoring/small_world.h"
#include "tests/support/random_customer.h"
#include "tests/support/seed.h"

namespace patron::scoring {
namespace {

constexpr std::size_t k30Days = 0;
constexpr std::size_t k365Days = 2;

TEST(RollUp, EveryFeatureIsTheReferencesForAsLongAsTheRollupHolds) {
    const std::uint64_t seed = test_seed(201);
    CustomerMaker make(seed);
    for (int i = 0; i < 300 && !HasFailure(); ++i) {
        SCOPED_TRACE(::testing::Message() << "seed " << seed << " customer " << i);
        const auto policy = make.policy({.continuous = true, .spend_only = false});
        const MadeCustomer made = make.customer(*policy);
        const Facts facts = made.facts();
        const Instant last = plus_days(made.ledger.back().at, 400);
        const Instant at = make.between(plus_days(made.ledger.front().at, -2), last);
        const Rollup rollup = roll_up(*policy, facts, at);
        ASSERT_GT(rollup.valid_until, at);
        expect_features(*policy, facts, rollup, at);
        const Instant eve{std::min(rollup.valid_until, plus_days(at, 400)).ms - 1};
        expect_features(*policy, facts, rollup, eve);
        expect_features(*policy, facts, rollup, make.between(at, eve));
    }
}

TEST(RollUp, AnOrderIsInTheWindowUntilItsLastMillisecond) {
    SmallWorld world;
    const Instant at = world.noon(0);
    world.order(at, 100'00, 1);
    const Instant out = plus_days(at, 30);
    EXPECT_EQ(world.rollup(at).window[k30Days].spend.minor, 100'00);
    EXPECT_EQ(world.rollup(Instant{out.ms - 1}).window[k30Days].spend.minor, 100'00);
    EXPECT_EQ(world.rollup(Instant{out.ms - 1}).valid_until, out);
    EXPECT_EQ(world.rollup(out).window[k30Days].spend.minor, 0);
    EXPECT_EQ(world.rollup(out).window[k30Days].orders, 0u);
    EXPECT_EQ(world.rollup(out).window[k365Days].spend.minor, 100'00);
    EXPECT_EQ(world.rollup(out).lifetime.spend.minor, 100'00);
}

TEST(RollUp, AnEntryIsNotSeenBeforeItsInstant) {
    SmallWorld world;
    world.order(world.noon(5), 100'00, 1);
    const Rollup before = world.rollup(Instant{world.noon(5).ms - 1});
    EXPECT_FALSE(before.has_purchase());
    EXPECT_EQ(before.valid_until, world.noon(5));
    EXPECT_TRUE(world.rollup(world.noon(5)).has_purchase());
}

TEST(RollUp, AnOrderOfNothingIsAPurchase) {
    SmallWorld world;
    world.order(world.noon(0), 0, 1);
    const Rollup r = world.rollup(world.noon(1));
    EXPECT_EQ(r.purchase_days, 1u);
    EXPECT_EQ(r.lifetime.orders, 1u);
    EXPECT_EQ(r.lifetime.spend.minor, 0);
    EXPECT_TRUE(std::isnan(r.lifetime.return_rate()));
}

TEST(RollUp, AFullRefundRemovesThePurchaseFromTheInstantOfTheRefund) {
    SmallWorld world;
    world.order(world.noon(0), 100'00, 1);
    world.order(world.noon(3), 40'00, 2);
    world.refund(world.noon(5), 25'00, 2);
    world.refund(world.noon(6), 15'00, 2);
    EXPECT_EQ(world.rollup(world.noon(5)).purchase_days, 2u);
    const Rollup r = world.rollup(world.noon(6));
    EXPECT_EQ(r.purchase_days, 1u);
    EXPECT_EQ(r.last_purchase, world.noon(0));
    EXPECT_EQ(r.lifetime.orders, 1u);
    EXPECT_EQ(r.lifetime.spend.minor, 100'00);
    EXPECT_EQ(r.lifetime.refunded.minor, 40'00);
}

TEST(RollUp, ARefundOfTheRestLeavesNothingOfTheOrder) {
    SmallWorld world;
    world.order(world.noon(0), 100'00, 1);
    world.refund(world.noon(1), 30'00, 1);
    world.refund_rest(world.noon(2), 1);
    const Rollup r = world.rollup(world.noon(2));
    EXPECT_FALSE(r.has_purchase());
    EXPECT_EQ(r.lifetime.spend.minor, 0);
    EXPECT_EQ(r.lifetime.return_rate(), 1);
}

TEST(RollUp, ARefundAboveItsOrderIsCutToIt) {
    SmallWorld world;
    world.order(world.noon(0), 100'00, 1);
    world.refund(world.noon(1), 250'00, 1);
    EXPECT_EQ(world.rollup(world.noon(1)).lifetime.spend.minor, 0);
    EXPECT_EQ(world.rollup(world.noon(1)).lifetime.refunded.minor, 100'00);
}

TEST(RollUp, ARefundOfAnUnknownOrderMayTakeSpendBelowZero) {
    SmallWorld world;
    world.refund(world.noon(0), 80'00, 9);
    const Rollup r = world.rollup(world.noon(1));
    EXPECT_EQ(r.window[k30Days].spend.minor, -80'00);
    EXPECT_EQ(r.lifetime.spend.minor, -80'00);
    EXPECT_FALSE(r.has_purchase());
    EXPECT_EQ(world.rollup(plus_days(world.noon(0), 30)).window[k30Days].spend.minor, 0);
}

TEST(RollUp, ARefundMovesToItsOrdersTimeOnceTheOrderIsKnown) {
    SmallWorld world;
    world.refund(world.noon(40), 30'00, 1);
    EXPECT_EQ(world.rollup(world.noon(40)).window[k30Days].spend.minor, -30'00);
    world.order(world.noon(0), 100'00, 1);
    EXPECT_EQ(world.rollup(world.noon(40)).window[k30Days].spend.minor, 0);
    EXPECT_EQ(world.rollup(world.noon(40)).lifetime.spend.minor, 70'00);
}

TEST(RollUp, ALateOrderBeforeTheFirstMovesTheFirstDay) {
    SmallWorld world;
    world.order(world.noon(10), 10'00, 1);
    EXPECT_EQ(world.rollup(world.noon(20)).x(), 0u);
    world.order(world.noon(4), 10'00, 2);
    const Rollup r = world.rollup(world.noon(20));
    EXPECT_EQ(r.x(), 1u);
    EXPECT_EQ(r.t_x_days(), 6);
    EXPECT_EQ(r.first_purchase, world.noon(4));
    EXPECT_EQ(r.first_midnight, world.midnight(4));
}

TEST(RollUp, PurchasesOfOneCalendarDayCountOnce) {
    SmallWorld world;
    world.order(world.midnight(3), 10'00, 1);
    world.order(Instant{world.midnight(4).ms - 1}, 10'00, 2);
    EXPECT_EQ(world.rollup(world.noon(5)).purchase_days, 1u);
    world.order(world.midnight(4), 10'00, 3);
    EXPECT_EQ(world.rollup(world.noon(5)).purchase_days, 2u);
}

TEST(RollUp, ALeapDayIsADayLikeAnother) {
    SmallWorld world;
    const Instant leap_noon{1'709'179'200'000};  // 2024-02-29 12:00 in Shanghai
    world.order(plus_days(leap_noon, -1), 10'00, 1);
    world.order(leap_noon, 10'00, 2);
    world.order(plus_days(leap_noon, 1), 10'00, 3);
    const Rollup r = world.rollup(plus_days(leap_noon, 2));
    EXPECT_EQ(r.purchase_days, 3u);
    EXPECT_EQ(r.t_x_days(), 2);
}

TEST(RollUp, DecayedCountsStepAtMidnightAndHalveInTheirHalfLife) {
    SmallWorld world;
    world.add(make_entry(EntryKind::Complaint, world.noon(0), 5));
    EXPECT_EQ(world.rollup(world.noon(0)).complaint_load, 1);
    EXPECT_EQ(world.rollup(world.noon(0)).valid_until, world.midnight(1));
    EXPECT_EQ(world.rollup(Instant{world.midnight(1).ms - 1}).complaint_load, 1);
    EXPECT_LT(world.rollup(world.midnight(1)).complaint_load, 1);
    EXPECT_NEAR(world.rollup(world.noon(30)).complaint_load, 0.5, 1e-15);
    EXPECT_EQ(world.rollup(world.noon(181)).complaint_load, 0);
}

TEST(RollUp, TheFirstResponseAfterTheOpeningIsTheOneThatCounts) {
    SmallWorld world;
    const auto hours = [&](int h) {
        return plus_ms(world.noon(0), h * kHourMs);
    };
    world.add(make_entry(EntryKind::TicketFirstResponse, hours(-1), 0, 7));
    world.add(make_entry(EntryKind::TicketOpened, hours(0), 3, 7));
    EXPECT_TRUE(std::isnan(world.rollup(hours(1)).first_response_hours));
    world.add(make_entry(EntryKind::TicketFirstResponse, hours(6), 0, 7));
    world.add(make_entry(EntryKind::TicketFirstResponse, hours(9), 0, 7));
    EXPECT_EQ(world.rollup(hours(10)).first_response_hours, 6);
    EXPECT_EQ(world.rollup(hours(10)).open_tickets, 1u);
    world.add(make_entry(EntryKind::TicketResolved, hours(11), 0, 7));
    EXPECT_EQ(world.rollup(hours(11)).open_tickets, 0u);
}

// A confirmation of the same millisecond as a purchase stands after it, and ends with the next one.
TEST(RollUp, APurchaseAfterAConfirmedLeavingIsAComeback) {
    for (const Instant confirmed : {SmallWorld::noon_of(2), SmallWorld::noon_of(3)}) {
        SmallWorld world;
        world.order(world.noon(2), 10'00, 1);
        world.add(make_entry(EntryKind::ChurnConfirmed, confirmed, 0));
        EXPECT_TRUE(world.rollup(world.noon(4)).churn_confirmed);
        world.order(world.noon(5), 10'00, 2);
        const Rollup r = world.rollup(world.noon(5));
        EXPECT_FALSE(r.churn_confirmed);
        EXPECT_EQ(r.comeback, world.noon(5));
    }
}

TEST(RollUp, ASilenceOfExactlyTheLimitWasAChurnedOne) {
    for (const std::int64_t early : {0, 1}) {
        SmallWorld world;
        world.order(world.noon(0), 10'00, 1);
        const Instant back{world.noon(365).ms - early};
        world.order(back, 10'00, 2);
        EXPECT_EQ(world.rollup(back).comeback, early == 0 ? back : kLongAgo);
    }
}

}  // namespace
}  // namespace patron::scoring
