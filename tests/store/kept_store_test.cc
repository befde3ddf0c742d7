// A store whose events outlive it: restarts, snapshots, purges and backups, beside a store that never ends.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <future>

#include <gtest/gtest.h>

#include "store/recovery.h"
#include "tests/support/random_customer.h"
#include "tests/support/random_events.h"
#include "tests/support/seed.h"
#include "tests/support/test_store.h"

namespace patron::store {
namespace {

using scoring::kDayMs;

class KeptStore : public testing::Test {
  protected:
    TestStoreOptions options(std::size_t threads = 2) const {
        TestStoreOptions o;
        o.directory = directory_.path();
        o.threads = threads;
        o.now = now_;
        return o;
    }
    static void order(TestStore& store, std::string_view customer, std::string_view id) {
        EventBatch batch;
        add_event(batch, customer, id, kTestNow, Order{id, Money{100}, {}, {}});
        const auto reply = store.submit_and_wait(std::move(batch));
        ASSERT_TRUE(reply.has_value()) << reply.error().detail;
    }

    TemporaryDirectory directory_;
    Instant now_ = kTestNow;
};

TEST_F(KeptStore, ComesBackFromTheLogAlone) {
    StoreHashes before;
    {
        TestStore store(options());
        order(store, "a", "1");
        order(store, "a", "2");
        order(store, "b", "3");
        before = store.hashes();
        EXPECT_EQ(before.customers, 2u);
    }
    std::filesystem::remove_all(directory_.path() + "/snapshots");
    TestStore again(options());
    EXPECT_EQ(again.hashes(), before);
    EXPECT_EQ(again->applied_seq(), 3u);
    EXPECT_EQ(again.recovered().replayed, 3u);
    EXPECT_FALSE(again.recovered().snapshot.has_value());
}

TEST_F(KeptStore, TheLastSnapshotIsTakenAtTheEnd) {
    StoreHashes before;
    {
        TestStore store(options());
        order(store, "a", "1");
        order(store, std::string(100, 'x'), "2");
        before = store.hashes();
    }
    TestStore again(options());
    ASSERT_TRUE(again.recovered().snapshot.has_value());
    EXPECT_EQ(again.recovered().snapshot->rows, 2u);
    EXPECT_EQ(again.recovered().replayed, 0u);
    EXPECT_EQ(again.hashes(), before);
    EXPECT_EQ(again->applied_seq(), 2u);
}

TEST_F(KeptStore, AnEventSentAgainAfterARestartCountsOnce) {
    {
        TestStore store(options());
        order(store, "a", "1");
    }
    for (const bool snapshot : {true, false}) {
        if (!snapshot) {
            std::filesystem::remove_all(directory_.path() + "/snapshots");
        }
        TestStore again(options());
        EventBatch batch;
        add_event(batch, "a", "1", kTestNow, Order{"1", Money{100}, {}, {}});
        const auto reply = again.submit_and_wait(std::move(batch));
        ASSERT_TRUE(reply.has_value());
        EXPECT_EQ(reply->duplicates, 1u) << "snapshot " << snapshot;
        EXPECT_EQ(reply->accepted, 0u);
        EXPECT_EQ(reply->seq, 1u);
    }
}

TEST_F(KeptStore, ARestartedReaderGetsTheSameScore) {
    std::optional<Reading> before;
    {
        TestStore store(options());
        order(store, "a", "1");
        order(store, "a", "2");
        before = store.look("a");
    }
    now_ = scoring::plus_days(kTestNow, 0);
    TestStore again(options());
    const auto after = again.look("a");
    ASSERT_TRUE(before && after);
    EXPECT_EQ(after->score.churn_risk, before->score.churn_risk);
    EXPECT_TRUE(after->standing.state == before->standing.state);
    EXPECT_EQ(after->standing.next_transition, before->standing.next_transition);
}

// The same requests to a store that never ends and to one that ends again and again, with snapshots at
// random moments, other numbers of threads, and snapshots lost or damaged in between.
TEST_F(KeptStore, RestartsChangeNothing) {
    const std::uint64_t seed = test_seed(3'001);
    scoring::CustomerMaker dice(seed);
    EventMaker maker(seed, {.customers = 40, .tiers = {"standard", "silver", "gold"}});
    TestStoreOptions plain;
    plain.partitions = 3;
    TestStore whole(std::move(plain));
    auto kept_options = [&](std::size_t threads) {
        auto o = options(threads);
        o.partitions = 3;
        return o;
    };
    auto kept = std::make_unique<TestStore>(kept_options(2));
    for (int round = 0; round < 60; ++round) {
        now_.ms += dice.whole(0, 5 * kDayMs);
        whole.clock().set(now_);
        kept->clock().set(now_);
        EventBatch batch;
        maker.add(batch, static_cast<std::size_t>(dice.whole(1, 60)), now_);
        const auto a = whole.submit_and_wait(copy_batch(batch), OnError::Skip);
        const auto b = kept->submit_and_wait(std::move(batch), OnError::Skip);
        ASSERT_TRUE(a && b);
        const auto told = [](const IngestReply& reply) {
            std::string text = std::to_string(reply.accepted) + " accepted";
            for (const Fault& fault : reply.rejected) {
                text += "; " + std::to_string(fault.index) + " " + fault.detail;
            }
            return text;
        };
        ASSERT_EQ(told(*a), told(*b)) << "round " << round;
        ASSERT_EQ(a->duplicates, b->duplicates);
        ASSERT_EQ(a->seq, b->seq);
        if (dice.chance(0.2)) {
            ASSERT_TRUE(kept->snapshot_and_wait().has_value());
        }
        if (dice.chance(0.3)) {
            kept.reset();
            if (dice.chance(0.3)) {
                std::filesystem::remove_all(directory_.path() + "/snapshots");
            }
            kept =
                std::make_unique<TestStore>(kept_options(static_cast<std::size_t>(dice.whole(1, 4)))
                );
        }
        ASSERT_EQ(kept->hashes(), whole.hashes()) << "round " << round;
    }
}

TEST_F(KeptStore, ASnapshotTakenWhileEventsComeIsWhole) {
    const std::uint64_t seed = test_seed(3'002);
    EventMaker maker(seed, {.customers = 3'000, .tiers = {"standard", "silver", "gold"}});
    StoreHashes before;
    {
        TestStore store(options());
        std::atomic<int> snapshots{0};
        for (int round = 0; round < 60; ++round) {
            if (round % 6 == 0) {
                const auto fault = store->snapshot([&](Result<SnapshotInfo> info) {
                    EXPECT_TRUE(info.has_value()) << info.error().detail;
                    ++snapshots;
                });
                ASSERT_FALSE(fault.has_value());
            }
            EventBatch batch;
            maker.add(batch, 400, now_);
            ASSERT_TRUE(store.submit_and_wait(std::move(batch), OnError::Skip).has_value());
        }
        before = store.hashes();
        ASSERT_TRUE(store.snapshot_and_wait().has_value());
        EXPECT_EQ(snapshots.load(), 10);
    }
    TestStore again(options());
    EXPECT_EQ(again.hashes(), before);
    ASSERT_TRUE(again.recovered().snapshot.has_value());
}

TEST_F(KeptStore, ADamagedSnapshotIsPassedOverWithANotice) {
    StoreHashes before;
    std::string newest;
    {
        TestStore store(options());
        order(store, "a", "1");
        ASSERT_TRUE(store.snapshot_and_wait().has_value());
        order(store, "b", "2");
        newest = store.snapshot_and_wait()->name;
        before = store.hashes();
    }
    const std::string path = directory_.path() + "/snapshots/" + newest;
    std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
    TestStore again(options());
    EXPECT_EQ(again.hashes(), before);
    ASSERT_EQ(again.recovered().notices.size(), 1u);
    EXPECT_NE(again.recovered().notices[0].find(newest), std::string::npos);
    EXPECT_EQ(again.recovered().replayed, 1u);
}

TEST_F(KeptStore, SnapshotsBeyondTheNumberKeptGo) {
    TestStore store(options());
    for (int i = 0; i < 5; ++i) {
        order(store, "a", std::to_string(i));
        ASSERT_TRUE(store.snapshot_and_wait().has_value());
    }
    const auto names = system_files().list(directory_.path() + "/snapshots");
    ASSERT_TRUE(names.has_value());
    EXPECT_EQ(names->size(), 2u);
}

TEST_F(KeptStore, TheLogIsForgottenOnlyWhereSnapshotsCoverIt) {
    auto o = options();
    o.keep.log_retain_bytes = 0;
    StoreHashes before;
    {
        TestStore store(std::move(o));
        for (int i = 0; i < 300; ++i) {
            order(store, "c" + std::to_string(i % 7), std::to_string(i));
            if (i % 100 == 99) {
                ASSERT_TRUE(store.snapshot_and_wait().has_value());
            }
        }
        for (int i = 0; i < 100 && store->log().status().first_seq == 1; ++i) {
            order(store, "d", "w" + std::to_string(i));  // forgetting goes on between beats
        }
        EXPECT_GT(store->log().status().first_seq, 1u);
        EXPECT_LE(store->log().status().first_seq, 201u);  // the older of the two kept snapshots
        before = store.hashes();
    }
    TestStore again(options());
    EXPECT_EQ(again.hashes(), before);
}

TEST_F(KeptStore, AnotherPolicyIsAppliedToTheWholeHistory) {
    {
        TestStore store(options());
        order(store, "a", "1");
        order(store, "a", "2");
    }
    auto changed = test_policy();
    changed.name = "other";
    changed.tiers[1].enter[0][0].threshold = 1;  // silver from one cent on
    auto o = options();
    o.policy = scoring::compile(changed, compiled_test_policy()->schema);
    TestStore other(std::move(o));
    EXPECT_EQ(other.recovered().replayed, 2u);
    EXPECT_EQ(other.look("a")->standing.state.tier, 1);
    TestStoreOptions fresh;
    fresh.policy = scoring::compile(changed, compiled_test_policy()->schema);
}

TEST_F(KeptStore, ErasedCustomersLeaveLogAndSnapshots) {
    const auto holds = [this](const std::string& text) {
        for (const auto& file : std::filesystem::recursive_directory_iterator(directory_.path())) {
            if (!file.is_regular_file()) {
                continue;
            }
            std::ifstream in(file.path(), std::ios::binary);
            const std::string bytes((std::istreambuf_iterator<char>(in)), {});
            if (bytes.find(text) != std::string::npos) {
                return true;
            }
        }
        return false;
    };
    StoreHashes before;
    {
        TestStore store(options());
        order(store, "somebody-to-forget", "1");
        order(store, "somebody-who-stays", "2");
        ASSERT_TRUE(store.snapshot_and_wait().has_value());
        EXPECT_TRUE(holds("somebody-to-forget"));
        EventBatch batch;
        add_event(batch, "somebody-to-forget", "3", kTestNow, Erase{});
        ASSERT_TRUE(store.submit_and_wait(std::move(batch)).has_value());
        order(store, "somebody-who-stays", "4");  // the beat before it has told of the erasure
        EXPECT_EQ(store->keep_status().erasures_pending, 1u);
        ASSERT_TRUE(store.snapshot_and_wait().has_value());
        for (int i = 0; i < 100 && store->keep_status().erasures_pending > 0; ++i) {
            order(store, "somebody-who-stays", "w" + std::to_string(i));
        }
        EXPECT_EQ(store->keep_status().erasures_pending, 0u);
        before = store.hashes();
    }
    EXPECT_FALSE(holds("somebody-to-forget"));
    EXPECT_TRUE(holds("somebody-who-stays"));
    for (const bool snapshots : {true, false}) {
        if (!snapshots) {
            std::filesystem::remove_all(directory_.path() + "/snapshots");
        }
        TestStore again(options());
        EXPECT_EQ(again.hashes(), before) << "snapshots " << snapshots;
        EXPECT_EQ(again->metrics().erased, 1u);
    }
}

TEST_F(KeptStore, AnErasureJustBeforeTheEndIsFinishedAfterTheNextStart) {
    {
        TestStore store(options());
        order(store, "a", "1");
        EventBatch batch;
        add_event(batch, "a", "2", kTestNow, Erase{});
        ASSERT_TRUE(store.submit_and_wait(std::move(batch)).has_value());
    }
    TestStore again(options());
    for (int i = 0; i < 100 && again->log().status().erasures_pending > 0; ++i) {
        order(again, "b", "w" + std::to_string(i));
    }
    EXPECT_EQ(again->log().status().erasures_pending, 0u);
}

TEST_F(KeptStore, ABackupIsADataFolderOfItsMoment) {
    const std::string target = directory_.path() + "/backups/one";
    StoreHashes before;
    {
        TestStore store(options());
        for (int i = 0; i < 50; ++i) {
            order(store, "c" + std::to_string(i % 9), std::to_string(i));
        }
        const auto backup = store.backup_and_wait(target);
        ASSERT_TRUE(backup.has_value()) << backup.error().detail;
        EXPECT_EQ(backup->seq, 50u);
        before = store.hashes();
        order(store, "later", "later");
        const auto again = store.backup_and_wait(target);
        ASSERT_FALSE(again.has_value());
        EXPECT_EQ(again.error().code, FaultCode::NameTaken);
    }
    auto o = options();
    o.directory = target;
    TestStore copy(std::move(o));
    EXPECT_EQ(copy.hashes(), before);
    EXPECT_EQ(copy->applied_seq(), 50u);
}

TEST_F(KeptStore, AFolderIsUsedByOneAtATime) {
    TestStore store(options());
    const auto second = open_folder(options());
    ASSERT_FALSE(second.has_value());
    EXPECT_EQ(second.error().code, FaultCode::DataFolder);
}

TEST_F(KeptStore, AnswersToKeysSurvive) {
    const auto submit = [](TestStore& store, std::string_view key) {
        const Fingerprint print = fingerprint_of("body");
        EXPECT_EQ(store->answers().begin(key, print, kTestNow).what, IdempotencyTable::Begin::New);
        std::promise<void> done;
        IngestRequest request;
        add_event(request.batch, "a", "", kTestNow, Visit{});
        request.idempotency = Idempotency{std::string(key), print, [](const IngestReply& reply) {
                                              return "seq " + std::to_string(reply.seq);
                                          }};
        request.done = [&](Result<IngestReply>) {
            done.set_value();
        };
        ASSERT_FALSE(store->submit(std::move(request)).has_value());
        done.get_future().wait();
    };
    {
        TestStore store(options());
        submit(store, "k1");
        submit(store, "k2");
    }
    TestStore again(options());
    const auto found = again->answers().begin("k2", fingerprint_of("body"), kTestNow);
    EXPECT_EQ(found.what, IdempotencyTable::Begin::Answered);
    EXPECT_EQ(found.answer, "seq 2");
    EXPECT_EQ(
        again->answers().begin("k1", fingerprint_of("other"), kTestNow).what,
        IdempotencyTable::Begin::OtherRequest
    );
}

}  // namespace
}  // namespace patron::store
