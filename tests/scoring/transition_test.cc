// Tiers, grace, overrides and follow-ups at the instants where they turn.

#include "scoring/transition.h"

#include <gtest/gtest.h>

#include "tests/scoring/small_world.h"

namespace patron::scoring {
namespace {

// One order of 500.00 at noon of day 0, which leaves the window at noon of day 365; the tier asks
// for 500.00.
struct Member : SmallWorld {
    Member() {
        policy.grace_days = 30;
        order(noon(0), 500'00, 1);
    }
    State at(Instant now) { return state(noon(0), now); }
    std::uint8_t tier(Instant now) { return at(now).tier; }
};

TEST(Transition, AnAmountExactlyAtTheThresholdEntersItsTier) {
    for (const std::int64_t asked : {500'00, 500'01}) {
        Member member;
        member.spend_tier(asked);
        EXPECT_EQ(member.tier(member.noon(0)), asked == 500'00 ? 1 : 0);
    }
}

TEST(Transition, AnUpgradeHappensAtTheInstantOfItsOrder) {
    Member member;
    member.spend_tier(800'00);
    member.order(member.noon(4), 300'00, 2);
    EXPECT_EQ(member.tier(Instant{member.noon(4).ms - 1}), 0);
    EXPECT_EQ(member.tier(member.noon(4)), 1);
    EXPECT_EQ(member.at(member.noon(9)).since, member.noon(4));
}

TEST(Transition, ADowngradeWaitsItsGraceFromTheInstantTheRuleCeases) {
    Member member;
    member.spend_tier(500'00);
    EXPECT_EQ(member.at(Instant{member.noon(365).ms - 1}).grace_until, kNever);
    EXPECT_EQ(member.at(member.noon(365)).grace_until, member.noon(395));
    EXPECT_EQ(member.tier(Instant{member.noon(395).ms - 1}), 1);
    EXPECT_EQ(member.tier(member.noon(395)), 0);
    EXPECT_EQ(member.at(member.noon(395)).grace_until, kNever);
}

TEST(Transition, WithoutGraceATierIsLostAtOnce) {
    Member member;
    member.policy.grace_days = 0;
    member.spend_tier(500'00);
    EXPECT_EQ(member.tier(Instant{member.noon(365).ms - 1}), 1);
    EXPECT_EQ(member.tier(member.noon(365)), 0);
}

TEST(Transition, ARuleThatHoldsAgainEndsItsGrace) {
    Member member;
    member.spend_tier(500'00);
    member.order(member.noon(394), 500'00, 2);
    EXPECT_EQ(member.tier(member.noon(400)), 1);
    EXPECT_EQ(member.at(member.noon(400)).grace_until, kNever);
    EXPECT_EQ(member.at(member.noon(400)).since, member.noon(0));
}

TEST(Transition, AnUpgradeOnTheInstantAtWhichGraceEndsWins) {
    Member member;
    member.spend_tier(500'00);
    member.spend_tier(900'00);
    member.order(member.noon(395), 900'00, 2);
    EXPECT_EQ(member.tier(Instant{member.noon(395).ms - 1}), 1);
    EXPECT_EQ(member.tier(member.noon(395)), 2);
    EXPECT_EQ(member.at(member.noon(395)).grace_until, kNever);
}

TEST(Transition, KeepHoldsATierThatEnterWouldNotGive) {
    Member member;
    member.spend_tier(500'00).keep = SmallWorld::spend_rule(100'00);
    member.order(member.noon(200), 100'00, 2);
    EXPECT_EQ(member.tier(member.noon(500)), 1);
    EXPECT_EQ(member.at(member.noon(500)).grace_until, kNever);
    EXPECT_EQ(member.at(member.noon(565)).grace_until, member.noon(595));
    EXPECT_EQ(member.state(member.noon(500), member.noon(500)).tier, 0);  // who never entered
}

TEST(Transition, AFallGoesAtMostMaxStepTiersAndWaitsAnotherGrace) {
    Member member;
    member.policy.max_step = 2;
    for (const std::int64_t asked : {100'00, 200'00, 300'00, 500'00}) {
        member.spend_tier(asked);
    }
    EXPECT_EQ(member.tier(member.noon(394)), 4);
    EXPECT_EQ(member.tier(member.noon(395)), 2);
    EXPECT_EQ(member.at(member.noon(395)).grace_until, member.noon(425));
    EXPECT_EQ(member.tier(Instant{member.noon(425).ms - 1}), 2);
    EXPECT_EQ(member.tier(member.noon(425)), 0);
}

TEST(Transition, AFallStopsAtTheHighestTierStillHeld) {
    Member member;
    member.policy.max_step = 3;
    for (const std::int64_t asked : {100'00, 200'00, 500'00}) {
        member.spend_tier(asked);
    }
    member.order(member.noon(200), 250'00, 2);
    EXPECT_EQ(member.tier(member.noon(395)), 2);
    EXPECT_EQ(member.at(member.noon(395)).grace_until, kNever);
}

TEST(Transition, AFullRefundBeginsTheGrace) {
    Member member;
    member.spend_tier(500'00);
    member.refund_rest(member.noon(7), 1);
    EXPECT_EQ(member.at(member.noon(7)).grace_until, member.noon(37));
    EXPECT_EQ(member.at(member.noon(7)).stage, Stage::Prospect);
    EXPECT_EQ(member.at(member.noon(7)).band, Band::None);
    EXPECT_EQ(member.tier(member.noon(37)), 0);
}

TEST(Transition, AnOverrideHoldsUntilItsEndAndNoLonger) {
    for (const auto& [kind, tier, want] :
         {std::tuple{OverrideKind::Pin, 0, 0},
          {OverrideKind::Pin, 2, 2},
          {OverrideKind::Floor, 2, 2},
          {OverrideKind::Floor, 0, 1},
          {OverrideKind::Ceiling, 0, 0},
          {OverrideKind::Ceiling, 2, 1}}) {
        Member member;
        member.spend_tier(500'00);
        member.spend_tier(900'00);
        const Instant until = member.noon(20);
        member.tier_override = {kind, static_cast<std::uint8_t>(tier), member.noon(10), until};
        EXPECT_EQ(member.tier(Instant{member.noon(10).ms - 1}), 1);
        EXPECT_EQ(member.tier(member.noon(10)), want);
        EXPECT_EQ(member.at(member.noon(10)).tier_by_rules, 1);
        EXPECT_EQ(member.tier(Instant{until.ms - 1}), want);
        EXPECT_EQ(member.tier(until), 1);
    }
}

TEST(Transition, AnOverrideThatEndsWithTheGraceShowsTheFall) {
    Member member;
    member.spend_tier(500'00);
    member.tier_override = {OverrideKind::Floor, 1, member.noon(370), member.noon(395)};
    EXPECT_EQ(member.tier(Instant{member.noon(395).ms - 1}), 1);
    const State after = member.at(member.noon(395));
    EXPECT_EQ(after.tier, 0);
    EXPECT_EQ(after.tier_by_rules, 0);
    EXPECT_EQ(after.since, member.noon(395));
}

TEST(Transition, AFollowUpFallsDueACadenceAfterTheLast) {
    Member member;
    member.policy.service.assign(kStages, {"s", 10, 0, {}, {}});
    member.policy.bands = {2, 3, 0};  // nobody is at risk
    EXPECT_EQ(member.at(Instant{member.noon(10).ms - 1}).follow_up, FollowUpState::Planned);
    EXPECT_EQ(member.at(member.noon(10)).follow_up, FollowUpState::Due);
    member.follow_up(member.noon(12));
    EXPECT_EQ(member.at(member.noon(12)).follow_up, FollowUpState::Planned);
    EXPECT_EQ(member.at(member.noon(12)).follow_up_due, member.noon(22));
}

TEST(Transition, OneWhoMustNotBeContactedHasNoFollowUp) {
    Member member;
    member.policy.service.assign(kStages, {"s", 10, 0, {}, {}});
    member.profile.do_not_contact = true;
    EXPECT_EQ(member.at(member.noon(50)).follow_up, FollowUpState::DoNotContact);
    EXPECT_EQ(member.at(member.noon(50)).follow_up_due, kNever);
}

TEST(Transition, TooManyContactsPauseTheFollowUpUntilTheyFade) {
    Member member;
    member.policy.service.assign(kStages, {"s", 10, 0, {}, {}});
    member.policy.follow_up.contact_pressure_max = 1;
    member.follow_up(member.noon(1));
    EXPECT_EQ(member.at(member.noon(1)).follow_up, FollowUpState::Planned);  // 1 is not above 1
    member.follow_up(plus_ms(member.noon(1), 1));
    EXPECT_EQ(member.at(member.noon(2)).follow_up, FollowUpState::OverContacted);
    EXPECT_EQ(member.at(member.noon(30)).follow_up, FollowUpState::Due);
}

TEST(Transition, AnInstantBeforeTheLastSettlingLeavesTheStateAlone) {
    Member member;
    member.spend_tier(500'00);
    const State now = member.at(member.noon(395));
    const Facts facts = member.facts();
    EXPECT_EQ(advance(member.compiled(), facts, now, member.noon(3)), now);
    EXPECT_EQ(advance(member.compiled(), facts, now, now.settled_at), now);
}

TEST(Transition, TheNextOneIsNamedWithTheStateAfterIt) {
    Member member;
    member.spend_tier(500'00);
    member.policy.bands = {2, 3, 0};
    const Facts facts = member.facts();
    std::vector<Instant> instants;
    State state = member.at(member.noon(0));
    for (;;) {
        const NextTransition next = next_transition(member.compiled(), facts, state);
        EXPECT_FALSE(next.searched_to_limit);
        if (next.at == kNever) {
            break;
        }
        instants.push_back(next.at);
        state = next.state;
    }
    // New, dormant, churned, and the tier after its grace.
    const std::vector<Instant> want{
        member.noon(30), member.noon(180), member.noon(365), member.noon(395)
    };
    EXPECT_EQ(instants, want);
}

TEST(Transition, RiskRisesIntoItsBandsAtTheFirstMillisecond) {
    Member member;
    member.policy.bands = {0.6, 0.9, 0.05};
    for (int week = 1; week < 9; ++week) {
        member.order(member.noon(7 * week), 10'00, 1 + static_cast<std::uint64_t>(week));
    }
    const Facts facts = member.facts();
    State state = member.at(member.noon(56));
    ASSERT_EQ(state.band, Band::Low);
    for (const Band band : {Band::Medium, Band::High}) {
        while (state.band != band) {
            const NextTransition next = next_transition(member.compiled(), facts, state);
            ASSERT_NE(next.at, kNever);
            state = next.state;
        }
        const double threshold = band == Band::Medium ? 0.6 : 0.9;
        const auto risk = [&](Instant t) {
            const Rollup rollup = member.rollup(t);
            return churn_risk({member.compiled(), facts, rollup, t}, state);
        };
        EXPECT_GE(risk(state.settled_at), threshold);
        EXPECT_LT(risk(Instant{state.settled_at.ms - 1}), threshold);
    }
}

}  // namespace
}  // namespace patron::scoring
