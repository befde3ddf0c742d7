// The store beside the plain reference store, on random events, policies, batches, threads and
// partitions.

#include <algorithm>
#include <bit>
#include <cmath>
#include <map>

#include <gtest/gtest.h>

#include "store/state_hash.h"
#include "tests/support/random_customer.h"
#include "tests/support/random_events.h"
#include "tests/support/reference_store.h"
#include "tests/support/seed.h"
#include "tests/support/test_store.h"

namespace patron::store {
namespace {

using scoring::CompiledPolicy;
using scoring::kDayMs;
using Policy = std::shared_ptr<const CompiledPolicy>;

struct Setting {
    Policy policy;
    std::size_t partitions;
    std::size_t threads;
};

Setting random_setting(std::uint64_t seed) {
    scoring::CustomerMaker maker(seed);
    Setting s;
    s.policy = maker.policy({.continuous = maker.chance(0.3)});
    s.partitions = static_cast<std::size_t>(maker.whole(1, 7));
    s.threads = static_cast<std::size_t>(maker.whole(1, 4));
    return s;
}

TestStoreOptions options_of(const Setting& setting) {
    TestStoreOptions o;
    o.policy = setting.policy;
    o.partitions = setting.partitions;
    o.threads = setting.threads;
    return o;
}

EventWishes wishes_of(const Setting& setting) {
    EventWishes wishes;
    wishes.tiers.clear();
    for (const scoring::Tier& tier : setting.policy->policy.tiers) {
        wishes.tiers.push_back(tier.name);
    }
    return wishes;
}

std::uint64_t bits(double value) {
    return std::bit_cast<std::uint64_t>(value);
}

testing::AssertionResult same_number(double a, double b) {
    if (bits(a) == bits(b) || (std::isnan(a) && std::isnan(b))) {
        return testing::AssertionSuccess();
    }
    return testing::AssertionFailure() << a << " is not " << b;
}

void expect_same(const Reading& reading, const ReferenceAnswer& expected) {
    const scoring::State& state = reading.standing.state;
    EXPECT_EQ(state.tier_by_rules, expected.state.tier_by_rules);
    EXPECT_EQ(state.tier, expected.state.tier);
    EXPECT_EQ(state.band, expected.state.band);
    EXPECT_EQ(state.stage, expected.state.stage);
    EXPECT_EQ(state.follow_up, expected.state.follow_up);
    EXPECT_EQ(state.since, expected.state.since);
    EXPECT_EQ(state.grace_until, expected.state.grace_until);
    EXPECT_EQ(state.follow_up_due, expected.state.follow_up_due);
    EXPECT_TRUE(same_number(reading.score.churn_risk, expected.churn_risk));
    EXPECT_TRUE(same_number(reading.score.p_alive, expected.p_alive));
    EXPECT_TRUE(same_number(reading.score.purchase_probability, expected.purchase_probability));
    EXPECT_TRUE(same_number(reading.standing.value_index, expected.value_index));
}

void expect_same(const ProfileDetails& profile, const ProfileDetails& expected) {
    EXPECT_TRUE(same_number(profile.facts.influence, expected.facts.influence));
    EXPECT_TRUE(same_number(profile.facts.strategic, expected.facts.strategic));
    EXPECT_TRUE(same_number(profile.facts.expert_score, expected.facts.expert_score));
    EXPECT_EQ(profile.facts.do_not_contact, expected.facts.do_not_contact);
    EXPECT_EQ(profile.facts.customer_since, expected.facts.customer_since);
    EXPECT_EQ(profile.preferred_channel, expected.preferred_channel);
    EXPECT_EQ(profile.region, expected.region);
    EXPECT_EQ(profile.owner, expected.owner);
    EXPECT_EQ(profile.tags, expected.tags);
}

void expect_same_facts(const Portrait& portrait, const ReferenceFacts& expected, Instant at) {
    std::vector<scoring::LedgerEntry> until = expected.ledger;
    std::erase_if(until, [at](const scoring::LedgerEntry& e) { return e.at > at; });
    EXPECT_EQ(portrait.ledger, until);
    EXPECT_EQ(portrait.activity.ref, expected.activity.ref);
    EXPECT_TRUE(same_number(portrait.activity.sum, expected.activity.sum));
    expect_same(portrait.profile, expected.profile);
    const auto shown =
        portrait.tier_override ? portrait.tier_override->in_force : scoring::TierOverride{};
    if (expected.tier_override.kind == scoring::OverrideKind::None) {
        EXPECT_FALSE(portrait.tier_override.has_value());
    } else {
        EXPECT_EQ(shown, expected.tier_override);
    }
}

class Pair {
  public:
    explicit Pair(const Setting& setting)
        : store_(options_of(setting)), reference_(setting.policy) {}

