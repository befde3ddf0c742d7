#include "store/partition.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <gtest/gtest.h>

#include "store/beat_check.h"
#include "tests/support/random_events.h"
#include "tests/support/test_store.h"

namespace patron::store {
namespace {

using scoring::kDayMs;

class PartitionTest : public testing::Test {
  protected:
    BeatContext context() const { return {*policy_, now_}; }

    std::vector<Outcome> apply(EventBatch batch) {
        std::vector<BeatEvent> events;
        for (const Event& event : batch.events) {
            const std::uint64_t hash = customer_hash(event.customer, kTestHashSeed);
            events.push_back({&event, hash, hash_bytes(event.id, hash), 0, 0, Outcome::Pending});
        }
        std::vector<std::uint32_t> mine(events.size());
        std::iota(mine.begin(), mine.end(), 0u);
        BeatCheck(partition_, policy_->policy).run(events, mine, false);
        partition_.settle_ids();
        partition_.apply(events, mine, context());
        std::vector<Outcome> outcomes;
        for (const BeatEvent& event : events) {
            outcomes.push_back(event.outcome);
        }
        return outcomes;
    }
    Outcome apply(std::string_view customer, std::string_view id, Instant at, EventBody body) {
        EventBatch batch;
        add_event(batch, customer, id, at, std::move(body));
        return apply(std::move(batch)).front();
    }
    Outcome order(std::string_view customer, std::string_view id, Instant at, std::int64_t minor) {
        return apply(customer, id, at, Order{id, Money{minor}, {}, {}});
    }

    ReadOutcome read(std::string_view id, Reading& out) const {
        return partition_.read(*policy_, customer_hash(id, kTestHashSeed), id, now_, out);
    }
    bool knows(std::string_view id) const {
        return partition_.find(customer_hash(id, kTestHashSeed), id).has_value();
    }
    CustomerAnswer ask(std::string_view id, std::optional<Instant> at = {}) {
        auto answer = partition_.answer(id, at, true, context());
        EXPECT_TRUE(answer.has_value() && answer->has_value());
        return **std::move(answer);
    }
    Instant days_ago(std::int64_t days) const { return scoring::plus_days(now_, -days); }

