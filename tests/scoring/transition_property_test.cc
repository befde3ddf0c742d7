// Time and events at random, against the plain reading of the semantics.

#include <algorithm>
#include <cmath>
#include <iterator>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "scoring/risk_band.h"
#include "scoring/standing.h"
#include "scoring/tier_rules.h"
#include "scoring/transition.h"
#include "tests/support/random_customer.h"
#include "tests/support/reference_scoring.h"
#include "tests/support/seed.h"

namespace patron::scoring {
namespace {

// Where a continuous condition flips, the reference's wider arithmetic may see it a millisecond
// apart.
constexpr std::int64_t kSlackMs = 2;

struct Scene {
    Scene(CustomerMaker& make, PolicyWishes wishes)
        : policy(make.policy(wishes))
        , made(make.customer(*policy))
        , facts(made.facts())
        , reference(*policy, facts)
        , first(made.ledger.front().at)
        , last(plus_days(made.ledger.back().at, 150)) {}

    Moment moment(const Rollup& rollup, Instant now) const { return {*policy, facts, rollup, now}; }
    State start() const {
        const Rollup rollup = roll_up(*policy, facts, first);
        return step(moment(rollup, first), first_state(first));
    }
    auto seen(const State& state) const { return reference.seen_as(state); }
    State at(Instant now) const { return advance(*policy, facts, start(), now); }