    TestStore& store() { return store_; }
    ReferenceStore& reference() { return reference_; }
    Instant now() { return store_.clock().now(); }
    void set_clock(Instant now) { store_.clock().set(now); }

    void submit(EventBatch batch, OnError on_error) {
        const auto expected = reference_.submit(batch, on_error, now());
        const auto reply = store_.submit_and_wait(std::move(batch), on_error);
        ASSERT_EQ(reply.has_value(), expected.has_value());
        if (!expected) {
            EXPECT_EQ(reply.error().index, expected.error().first);
            EXPECT_EQ(reply.error().code, expected.error().second);
            return;
        }
        seq_ += expected->accepted;
        EXPECT_EQ(reply->accepted, expected->accepted);
        EXPECT_EQ(reply->duplicates, expected->duplicates);
        EXPECT_EQ(reply->seq, seq_);
        ASSERT_EQ(reply->rejected.size(), expected->rejected.size());
        for (std::size_t i = 0; i < expected->rejected.size(); ++i) {
            EXPECT_EQ(reply->rejected[i].index, expected->rejected[i].first);
            EXPECT_EQ(reply->rejected[i].code, expected->rejected[i].second);
        }
    }

    void expect_same_reading(const std::string& id) {
        SCOPED_TRACE(id);
        const auto reading = store_.look(id);
        ASSERT_EQ(reading.has_value(), reference_.knows(id));
        if (reading) {
            EXPECT_EQ(reading->seq, seq_);
            expect_same(*reading, reference_.answer(id, now()));
        }
    }

    // At an instant the store may or may not still know.
    void expect_same_answer(const std::string& id, Instant at) {
        SCOPED_TRACE(id + " at " + std::to_string(at.ms));
        const auto answers = store_.ask_all_and_wait({id}, at, true);
        if (reference_.knows(id) && at < reference_.newest(id)) {
            ASSERT_FALSE(answers.has_value());
            EXPECT_EQ(answers.error().code, FaultCode::PastNotKept);
            return;
        }
        ASSERT_TRUE(answers.has_value());
        ASSERT_EQ(answers->front().has_value(), reference_.knows(id));
        if (answers->front()) {
            expect_same((*answers)[0]->reading, reference_.answer(id, at));
            expect_same_facts(*(*answers)[0]->portrait, reference_.facts(id), at);
        }
    }

    void expect_same_scan(Instant at) {
        const auto rows = store_.scan_and_wait(at);
        EXPECT_EQ(rows.size(), reference_.customers());
        for (const ScannedRow& row : rows) {
            SCOPED_TRACE("scanned " + row.id + " at " + std::to_string(at.ms));
            ASSERT_TRUE(reference_.knows(row.id));
            const ReferenceAnswer expected = reference_.answer(row.id, at);
            const ReferenceFacts facts = reference_.facts(row.id);
            expect_same(row.reading, expected);
            EXPECT_EQ(row.spend_longest_window, expected.spend_longest);
            const auto& state = reference_.log_state(row.id);
            EXPECT_EQ(row.state_hash, state_hash(row.id, state, facts.activity));
            expect_same(row.profile.value_or(ProfileDetails{}), facts.profile);
            if (!row.profile) {
                EXPECT_EQ(row.facts_hash, facts_hash(row.id, facts.ledger, 0));
            }
        }
    }