    std::shared_ptr<const scoring::CompiledPolicy> policy_ = compiled_test_policy();
    Instant now_ = kTestNow;
    Partition partition_{Partition::Bounds{1'000, 1'000, kTestHashSeed}};
};

TEST_F(PartitionTest, KnowsACustomerFromItsFirstEvent) {
    Reading reading;
    EXPECT_EQ(read("a", reading), ReadOutcome::Unknown);
    EXPECT_EQ(apply("a", "1", now_, Visit{}), Outcome::Applied);
    EXPECT_TRUE(knows("a"));
    EXPECT_FALSE(knows("b"));
    EXPECT_EQ(partition_.customers(), 1u);
}

TEST_F(PartitionTest, ARecordWithoutItsOutlookAsksTheBeat) {
    order("a", "1", now_, 5'000);
    Reading reading;
    EXPECT_EQ(read("a", reading), ReadOutcome::AskTheBeat);
    // Who does not ask what comes next need not wait.
    const std::uint64_t hash = customer_hash("a", kTestHashSeed);
    ASSERT_EQ(
        partition_.read(*policy_, hash, "a", now_, reading, Outlook::Spared), ReadOutcome::Found
    );
    EXPECT_EQ(reading.standing.state.stage, scoring::Stage::New);
    EXPECT_FALSE(partition_.prepare_outlooks(10, context()));
    ASSERT_EQ(read("a", reading), ReadOutcome::Found);
    EXPECT_TRUE(reading.standing.outlook_known);
    EXPECT_EQ(reading.standing.state.stage, scoring::Stage::New);
    EXPECT_EQ(reading.score.as_of, now_);
}

TEST_F(PartitionTest, PreparesNoMoreOutlooksThanAsked) {
    for (int i = 0; i < 5; ++i) {
        order("c" + std::to_string(i), "1", now_, 100);
    }
    EXPECT_TRUE(partition_.prepare_outlooks(2, context()));
    EXPECT_TRUE(partition_.prepare_outlooks(2, context()));
    EXPECT_FALSE(partition_.prepare_outlooks(2, context()));
    Reading reading;
    for (int i = 0; i < 5; ++i) {
        EXPECT_EQ(read("c" + std::to_string(i), reading), ReadOutcome::Found);
    }
}

TEST_F(PartitionTest, ARecordThatHasRunOutIsNotAnsweredFrom) {
    order("a", "1", now_, 10'000);
    partition_.prepare_outlooks(1, context());
    Reading reading;
    ASSERT_EQ(read("a", reading), ReadOutcome::Found);
    EXPECT_EQ(reading.standing.state.tier, 1);
    now_ = scoring::plus_days(now_, 365);
    EXPECT_EQ(read("a", reading), ReadOutcome::AskTheBeat);
    // A year later the spend is gone; the tier has its thirty days of grace.
    EXPECT_EQ(ask("a").reading.standing.state.tier, 1);
    EXPECT_EQ(ask("a").reading.standing.state.grace_until, scoring::plus_days(now_, 30));
    now_ = scoring::plus_days(now_, 30);
    EXPECT_EQ(ask("a").reading.standing.state.tier, 0);
    ASSERT_EQ(read("a", reading), ReadOutcome::Found);
    EXPECT_EQ(reading.standing.state.tier, 0);
}

TEST_F(PartitionTest, LooksAtAnInstantFromTheNewestEventOn) {
    order("a", "1", days_ago(10), 10'000);
    EXPECT_EQ(ask("a", days_ago(10)).portrait->rollup.lifetime.orders, 1u);
    const auto before = partition_.answer("a", days_ago(11), false, context());
    ASSERT_FALSE(before.has_value());
    EXPECT_EQ(before.error().code, FaultCode::PastNotKept);
    EXPECT_EQ(ask("a", scoring::plus_days(now_, 400)).reading.standing.state.tier, 0);
    EXPECT_FALSE(partition_.answer("b", {}, false, context())->has_value());
}

TEST_F(PartitionTest, ALookAheadIsNotWrittenBack) {
    order("a", "1", now_, 10'000);
    partition_.prepare_outlooks(1, context());
    ask("a", scoring::plus_days(now_, 1'000));
    Reading reading;
    ASSERT_EQ(read("a", reading), ReadOutcome::Found);
    EXPECT_EQ(reading.standing.state.tier, 1);
}

TEST_F(PartitionTest, ALateEventActsAtTheNewestOne) {
    order("a", "1", days_ago(3), 9'000);
    order("a", "2", days_ago(200), 1'000);
    EXPECT_EQ(ask("a", days_ago(3)).reading.standing.state.since, days_ago(3));
    EXPECT_EQ(ask("a").portrait->rollup.first_purchase, days_ago(200));
    EXPECT_EQ(ask("a").reading.standing.state.tier, 1);
}

TEST_F(PartitionTest, AnInstantAheadOfTheClockIsCutToIt) {
    order("a", "1", scoring::plus_ms(now_, 200'000), 9'000);
    EXPECT_EQ(ask("a").portrait->ledger.front().at, now_);
}

TEST_F(PartitionTest, CountsAnEventIdOncePerCustomer) {
    EXPECT_EQ(order("a", "1", now_, 100), Outcome::Applied);
    EXPECT_EQ(order("a", "1", now_, 900), Outcome::Duplicate);
    EXPECT_EQ(order("b", "1", now_, 100), Outcome::Applied);
    EXPECT_EQ(ask("a").portrait->rollup.lifetime.spend.minor, 100);
    EXPECT_EQ(apply("a", "", now_, Complaint{1}), Outcome::Applied);
    EXPECT_EQ(apply("a", "", now_, Complaint{1}), Outcome::Applied);
    EXPECT_EQ(partition_.entries(), 4u);
}

TEST_F(PartitionTest, AnErasedCustomerIsGoneAndItsRowUsedAgain) {
    const std::string long_id(128, 'x');
    for (int round = 0; round < 3; ++round) {
        const std::string n = std::to_string(round);
        order(long_id, "order" + n, now_, 10'000);
        auto profile = std::make_unique<Profile>();
        profile->region = "north";
        apply(long_id, "profile" + n, now_, std::move(profile));
        const std::size_t bytes = partition_.bytes();
        EXPECT_EQ(apply(long_id, "", now_, Erase{}), Outcome::Applied);
        Reading reading;
        EXPECT_EQ(read(long_id, reading), ReadOutcome::Unknown);
        EXPECT_FALSE(knows(long_id));
        EXPECT_EQ(partition_.customers(), 0u);
        EXPECT_EQ(partition_.entries(), 0u);
        EXPECT_LE(partition_.bytes(), bytes + 64);
        apply("someone else", n, now_, Visit{});
        const CustomerAnswer other = ask("someone else");
        EXPECT_EQ(other.portrait->profile.region, "");
        EXPECT_TRUE(other.portrait->ledger.empty());
        EXPECT_EQ(other.reading.standing.state.tier, 0);
        apply("someone else", "", now_, Erase{});
    }
    EXPECT_EQ(partition_.erased(), 2u);
    EXPECT_FALSE(partition_.prepare_outlooks(1, context()));
}

TEST_F(PartitionTest, WhoComesBackAfterAnErasureBeginsAnew) {
    order("a", "1", days_ago(300), 60'000);
    apply("a", "", now_, Erase{});
    EXPECT_EQ(order("a", "1", now_, 100), Outcome::Duplicate);
    EXPECT_FALSE(knows("a"));
    EXPECT_EQ(order("a", "2", now_, 100), Outcome::Applied);
    const CustomerAnswer again = ask("a");
    EXPECT_EQ(again.portrait->rollup.lifetime.spend.minor, 100);
    EXPECT_EQ(again.reading.standing.state.tier, 0);
    EXPECT_EQ(again.reading.standing.state.since, now_);
}

TEST_F(PartitionTest, AVisitCountsOnItsDayAndFades) {
    apply("a", "", days_ago(14), Visit{});
    apply("a", "", now_, Visit{});
    const scoring::Activity activity = ask("a").portrait->activity;
    EXPECT_EQ(activity.ref, policy_->days->day_of(now_));
    EXPECT_NEAR(activity.sum, 1.5, 1e-12);
    apply("a", "", days_ago(28), Visit{});
    EXPECT_NEAR(ask("a").portrait->activity.sum, 1.75, 1e-12);
}

TEST_F(PartitionTest, AnOverrideRulesUntilItsEnd) {
    auto by = std::make_unique<Override>();
    by->mode = OverrideMode::Pin;
    by->tier = "gold";
    by->until = scoring::plus_days(now_, 7);
    apply("a", "1", now_, std::move(by));
    const scoring::State pinned = ask("a").reading.standing.state;
    EXPECT_EQ(pinned.tier, 2);
    EXPECT_EQ(pinned.tier_by_rules, 0);
    EXPECT_EQ(ask("a").portrait->tier_override->tier, "gold");
    const Instant last_moment = scoring::plus_ms(scoring::plus_days(now_, 7), -1);
    EXPECT_EQ(ask("a", last_moment).reading.standing.state.tier, 2);
    EXPECT_EQ(ask("a", scoring::plus_days(now_, 7)).reading.standing.state.tier, 0);
}

TEST_F(PartitionTest, ACustomerWithoutAPurchaseHasNoRisk) {
    apply("a", "", now_, Visit{});
    const Reading reading = ask("a").reading;
    EXPECT_TRUE(std::isnan(reading.score.churn_risk));
    EXPECT_EQ(reading.standing.state.stage, scoring::Stage::Prospect);
    EXPECT_EQ(reading.standing.state.band, scoring::Band::None);
}

TEST_F(PartitionTest, TellsIdsApartThatShareAllButTheirLastByte) {
    std::vector<std::string> ids;
    for (const std::size_t length : {22u, 23u, 24u, 127u, 128u}) {
        for (const char last : {'a', 'b'}) {
            ids.push_back(std::string(length - 1, 'k') + last);
        }
    }
    for (std::size_t i = 0; i < ids.size(); ++i) {
        order(ids[i], "1", now_, static_cast<std::int64_t>(i + 1));
    }
    EXPECT_EQ(partition_.customers(), ids.size());
    for (std::size_t i = 0; i < ids.size(); ++i) {
        EXPECT_EQ(
            ask(ids[i]).portrait->rollup.lifetime.spend.minor, static_cast<std::int64_t>(i + 1)
        );
    }
}

TEST_F(PartitionTest, LeavesRefusedEventsAlone) {
    EventBatch batch;
    add_event(batch, "a", "1", now_, Visit{});
    const std::uint64_t hash = customer_hash("a", kTestHashSeed);
    std::vector<BeatEvent> events{{&batch.events[0], hash, 1, 0, 0, Outcome::Refused}};
    const std::vector<std::uint32_t> mine{0};
    partition_.apply(events, mine, context());
    EXPECT_EQ(events[0].outcome, Outcome::Refused);
    EXPECT_FALSE(knows("a"));
}

TEST_F(PartitionTest, IsPackedOnceAndKeepsEveryLedger) {
    // Runs that leave much of a slab, and as much outgrown behind them.
    constexpr int kCustomers = 12;
    constexpr int kOrders = 1'100;
    const auto name = [](int customer) {
        return "c" + std::to_string(customer);
    };
    const auto hash = [](const std::string& id) {
        return customer_hash(id, kTestHashSeed);
    };
    for (int customer = 0; customer < kCustomers; ++customer) {
        EventBatch batch;
        for (int i = 0; i < kOrders; ++i) {
            const std::string id = std::to_string(i);
            add_event(
                batch, name(customer), id, days_ago(1 + i % 300), Order{id, Money{100 + i}, {}, {}}
            );
        }
        apply(std::move(batch));
    }
    std::vector<std::vector<scoring::LedgerEntry>> before;
    for (int customer = 0; customer < kCustomers; ++customer) {
        const auto ledger =
            partition_.ledger(*partition_.find(hash(name(customer)), name(customer)));
        before.emplace_back(ledger.begin(), ledger.end());
        ASSERT_EQ(ledger.size(), static_cast<std::size_t>(kOrders));
    }
    const std::size_t bytes = partition_.bytes();
    EXPECT_TRUE(partition_.compact());
    EXPECT_LT(partition_.bytes(), bytes);
    EXPECT_FALSE(partition_.compact());
    for (int customer = 0; customer < kCustomers; ++customer) {
        const auto ledger =
            partition_.ledger(*partition_.find(hash(name(customer)), name(customer)));
        EXPECT_TRUE(std::ranges::equal(ledger, before[static_cast<std::size_t>(customer)]));
    }
}

}  // namespace
}  // namespace patron::store
