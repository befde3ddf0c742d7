#include "store/store.h"

#include <future>
#include <string>

#include <gtest/gtest.h>

#include "store/limits.h"
#include "tests/support/random_events.h"
#include "tests/support/test_store.h"

namespace patron::store {
namespace {

EventBatch order(std::string_view customer, std::string_view id, std::int64_t minor) {
    EventBatch batch;
    add_event(batch, customer, id, kTestNow, Order{id, Money{minor}, {}, {}});
    return batch;
}

EventBatch bad_among_good() {
    EventBatch batch = order("a", "1", 100);
    add_event(batch, "b", "2", kTestNow, Refund{"never bought", std::nullopt});
    add_event(batch, "c", "3", kTestNow, Visit{});
    return batch;
}

TEST(Store, NamesATimeZoneItDoesNotKnow) {
    FixedClock clock(kTestNow);
    StoreOptions options;
    options.policy = test_policy();
    options.schema.time_zone = "Atlantis/Poseidonis";
    options.clock = &clock;
    options.log = make_memory_only_log();
    const auto opened = Store::open(std::move(options));
    ASSERT_FALSE(opened.has_value());
    EXPECT_EQ(opened.error().code, FaultCode::PolicyInvalid);
    EXPECT_EQ(opened.error().field, "time_zone");
}

TEST(Store, AnswersAfterItsEventsCanBeRead) {
    TestStore store;
    const auto reply = store.submit_and_wait(order("a", "1", 10'000));
    ASSERT_TRUE(reply.has_value());
    EXPECT_EQ(reply->accepted, 1u);
    EXPECT_EQ(reply->seq, 1u);
    EXPECT_EQ(store->applied_seq(), 1u);
    const auto reading = store.look("a");
    ASSERT_TRUE(reading.has_value());
    EXPECT_EQ(reading->standing.state.tier, 1);
    EXPECT_EQ(reading->seq, 1u);
    EXPECT_FALSE(store.look("b").has_value());
}

TEST(Store, TakesAnEmptyRequest) {
    TestStore store;
    const auto reply = store.submit_and_wait({});
    ASSERT_TRUE(reply.has_value());
    EXPECT_EQ(reply->accepted, 0u);
    EXPECT_EQ(reply->seq, 0u);
}

TEST(Store, ARejectedRequestLeavesNoTrace) {
    TestStore store;
    store.submit_and_wait(order("x", "0", 5));
    const StoreHashes before = store.hashes();
    const auto reply = store.submit_and_wait(bad_among_good(), OnError::Reject);
    ASSERT_FALSE(reply.has_value());
    EXPECT_EQ(reply.error().code, FaultCode::UnknownOrder);
    EXPECT_EQ(reply.error().index, 1);
    EXPECT_EQ(reply.error().field, "order_id");
    EXPECT_EQ(store.hashes(), before);
    EXPECT_EQ(store->applied_seq(), 1u);
    // Its ids were not taken either.
    EXPECT_EQ(store.submit_and_wait(order("a", "1", 100))->accepted, 1u);
}

TEST(Store, SkippingLeavesOutTheBadOnesOnly) {
    TestStore store;
    const auto reply = store.submit_and_wait(bad_among_good(), OnError::Skip);
    ASSERT_TRUE(reply.has_value());
    EXPECT_EQ(reply->accepted, 2u);
    ASSERT_EQ(reply->rejected.size(), 1u);
    EXPECT_EQ(reply->rejected[0].index, 1);
    EXPECT_TRUE(store.look("a").has_value());
    EXPECT_FALSE(store.look("b").has_value());
    EXPECT_TRUE(store.look("c").has_value());
}

TEST(Store, GivesBackTheScoresAskedForInOrderOfFirstTouch) {
    TestStore store;
    EventBatch batch = order("b", "1", 60'000);
    add_event(batch, "a", "2", kTestNow, Visit{});
    add_event(batch, "b", "3", kTestNow, Visit{});
    add_event(batch, "c", "4", kTestNow, Visit{});
    const auto reply = store.submit_and_wait(std::move(batch), OnError::Reject, 2);
    ASSERT_TRUE(reply.has_value());
    ASSERT_EQ(reply->scores.size(), 2u);
    EXPECT_EQ(reply->scores[0].first, "b");
    EXPECT_EQ(reply->scores[0].second.reading.standing.state.tier, 2);
    EXPECT_EQ(reply->scores[0].second.reading.seq, 4u);
    EXPECT_EQ(reply->scores[1].first, "a");
}

TEST(Store, AnswersInTheOrderOfTheIdsAskedFor) {
    TestStore store({.partitions = 5});
    for (const char* id : {"a", "b", "c"}) {
        store.submit_and_wait(order(id, "1", id[0]));
    }
    const auto answers = store.ask_all_and_wait({"c", "nobody", "a", "c"}, {}, true);
    ASSERT_TRUE(answers.has_value());
    ASSERT_EQ(answers->size(), 4u);
    EXPECT_EQ((*answers)[0]->portrait->rollup.lifetime.spend.minor, 'c');
    EXPECT_FALSE((*answers)[1].has_value());
    EXPECT_EQ((*answers)[2]->portrait->rollup.lifetime.spend.minor, 'a');
    EXPECT_EQ((*answers)[3]->portrait->rollup.lifetime.spend.minor, 'c');
}

TEST(Store, LogsWhatItAppliesInOrderAndBefore) {
    const auto gate = std::make_shared<GatedLog::Gate>();
    TestStore store({.log = std::make_unique<GatedLog>(gate)});
    store.submit_and_wait(bad_among_good(), OnError::Skip);
    store.submit_and_wait(order("d", "4", 1));
    EXPECT_EQ(gate->logged(), (std::vector<std::string>{"a/1", "c/3", "d/4"}));
    const auto batches = gate->batches();
    ASSERT_EQ(batches.size(), 2u);
    EXPECT_EQ(batches[0].first_seq, 1u);
    EXPECT_EQ(batches[1].first_seq, 3u);
    EXPECT_EQ(batches[1].accepted_at, kTestNow);
}

TEST(Store, AFailedAppendAppliesNothing) {
    const auto gate = std::make_shared<GatedLog::Gate>();
    TestStore store({.log = std::make_unique<GatedLog>(gate)});
    gate->fail_next();
    const auto reply = store.submit_and_wait(order("a", "1", 100));
    ASSERT_FALSE(reply.has_value());
    EXPECT_EQ(reply.error().code, FaultCode::NotReady);
    EXPECT_FALSE(store.look("a").has_value());
    EXPECT_EQ(store.submit_and_wait(order("a", "1", 100))->accepted, 1u);
}

TEST(Store, ReadsWhileTheBeatIsHeld) {
    const auto gate = std::make_shared<GatedLog::Gate>();
    TestStore store({.log = std::make_unique<GatedLog>(gate)});
    store.submit_and_wait(order("a", "1", 10'000));
    store.look("a");  // its outlook is ready now
    gate->close();
    auto later = std::async(std::launch::async, [&] {
        return store.submit_and_wait(order("a", "2", 60'000));
    });
    gate->wait_until_held();
    Reading reading;
    ASSERT_EQ(store.read("a", reading), ReadOutcome::Found);
    EXPECT_EQ(reading.standing.state.tier, 1);
    gate->open();
    EXPECT_TRUE(later.get().has_value());
    EXPECT_EQ(store.look("a")->standing.state.tier, 2);
}

TEST(Store, AFullQueueRefusesAndLosesNothing) {
    const auto gate = std::make_shared<GatedLog::Gate>();
    TestStore store({.log = std::make_unique<GatedLog>(gate)});
    gate->close();
    auto first =
        std::async(std::launch::async, [&] { return store.submit_and_wait(order("a", "1", 1)); });
    gate->wait_until_held();
    std::vector<std::future<bool>> waiting;
    std::optional<Fault> refused;
    while (!refused) {
        EventBatch batch;
        batch.events.resize(limits::kEventsPerRequestMax);
        for (Event& event : batch.events) {
            event.customer = "b";
            event.at = kTestNow;
            event.body = Visit{};
        }
        IngestRequest request;
        request.batch = std::move(batch);
        auto done = std::make_shared<std::promise<bool>>();
        waiting.push_back(done->get_future());
        request.done = [done](Result<IngestReply> reply) {
            done->set_value(reply.has_value());
        };
        refused = store->submit(std::move(request));
    }
    EXPECT_EQ(refused->code, FaultCode::QueueFull);
    waiting.pop_back();
    EXPECT_EQ(waiting.size(), limits::kQueueEventsMax / limits::kEventsPerRequestMax);
    EXPECT_EQ(store->metrics().queue_refused, 1u);
    gate->open();
    EXPECT_TRUE(first.get().has_value());
    for (auto& done : waiting) {
        EXPECT_TRUE(done.get());
    }
    EXPECT_EQ(store->applied_seq(), 1 + waiting.size() * limits::kEventsPerRequestMax);
}

TEST(Store, AFullStoreRefusesNewCustomersAndServesTheOld) {
    TestStore store({.partitions = 1, .customers_max = 2});
    store.submit_and_wait(order("a", "1", 1));
    store.submit_and_wait(order("b", "2", 1));
    const auto refused = store.submit_and_wait(order("c", "3", 1));
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, FaultCode::StoreFull);
    EXPECT_TRUE(store.submit_and_wait(order("a", "4", 1)).has_value());
    EventBatch erase;
    add_event(erase, "b", "", kTestNow, Erase{});
    EXPECT_TRUE(store.submit_and_wait(std::move(erase)).has_value());
    EXPECT_TRUE(store.submit_and_wait(order("c", "3", 1)).has_value());
}

TEST(Store, ForgetsTheOldestIdsBeyondItsWindow) {
    TestStore store({.partitions = 1, .dedupe_window = 2});
    for (const char* id : {"1", "2", "3"}) {
        store.submit_and_wait(order("a", id, 1));
    }
    EXPECT_EQ(store.submit_and_wait(order("a", "3", 1))->duplicates, 1u);
    EXPECT_EQ(store.submit_and_wait(order("a", "1", 1))->accepted, 1u);
}

TEST(Store, WaitsForASequenceNumber) {
    TestStore store;
    store.submit_and_wait(order("a", "1", 1));
    EXPECT_TRUE(store.wait_for_and_wait(1));
    EXPECT_FALSE(store.wait_for_and_wait(2));
}

TEST(Store, AWaitEndsWhenItsEventsHaveCome) {
    TestStore store;
    std::promise<bool> reached;
    ASSERT_FALSE(store->wait_for(1, [&](bool r) { reached.set_value(r); }).has_value());
    store.submit_and_wait(order("a", "1", 1));
    EXPECT_TRUE(reached.get_future().get());
}

TEST(Store, ScansLookAheadButNotBack) {
    TestStore store;
    store.submit_and_wait(order("a", "1", 10'000));
    const auto ahead = store.scan_and_wait(scoring::plus_days(kTestNow, 500), true);
    ASSERT_EQ(ahead.size(), 1u);
    EXPECT_EQ(ahead[0].id, "a");
    EXPECT_EQ(ahead[0].reading.standing.state.tier, 0);
    EXPECT_EQ(ahead[0].spend_longest_window.minor, 0);
    EXPECT_TRUE(ahead[0].reading.standing.outlook_known);
    const auto refused = store->scan(nullptr, scoring::plus_ms(kTestNow, -1));
    ASSERT_TRUE(refused.has_value());
    EXPECT_EQ(refused->code, FaultCode::PastNotKept);
}

// Idle work rests while the store is read; it never rests for good.
TEST(Store, MakesOutlooksReadyUnderReadsThatNeverAsk) {
    TestStore store;
    EventBatch many;
    for (int i = 0; i < 2'000; ++i) {
        const std::string id = "c" + std::to_string(i);
        add_event(many, id, id, kTestNow, Order{id, Money{100}, {}, {}});
    }
    ASSERT_TRUE(store.submit_and_wait(std::move(many)).has_value());
    for (int i = 0; i < 2'000; ++i) {
        const std::string id = "c" + std::to_string(i);
        Reading reading;
        do {
            const ReadOutcome found =
                store->read(store->key_of(id), id, kTestNow, reading, Outlook::Spared);
            ASSERT_EQ(found, ReadOutcome::Found);
        } while (!reading.standing.outlook_known);
    }
}

TEST(Store, CountsWhatItDid) {
    TestStore store({.partitions = 2});
    store.submit_and_wait(order("a", "1", 1));
    store.submit_and_wait(order("a", "1", 1));
    store.submit_and_wait(bad_among_good(), OnError::Reject);
    store->stop();  // counting goes on after the reply
    const StoreMetrics m = store->metrics();
    EXPECT_EQ(m.events_applied, 1u);
    EXPECT_EQ(m.events_duplicate, 1u);
    EXPECT_EQ(m.requests_rejected, 1u);
    EXPECT_EQ(m.beats, 3u);
    std::uint64_t in_buckets = 0;
    for (const std::uint64_t count : m.beat_buckets) {
        in_buckets += count;
    }
    EXPECT_EQ(in_buckets, m.beats);
    EXPECT_EQ(m.queue_events, 0u);
}

TEST(Store, AfterTheStopItReadsAndRefusesTheRest) {
    TestStore store;
    store.submit_and_wait(order("a", "1", 10'000));
    store.look("a");
    store->stop();
    store->stop();
    Reading reading;
    EXPECT_EQ(store.read("a", reading), ReadOutcome::Found);
    const auto refused = store.submit_and_wait(order("a", "2", 1));
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, FaultCode::Stopping);
    EXPECT_EQ(store.ask_all_and_wait({"a"}).error().code, FaultCode::Stopping);
    EXPECT_EQ(store->customers(), 1u);
}

}  // namespace
}  // namespace patron::store