  private:
    TestStore store_;
    ReferenceStore reference_;
    std::uint64_t seq_ = 0;
};

TEST(StoreProperty, AgreesWithTheReferenceAfterEveryRequest) {
    const std::uint64_t seed = test_seed(1'101);
    for (std::uint64_t run = 0; run < 12 && !testing::Test::HasFailure(); ++run) {
        SCOPED_TRACE("run " + std::to_string(run));
        const Setting setting = random_setting(seed + run);
        EventMaker maker(seed + run, wishes_of(setting));
        Pair pair(setting);
        for (int request = 0; request < 25 && !testing::Test::HasFailure(); ++request) {
            EventBatch batch;
            maker.add(batch, static_cast<std::size_t>(maker.whole(0, 30)), pair.now());
            pair.submit(std::move(batch), maker.chance(0.6) ? OnError::Skip : OnError::Reject);
            if (maker.chance(0.7)) {
                pair.set_clock(scoring::plus_ms(
                    pair.now(),
                    maker.chance(0.5) ? maker.whole(0, 3 * scoring::kHourMs)
                                      : maker.whole(0, 60 * kDayMs)
                ));
            }
            for (int i = 0; i < 3; ++i) {
                const auto& ids = maker.customers();
                const auto& id = ids[static_cast<std::size_t>(maker.whole(0, std::ssize(ids) - 1))];
                pair.expect_same_reading(id);
                pair.expect_same_answer(
                    id, scoring::plus_ms(pair.now(), maker.whole(-40 * kDayMs, 90 * kDayMs))
                );
            }
        }
        pair.expect_same_scan(pair.now());
        pair.expect_same_scan(scoring::plus_ms(pair.now(), maker.whole(0, 400) * kDayMs));
    }
}

// Every request in flight at once, so that beats join and cut them as they like.
TEST(StoreProperty, ChecksRequestsInFlightAsIfTheyCameOneByOne) {
    const std::uint64_t seed = test_seed(1'202);
    for (std::uint64_t run = 0; run < 30 && !testing::Test::HasFailure(); ++run) {
        SCOPED_TRACE("run " + std::to_string(run));
        const Setting setting = random_setting(seed + run);
        EventWishes wishes = wishes_of(setting);
        wishes.customers = 3;
        wishes.refused = 0.15;
        wishes.erased = 0.05;
        EventMaker maker(seed + run, wishes);
        TestStore store(options_of(setting));
        ReferenceStore reference(setting.policy);
        std::vector<EventBatch> batches;
        const OnError on_error = maker.chance(0.5) ? OnError::Reject : OnError::Skip;
        std::vector<std::expected<ReferenceReply, std::pair<std::int64_t, FaultCode>>> expected;
        for (int i = 0; i < 40; ++i) {
            EventBatch& batch = batches.emplace_back();
            maker.add(batch, static_cast<std::size_t>(maker.whole(0, 8)), kTestNow);
            expected.push_back(reference.submit(batch, on_error, kTestNow));
        }
        const auto replies = store.submit_all_and_wait(std::move(batches), on_error);
        std::uint64_t seq = 0;
        for (std::size_t i = 0; i < replies.size(); ++i) {
            SCOPED_TRACE("request " + std::to_string(i));
            ASSERT_EQ(replies[i].has_value(), expected[i].has_value());
            if (!replies[i]) {
                EXPECT_EQ(replies[i].error().code, expected[i].error().second);
                EXPECT_EQ(replies[i].error().index, expected[i].error().first);
                continue;
            }
            EXPECT_EQ(replies[i]->accepted, expected[i]->accepted);
            EXPECT_EQ(replies[i]->duplicates, expected[i]->duplicates);
            EXPECT_EQ(replies[i]->rejected.size(), expected[i]->rejected.size());
            seq += replies[i]->accepted;
            EXPECT_EQ(replies[i]->seq, seq);
        }
        for (const ScannedRow& row : store.scan_and_wait()) {
            ASSERT_TRUE(reference.knows(row.id));
            EXPECT_EQ(
                row.state_hash,
                state_hash(row.id, reference.log_state(row.id), reference.facts(row.id).activity)
            ) << row.id;
        }
    }
}

// Submits `all` in random pieces, some waited for and some not, with the clock at random places not
// before any event.
StoreHashes hashes_of(const EventBatch& all, const Setting& setting, EventMaker& dice) {
    TestStore store(options_of(setting));
    for (std::size_t at = 0; at < all.events.size();) {
        std::vector<EventBatch> batches(static_cast<std::size_t>(dice.whole(1, 6)));
        for (EventBatch& batch : batches) {
            const auto size = static_cast<std::size_t>(dice.whole(0, dice.chance(0.2) ? 900 : 40));
            for (std::size_t i = 0; i < size && at < all.events.size(); ++i) {
                add_copy(batch, all.events[at++]);
            }
        }
        for (const auto& reply : store.submit_all_and_wait(std::move(batches), OnError::Skip)) {
            EXPECT_TRUE(reply.has_value());
        }
        store.clock().set(scoring::plus_ms(kTestNow, dice.whole(0, 90 * kDayMs)));
        store.look(dice.customers().front());
    }
    return store.hashes();
}

TEST(StoreProperty, StatesDependOnNothingButEachCustomersSequence) {
    const std::uint64_t seed = test_seed(1'303);
    for (std::uint64_t run = 0; run < 8 && !testing::Test::HasFailure(); ++run) {
        SCOPED_TRACE("run " + std::to_string(run));
        Setting setting = random_setting(seed + run);
        EventWishes wishes = wishes_of(setting);
        wishes.customers = 40;
        wishes.ahead = false;
        EventMaker maker(seed + run, wishes);
        EventBatch all;
        maker.add(all, 1'500, kTestNow);
        const StoreHashes first = hashes_of(all, setting, maker);
        for (int again = 0; again < 4; ++again) {
            setting.partitions = static_cast<std::size_t>(maker.whole(1, 7));
            setting.threads = static_cast<std::size_t>(maker.whole(1, 4));
            // Another interleaving of the customers; each keeps its own sequence.
            EventBatch mixed = copy_batch(all);
            std::map<std::string_view, std::vector<std::size_t>> mine;
            std::vector<std::string_view> turn;
            for (std::size_t i = 0; i < all.events.size(); ++i) {
                mine[all.events[i].customer].push_back(i);
                turn.push_back(all.events[i].customer);
            }
            std::shuffle(turn.begin(), turn.end(), maker.bits());
            std::map<std::string_view, std::size_t> taken;
            EventBatch woven;
            for (const std::string_view customer : turn) {
                add_copy(woven, all.events[mine[customer][taken[customer]++]]);
            }
            EXPECT_EQ(hashes_of(woven, setting, maker), first);
        }
    }
}

TEST(StoreProperty, FactsDependOnTheSetOfEventsNotOnTheirOrder) {
    const std::uint64_t seed = test_seed(1'404);
    for (std::uint64_t run = 0; run < 10 && !testing::Test::HasFailure(); ++run) {
        SCOPED_TRACE("run " + std::to_string(run));
        const Setting setting = random_setting(seed + run);
        EventWishes wishes = wishes_of(setting);
        wishes.ahead = false;
        wishes.erased = 0;
        wishes.duplicates = 0;
        EventMaker maker(seed + run, wishes);
        EventBatch made;
        maker.add(made, 400, kTestNow);
        // What is refused depends on the order, so only what never is.
        std::erase_if(made.events, [](const Event& e) {
            return std::holds_alternative<Refund>(e.body) ||
                   std::holds_alternative<std::unique_ptr<Override>>(e.body);
        });
        // Small refunds of orders that may come later; too small to be more than any order.
        for (std::size_t i = 0; i < 40; ++i) {
            const auto& who = maker.customers()[i % maker.customers().size()];
            const std::string id = "r" + std::to_string(i);
            const std::string order = "o" + std::to_string(i);
            add_event(made, who, "back" + id, kTestNow, Refund{order, Money{maker.whole(1, 99)}});
            add_event(made, who, id, kTestNow, Order{order, Money{100}, {}, {}});
        }
        std::uint64_t facts = 0;
        for (int again = 0; again < 4; ++again) {
            TestStore store(options_of(setting));
            const auto reply = store.submit_and_wait(copy_batch(made), OnError::Reject);
            ASSERT_TRUE(reply.has_value()) << reply.error().detail;
            EXPECT_EQ(reply->accepted, made.events.size());
            const StoreHashes hashes = store.hashes();
            EXPECT_TRUE(again == 0 || hashes.facts == facts);
            facts = hashes.facts;
            std::shuffle(made.events.begin(), made.events.end(), maker.bits());
        }
        std::erase_if(made.events, [](const Event& e) { return e.id == "r0"; });
        TestStore one_less(options_of(setting));
        ASSERT_TRUE(one_less.submit_and_wait(copy_batch(made)).has_value());
        EXPECT_NE(one_less.hashes().facts, facts);
    }
}

TEST(StoreProperty, AClockThatJumpsLeavesTheStatesRight) {
    const std::uint64_t seed = test_seed(1'505);
    for (std::uint64_t run = 0; run < 8 && !testing::Test::HasFailure(); ++run) {
        SCOPED_TRACE("run " + std::to_string(run));
        const Setting setting = random_setting(seed + run);
        EventMaker maker(seed + run, wishes_of(setting));
        Pair pair(setting);
        Instant latest = kTestNow;
        for (int request = 0; request < 30; ++request) {
            pair.set_clock(scoring::plus_ms(kTestNow, maker.whole(-800, 800) * kDayMs));
            latest = std::max(latest, pair.now());
            EventBatch batch;
            maker.add(batch, static_cast<std::size_t>(maker.whole(0, 20)), kTestNow);
            pair.submit(std::move(batch), OnError::Skip);
            for (const std::string& id : maker.customers()) {
                const auto reading = pair.store().look(id);
                if (!reading) {
                    continue;
                }
                // Never before the newest event, so no age is negative.
                EXPECT_GE(reading->score.as_of, pair.reference().newest(id));
                EXPECT_GE(reading->score.as_of, pair.now());
                EXPECT_GE(reading->score.as_of, reading->standing.state.since);
                const double risk = reading->score.churn_risk;
                EXPECT_TRUE(std::isnan(risk) || (risk >= 0 && risk <= 1)) << risk;
            }
        }
        pair.set_clock(latest);
        pair.expect_same_scan(latest);
    }
}

}  // namespace
}  // namespace patron::store