    std::shared_ptr<const CompiledPolicy> policy;
    MadeCustomer made;
    Facts facts;
    ReferenceCustomer reference;
    Instant first;
    Instant last;
};

// Runs `check` on scenes of all kinds.
template <class Check>
void for_scenes(std::uint64_t usual_seed, int scenes, Check check) {
    const std::uint64_t seed = test_seed(usual_seed);
    CustomerMaker make(seed);
    for (int i = 0; i < scenes && !::testing::Test::HasFailure(); ++i) {
        SCOPED_TRACE(::testing::Message() << "seed " << seed << " scene " << i);
        Scene scene(make, {.continuous = i % 3 == 1, .spend_only = i % 3 == 2});
        check(scene, make);
    }
}

bool near(Instant a, Instant b, std::int64_t slack) {
    return a == b || (a != kNever && b != kNever && std::abs(a.ms - b.ms) <= slack);
}

void expect_same_state(const State& got, const State& want, std::int64_t slack) {
    EXPECT_TRUE(got.same_visible(want))
        << "tier " << int{got.tier_by_rules} << '/' << int{want.tier_by_rules} << " shown "
        << int{got.tier} << '/' << int{want.tier} << " band " << static_cast<int>(got.band) << '/'
        << static_cast<int>(want.band) << " stage " << static_cast<int>(got.stage) << '/'
        << static_cast<int>(want.stage) << " follow-up " << static_cast<int>(got.follow_up) << '/'
        << static_cast<int>(want.follow_up) << " at " << got.settled_at.ms;
    EXPECT_EQ(got.settled_at.ms, want.settled_at.ms);
    EXPECT_TRUE(near(got.since, want.since, slack)) << got.since.ms << ' ' << want.since.ms;
    EXPECT_TRUE(near(got.grace_until, want.grace_until, slack))
        << got.grace_until.ms << ' ' << want.grace_until.ms;
    EXPECT_TRUE(near(got.follow_up_due, want.follow_up_due, slack))
        << got.follow_up_due.ms << ' ' << want.follow_up_due.ms;
}

std::int64_t slack_of(const Scene& scene) {
    return scene.policy->continuous_rules ? kSlackMs : 0;
}

TEST(Transition, OneStepIsTheReferences) {
    for_scenes(101, 400, [](const Scene& scene, CustomerMaker& make) {
        State before;
        for (int i = 0; i < 10; ++i) {
            const Instant now = make.between(scene.first, scene.last);
            before.tier_by_rules =
                static_cast<std::uint8_t>(make.whole(0, std::ssize(scene.policy->policy.tiers) - 1)
                );
            before.tier = before.tier_by_rules;
            before.band = static_cast<Band>(make.whole(0, 3));
            before.since = make.between(scene.first, now);
            before.grace_until = make.chance(0.5) ? kNever : make.between(scene.first, scene.last);
            const Rollup rollup = roll_up(*scene.policy, scene.facts, now);
            const State got = step(scene.moment(rollup, now), before);
            expect_same_state(got, scene.reference.step(before, now), 0);
            const double risk = churn_risk(scene.moment(rollup, now), got);
            const double want = scene.reference.churn_risk(now, got.tier);
            EXPECT_EQ(std::isnan(risk), std::isnan(want));
            if (!std::isnan(want)) {
                EXPECT_NEAR(risk, want, 1e-11);
            }
        }
    });
}

TEST(Transition, ASettledStateStaysAsItIs) {
    for_scenes(102, 400, [](const Scene& scene, CustomerMaker& make) {
        const State s = scene.at(make.between(scene.first, scene.last));
        const Rollup rollup = roll_up(*scene.policy, scene.facts, s.settled_at);
        EXPECT_EQ(step(scene.moment(rollup, s.settled_at), s), s);
    });
}

TEST(Transition, AThousandSmallStepsEqualOneLarge) {
    for_scenes(103, 30, [](const Scene& scene, CustomerMaker& make) {
        State walked = scene.start();
        std::vector<Instant> stops;
        for (int i = 0; i < 1000; ++i) {
            stops.push_back(make.between(scene.first, scene.last));
        }
        std::sort(stops.begin(), stops.end());
        for (const Instant stop : stops) {
            walked = advance(*scene.policy, scene.facts, walked, stop);
        }
        EXPECT_EQ(walked, scene.at(stops.back()));
    });
}

TEST(Transition, TimeMovesAsInTheReference) {
    for_scenes(104, 24, [](const Scene& scene, CustomerMaker& make) {
        State expected = scene.start();
        State got = expected;
        std::vector<Instant> stops;
        for (int i = 0; i < 20; ++i) {
            stops.push_back(make.between(scene.first, scene.last));
        }
        std::sort(stops.begin(), stops.end());
        for (const Instant stop : stops) {
            expected = scene.reference.advance(expected, stop);
            got = advance(*scene.policy, scene.facts, got, stop);
            expect_same_state(got, expected, slack_of(scene));
        }
    });
}

// The plain evaluation one millisecond before a change must still give the state before it.
TEST(Transition, EveryChangeHappensAtItsFirstMillisecond) {
    int changes = 0;
    for_scenes(105, 150, [&](const Scene& scene, CustomerMaker&) {
        State state = scene.start();
        for (;;) {
            const NextTransition next = next_transition(*scene.policy, scene.facts, state);
            if (next.at > scene.last) {
                break;
            }
            ++changes;
            ASSERT_NE(scene.seen(next.state), scene.seen(state));
            const Instant eve{next.at.ms - 1};
            const State settled = advance(*scene.policy, scene.facts, state, eve);
            const Rollup rollup = roll_up(*scene.policy, scene.facts, eve);
            EXPECT_EQ(scene.seen(step(scene.moment(rollup, eve), settled)), scene.seen(state));
            const Rollup then = roll_up(*scene.policy, scene.facts, next.at);
            EXPECT_EQ(step(scene.moment(then, next.at), settled), next.state);
            state = next.state;
        }
    });
    EXPECT_GT(changes, 300);
}

TEST(Transition, TheNextTransitionIsTheReferencesFirstVisibleChange) {
    for_scenes(106, 24, [](const Scene& scene, CustomerMaker& make) {
        const State state = scene.at(make.between(scene.first, scene.last));
        const Instant until = plus_days(state.settled_at, 250);
        const NextTransition next = next_transition(*scene.policy, scene.facts, state);
        EXPECT_FALSE(next.searched_to_limit);
        const Instant expected = scene.reference.next_visible_change(state, until);
        if (expected == kNever) {
            EXPECT_GT(next.at, until);
        } else {
            EXPECT_TRUE(near(next.at, expected, kSlackMs)) << next.at.ms << ' ' << expected.ms;
        }
    });
}

// ---- Logs: events act one after the other, late ones at the instant up to which all is settled
// ----

State accept(const Scene& scene, std::size_t events, State state, bool by_reference) {
    MadeCustomer before = scene.made;
    before.log.resize(events);
    before.sort_ledger();
    MadeCustomer after = scene.made;
    after.log.resize(events + 1);
    after.sort_ledger();
    const Facts old_facts = before.facts();
    const Facts new_facts = after.facts();
    const Instant acts = std::max(after.log.back().at, state.settled_at);
    if (by_reference) {
        state = ReferenceCustomer(*scene.policy, old_facts).advance(state, acts);
        return ReferenceCustomer(*scene.policy, new_facts).step(state, acts);
    }
    state = advance(*scene.policy, old_facts, state, acts);
    return step({*scene.policy, new_facts, roll_up(*scene.policy, new_facts, acts), acts}, state);
}

TEST(Transition, ALogReplaysAsInTheReference) {
    for_scenes(107, 24, [](const Scene& scene, CustomerMaker&) {
        State got = first_state(scene.made.log.front().at);
        State expected = got;
        for (std::size_t i = 0; i < scene.made.log.size(); ++i) {
            got = accept(scene, i, got, false);
            expected = accept(scene, i, expected, true);
            expect_same_state(got, expected, slack_of(scene));
        }
    });
}

// A reader between two events looks at `advance(state, now)` and leaves no trace.
TEST(Transition, ReadingInBetweenDoesNotChangeWhatALogReplaysTo) {
    for_scenes(108, 40, [](const Scene& scene, CustomerMaker& make) {
        State quiet = first_state(scene.made.log.front().at);
        State read = quiet;
        for (std::size_t i = 0; i < scene.made.log.size(); ++i) {
            MadeCustomer known = scene.made;
            known.log.resize(i);
            known.sort_ledger();
            const Facts facts = known.facts();
            const Instant acts = std::max(scene.made.log[i].at, read.settled_at);
            const Instant look = make.between(read.settled_at, acts);
            read = advance(*scene.policy, facts, read, look);
            read = accept(scene, i, read, false);
            quiet = accept(scene, i, quiet, false);
            EXPECT_EQ(read, quiet);
        }
    });
}

TEST(Ledger, TheSameEntriesInAnyOrderAreTheSameLedger) {
    for_scenes(109, 100, [](const Scene& scene, CustomerMaker& make) {
        MadeCustomer shuffled = scene.made;
        std::shuffle(shuffled.log.begin(), shuffled.log.end(), make.bits());
        shuffled.sort_ledger();
        EXPECT_EQ(shuffled.ledger, scene.made.ledger);
    });
}

// ---- Standings
// ------------------------------------------------------------------------------------

TEST(Standing, AScoreIsTheFullEvaluationBitForBit) {
    int scores = 0;
    for_scenes(110, 250, [&](const Scene& scene, CustomerMaker& make) {
        const State state = scene.at(make.between(scene.first, scene.last));
        const Rollup rollup = roll_up(*scene.policy, scene.facts, state.settled_at);
        const Standing s = make_standing(scene.moment(rollup, state.settled_at), state);
        const Instant end = std::min(s.valid_until, plus_days(state.settled_at, 400));
        for (int i = 0; i < 8; ++i) {
            const Instant now =
                i == 0 ? Instant{end.ms - 1} : make.between(state.settled_at, Instant{end.ms - 1});
            const State then = advance(*scene.policy, scene.facts, state, now);
            const auto score = score_at(*scene.policy, s, now);
            EXPECT_EQ(score.has_value(), then.same_visible(state));
            EXPECT_EQ(holds_at(*scene.policy, s, now), score.has_value());
            if (score) {
                ++scores;
                const Rollup fresh = roll_up(*scene.policy, scene.facts, now);
                const double full = churn_risk(scene.moment(fresh, now), then);
                EXPECT_TRUE(score->churn_risk == full || (std::isnan(full) && !s.has_purchase));
                EXPECT_EQ(s.has_purchase, fresh.has_purchase());
                const double index = value_index(scene.moment(fresh, now));
                EXPECT_TRUE(s.value_index == index || std::isnan(index));
            }
        }
        EXPECT_FALSE(score_at(*scene.policy, s, s.valid_until).has_value());
    });
    EXPECT_GT(scores, 500);
}

TEST(Standing, AScoreIsGivenOnlyWhileTheStateStands) {
    for_scenes(111, 250, [](const Scene& scene, CustomerMaker& make) {
        const State state = scene.at(make.between(scene.first, scene.last));
        const Rollup rollup = roll_up(*scene.policy, scene.facts, state.settled_at);
        const Standing s = make_standing(scene.moment(rollup, state.settled_at), state);
        EXPECT_GT(s.valid_until, state.settled_at);
        const NextTransition next = next_transition(*scene.policy, scene.facts, state);
        for (const std::int64_t after : {0, 1, 1000}) {
            if (next.at != kNever) {
                EXPECT_FALSE(score_at(*scene.policy, s, plus_ms(next.at, after)).has_value());
            }
        }
    });
}

TEST(Walk, SkippingLeadsToTheSameStateAsEveryStep) {
    int moved = 0;
    for_scenes(117, 500, [&](const Scene& scene, CustomerMaker& make) {
        const State state = scene.at(make.between(scene.first, scene.last));
        const Instant to = make.between(state.settled_at, plus_days(state.settled_at, 200));
        Walk steps(*scene.policy, scene.facts, state);
        while (steps.state().settled_at < to) {
            steps.next(to);
        }
        Walk skips(*scene.policy, scene.facts, state);
        skips.skip(to);
        EXPECT_EQ(skips.state(), steps.state());
        EXPECT_EQ(advance(*scene.policy, scene.facts, state, to), steps.state());
        const Standing a = make_standing(steps.moment(), steps.settled());
        const Standing b = make_standing(skips.moment(), skips.settled());
        EXPECT_EQ(a.valid_until, b.valid_until);
        EXPECT_EQ(a.signals_logit, b.signals_logit);
        moved += steps.visible() != Walk(*scene.policy, scene.facts, state).visible() ? 1 : 0;
    });
    EXPECT_GT(moved, 100);
}

TEST(Standing, NothingIsSeenToChangeBeforeItsBound) {
    int far = 0;
    for_scenes(115, 400, [&](const Scene& scene, CustomerMaker& make) {
        const State state = scene.at(make.between(scene.first, scene.last));
        const Instant now = state.settled_at;
        const Rollup rollup = roll_up(*scene.policy, scene.facts, now);
        const Moment moment = scene.moment(rollup, now);
        const Settled settled = settle(moment, state);
        EXPECT_EQ(settled.state, state);
        const Standing s = make_standing(moment, settled);
        ASSERT_FALSE(s.transition_known);
        const NextTransition next = next_transition(*scene.policy, scene.facts, state);
        EXPECT_LE(s.next_transition, next.at);
        EXPECT_LE(quiet_until(*scene.policy, s, now), next.at);
        far += s.next_transition > plus_days(now, 1) ? 1 : 0;
        // The last millisecond in which no signal steps, by the reference.
        const Instant last{std::min(settled.risk_until, piece_end(moment, settled)).ms - 1};
        if (s.has_purchase && last > now && last < plus_days(now, 1'000'000)) {
            const double risk = scene.reference.churn_risk(last, state.tier);
            EXPECT_EQ(band_after(scene.policy->policy.bands, state.band, risk), state.band);
        }
    });
    EXPECT_GT(far, 100);
}

TEST(Standing, ASearchThatEndsEarlyLeavesABound) {
    int known = 0;
    int bounds = 0;
    for_scenes(116, 400, [&](const Scene& scene, CustomerMaker& make) {
        const State state = scene.at(make.between(scene.first, scene.last));
        const Instant until =
            make.between(plus_ms(state.settled_at, 1), plus_days(state.settled_at, 90));
        Walk walk(*scene.policy, scene.facts, state);
        Standing s = make_standing(walk.moment(), walk.settled());
        add_transition(walk, s, until);
        const NextTransition next = next_transition(*scene.policy, scene.facts, state);
        if (!s.transition_known) {
            ++bounds;
            EXPECT_EQ(s.next_transition, until);
            EXPECT_GT(next.at, until);
            return;
        }
        ++known;
        EXPECT_EQ(s.next_transition, next.at);
        const Walk there = walk_to_transition(*scene.policy, scene.facts, s);
        EXPECT_EQ(there.state(), next.state);
        EXPECT_EQ(there.visible(), walk.visible());
    });
    EXPECT_GT(known, 50);
    EXPECT_GT(bounds, 50);
}

// Whether the rule would hold if `feature` were larger by `more`, everything else as it is.
bool holds_with(const Scene& scene, const Rule& rule, Instant now, Feature feature, double more) {
    for (const Clause& clause : rule) {
        bool all = true;
        for (const Atom& atom : clause) {
            const double value = scene.reference.feature(atom.feature, now);
            const bool moved = atom.feature == feature;
            all = all && holds(atom, moved ? (std::isnan(value) ? 0 : value) + more : value);
        }
        if (all) {
            return true;
        }
    }
    return false;
}

TEST(Outlook, TheGapToTheNextTierIsTheLeastThatFlipsTheVerdict) {
    int gaps = 0;
    for_scenes(112, 300, [&](const Scene& scene, CustomerMaker& make) {
        const State state = scene.at(make.between(scene.first, scene.last));
        const Rollup rollup = roll_up(*scene.policy, scene.facts, state.settled_at);
        Standing s = make_standing(scene.moment(rollup, state.settled_at), state);
        add_outlook(*scene.policy, scene.facts, s);
        ASSERT_TRUE(s.outlook_known);
        EXPECT_EQ(s.next_transition, next_transition(*scene.policy, scene.facts, state).at);
        if (s.to_next.missing == 0) {
            return;
        }
        ++gaps;
        const Rule& enter = scene.policy->policy.tiers[state.tier_by_rules + 1u].enter;
        const double missing = s.to_next.missing;
        const auto flips = [&](double more) {
            return holds_with(scene, enter, state.settled_at, s.to_next.feature, more);
        };
        EXPECT_TRUE(flips(missing * (1 + 1e-12)));
        EXPECT_FALSE(flips(missing * (1 - 1e-9)));
        EXPECT_GT(s.to_next.by, state.settled_at);
    });
    EXPECT_GT(gaps, 30);
}

// With rules that ask for nothing but spend, real orders prove the outlook to the last minor unit.
State with_order(
    const Scene& scene, const State& from, Instant at, std::int64_t minor, Instant to
) {
    MadeCustomer more = scene.made;
    more.log.push_back(make_entry(EntryKind::Order, at, minor, 0xABCD));
    more.sort_ledger();
    const Facts facts = more.facts();
    const State before = advance(*scene.policy, scene.facts, from, at);
    const Rollup rollup = roll_up(*scene.policy, facts, at);
    return advance(*scene.policy, facts, step({*scene.policy, facts, rollup, at}, before), to);
}

TEST(Outlook, AnOrderOfTheMissingAmountEntersTheNextTier) {
    const std::uint64_t seed = test_seed(113);
    CustomerMaker make(seed);
    int gaps = 0;
    for (int i = 0; i < 200; ++i) {
        SCOPED_TRACE(::testing::Message() << "seed " << seed << " scene " << i);
        const Scene scene(make, {.continuous = false, .spend_only = true});
        const State state = scene.at(make.between(scene.first, scene.last));
        const Instant now = state.settled_at;
        const Rollup rollup = roll_up(*scene.policy, scene.facts, now);
        Standing s = make_standing(scene.moment(rollup, now), state);
        add_outlook(*scene.policy, scene.facts, s);
        if (s.to_next.missing > 0) {
            ++gaps;
            const auto minor = static_cast<std::int64_t>(s.to_next.missing);
            EXPECT_GT(with_order(scene, state, now, minor, now).tier_by_rules, state.tier_by_rules);
            const Rule& enter = scene.policy->policy.tiers[state.tier_by_rules + 1u].enter;
            MadeCustomer less = scene.made;
            less.log.push_back(make_entry(EntryKind::Order, now, minor - 1, 0xABCD));
            less.sort_ledger();
            const Facts facts = less.facts();
            EXPECT_FALSE(ReferenceCustomer(*scene.policy, facts).holds(enter, now));
        }
    }
    EXPECT_GT(gaps, 50);
}

// The tier by rules that time alone leads to next; old refunds that leave a window may lift it.
std::uint8_t tier_after(const Scene& scene, State state) {
    const std::uint8_t tier = state.tier_by_rules;
    while (state.tier_by_rules == tier) {
        const NextTransition next = next_transition(*scene.policy, scene.facts, state);
        if (next.at == kNever) {
            break;
        }
        state = next.state;
    }
    return state.tier_by_rules;
}

TEST(Outlook, AnOrderOfTheMissingAmountKeepsTheTierPastItsDeadline) {
    const std::uint64_t seed = test_seed(114);
    CustomerMaker make(seed);
    int kept = 0;
    for (int i = 0; i < 200; ++i) {
        SCOPED_TRACE(::testing::Message() << "seed " << seed << " scene " << i);
        const Scene scene(make, {.continuous = false, .spend_only = true});
        const Instant now = make.between(scene.made.ledger.back().at, scene.last);
        const State state = scene.at(now);
        const Rollup rollup = roll_up(*scene.policy, scene.facts, now);
        Standing s = make_standing(scene.moment(rollup, now), state);
        add_outlook(*scene.policy, scene.facts, s);
        EXPECT_EQ(s.to_keep.missing > 0, tier_after(scene, state) < state.tier_by_rules);
        if (s.to_keep.missing > 0) {
            ++kept;
            const Instant deadline = s.to_keep.by;
            const Instant eve{deadline.ms - 1};
            const auto minor = static_cast<std::int64_t>(s.to_keep.missing);
            const std::uint8_t tier = state.tier_by_rules;
            EXPECT_LT(scene.at(deadline).tier_by_rules, tier);
            EXPECT_GE(with_order(scene, state, eve, minor, deadline).tier_by_rules, tier);
            MadeCustomer less = scene.made;
            less.log.push_back(make_entry(EntryKind::Order, eve, minor - 1, 0xABCD));
            less.sort_ledger();
            const Facts facts = less.facts();
            EXPECT_FALSE(ReferenceCustomer(*scene.policy, facts).retained(tier, deadline));
        }
    }
    EXPECT_GT(kept, 30);
}

}  // namespace
}  // namespace patron::scoring
