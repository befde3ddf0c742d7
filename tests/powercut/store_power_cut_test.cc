// The whole store under power cuts, with snapshots, restarts and a log that is shortened: what comes
// back equals a store that never ended, at a moment no earlier than the last acknowledgement.

#include <atomic>
#include <map>
#include <mutex>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/powercut/ledger.h"
#include "tests/support/seed.h"
#include "tests/support/test_store.h"

namespace patron::store {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::uint64_t kSparse = 5;
#else
constexpr std::uint64_t kSparse = 1;
#endif

class StorePowerCut : public ::testing::Test {
  protected:
    static TestStoreOptions options(SimulatedDisk& disk) {
        TestStoreOptions o;
        o.files = &disk;
        o.directory = kFolder;
        o.partitions = 3;
        o.keep.snapshot_log_bytes = 4000;
        o.keep.log_retain_bytes = 8000;
        return o;
    }

    // A folder just made.
    static std::unique_ptr<SimulatedDisk> new_folder() {
        auto disk = disk_with_place_for_folder();
        EXPECT_TRUE(TestStore::open(options(*disk)));
        return disk->copy();
    }
    TestStoreOptions like_folder() const {
        TestStoreOptions o;
        o.partitions = 3;
        return o;
    }

    // A request to the store that never ends; what it looks like then.
    EventBatch next_request() {
        EventBatch batch;
        maker_.add(batch, static_cast<std::size_t>(maker_.whole(1, 25)), kTestNow);
        const auto reply = endless_.submit_and_wait(copy_batch(batch), OnError::Skip);
        EXPECT_TRUE(reply);
        asked_ = reply->seq;
        hashes_[reply->seq] = endless_.hashes();
        requests_.push_back(copy_batch(batch));
        seq_after_.push_back(reply->seq);
        return batch;
    }
    // The same to a store on the disk.
    Result<IngestReply> send(TestStore& store) {
        auto reply = store.submit_and_wait(next_request(), OnError::Skip);
        if (reply) {
            answered_ = reply->seq;
        }
        return reply;
    }

    struct Image {
        std::unique_ptr<SimulatedDisk> disk;
        std::uint64_t operation = 0;
        std::uint64_t answered = 0;
        std::uint64_t asked = 0;
    };
    // Before every `every`th operation, from any thread of the store.
    void take_images(SimulatedDisk& disk, std::uint64_t every) {
        disk.set_hook([this, &disk, every](std::uint64_t operation) {
            if ((operation + seed_) % every == 0) {
                const std::lock_guard lock(mutex_);
                const std::uint64_t answered = answered_;
                images_.push_back(
                    {disk.power_cut(seed_ * 1'000'003 + operation), operation, answered, asked_}
                );
            }
        });
    }
    void expect_good(Image& image) {
        SCOPED_TRACE("cut before operation " + std::to_string(image.operation));
        const auto store = TestStore::open(options(*image.disk));
        ASSERT_TRUE(store) << store.error().detail;
        const std::uint64_t seq = (**store)->applied_seq();
        ASSERT_GE(seq, image.answered) << "lost";
        ASSERT_LE(seq, image.asked) << "invented";
        ASSERT_TRUE(hashes_.contains(seq)) << "half a request, up to " << seq;
        ASSERT_EQ((*store)->hashes(), hashes_[seq]);
        from_snapshot_ += (*store)->recovered().snapshot ? 1 : 0;
        if (image.operation % 8 == 0) {
            expect_goes_on(**store, seq);
        }
    }
    // What it had not yet, sent again, and one request that it had.
    void expect_goes_on(TestStore& store, std::uint64_t seq) {
        for (std::size_t i = 0; i < requests_.size(); ++i) {
            if (seq_after_[i] > seq) {
                ASSERT_TRUE(store.submit_and_wait(copy_batch(requests_[i]), OnError::Skip));
            }
        }
        ASSERT_EQ(store.hashes(), hashes_.rbegin()->second);
    }

    // Every file of the directory survives cuts as it is now.
    void expect_durable(SimulatedDisk& disk, const std::string& directory) const {
        const auto names = disk.list(directory);
        ASSERT_TRUE(names);
        ASSERT_FALSE(names->empty());
        for (std::uint64_t image = 0; image < 20; ++image) {
            const auto after = disk.power_cut(seed_ + image);
            for (const std::string& name : *names) {
                const std::string path = directory + "/" + name;
                ASSERT_TRUE(after->content(path) == disk.content(path)) << path;
            }
        }
    }

    std::uint64_t seed_ = test_seed(6301);
    EventMaker maker_{seed_, {.customers = 30, .tiers = {"standard", "silver", "gold"}}};
    std::unique_ptr<SimulatedDisk> folder_ = new_folder();
    TestStore endless_{like_folder()};
    std::map<std::uint64_t, StoreHashes> hashes_{{0, endless_.hashes()}};
    std::vector<EventBatch> requests_;
    std::vector<std::uint64_t> seq_after_;
    std::atomic<std::uint64_t> asked_{0};
    std::atomic<std::uint64_t> answered_{0};
    std::mutex mutex_;
    std::vector<Image> images_;
    std::uint64_t from_snapshot_ = 0;
};

TEST_F(StorePowerCut, ComesBackAsItWas) {
    const auto disk = folder_->copy();
    take_images(*disk, 3 * kSparse);
    auto store = std::make_unique<TestStore>(options(*disk));
    for (int i = 0; i < 90; ++i) {
        const auto reply = send(*store);
        ASSERT_TRUE(reply) << reply.error().detail;
        if (maker_.chance(0.05)) {
            ASSERT_TRUE(store->snapshot_and_wait());
        }
        if (maker_.chance(0.05)) {
            store.reset();
            store = std::make_unique<TestStore>(options(*disk));
        }
    }
    store.reset();
    disk->set_hook(nullptr);
    std::printf(
        "%zu images of %llu operations\n",
        images_.size(),
        static_cast<unsigned long long>(disk->operations())
    );
    for (Image& image : images_) {
        expect_good(image);
        ASSERT_FALSE(HasFatalFailure());
    }
    EXPECT_GT(from_snapshot_, images_.size() / 4);
}

// One life after another, each ended by a cut, the first moments of a life included.
TEST_F(StorePowerCut, ManyCutsInARowLoseNothing) {
    auto disk = folder_->copy();
    for (std::uint64_t life = 0; life < 40 / kSparse + 3; ++life) {
        SCOPED_TRACE("life " + std::to_string(life));
        disk->power_off_at(1 + maker_.bits()() % 150);
        if (auto store = TestStore::open(options(*disk))) {
            while (send(**store)) {
            }
        }
        disk = disk->power_cut(maker_.bits()());
        // What it did not get is sent again before the next life, to keep both stores alike.
        auto store = TestStore::open(options(*disk));
        ASSERT_TRUE(store) << store.error().detail;
        const std::uint64_t seq = (**store)->applied_seq();
        ASSERT_GE(seq, answered_);
        ASSERT_LE(seq, asked_);
        ASSERT_TRUE(hashes_.contains(seq));
        ASSERT_EQ((*store)->hashes(), hashes_[seq]);
        expect_goes_on(**store, seq);
        ASSERT_FALSE(HasFatalFailure());
        answered_ = asked_.load();
    }
}

TEST_F(StorePowerCut, WhatWasToldToBeDoneIsOnTheDisk) {
    const auto disk = folder_->copy();
    auto quiet = options(*disk);
    quiet.keep = {};  // no snapshot of its own accord, which may be half done
    const auto store = TestStore::open(std::move(quiet));
    ASSERT_TRUE(store);
    for (int i = 0; i < 10; ++i) {
        ASSERT_TRUE(send(**store));
    }
    const auto snapshot = (*store)->snapshot_and_wait();
    ASSERT_TRUE(snapshot) << snapshot.error().detail;
    expect_durable(*disk, std::string(kFolder) + "/snapshots");
    const auto backup = (*store)->backup_and_wait(std::string(kFolder) + "/backups/one");
    ASSERT_TRUE(backup) << backup.error().detail;
    expect_durable(*disk, backup->directory);
}

// Whatever file a sync fails on, what is answered is on the disk, and soon nothing is answered.
TEST_F(StorePowerCut, AFailedSyncEndsAllWriting) {
    std::uint64_t came = 0;
    for (std::uint64_t nth = 1; nth < 60; nth += kSparse) {
        SCOPED_TRACE("sync number " + std::to_string(nth));
        const auto disk = folder_->copy();
        auto store = TestStore::open(options(*disk));
        ASSERT_TRUE(store);
        disk->plan(
            {.operation = nth % 2 == 0 ? DiskOperation::Sync : DiskOperation::SyncDirectory,
             .nth = nth / 2}
        );
        std::uint64_t answered = 0;
        for (int i = 0; i < 12; ++i) {
            EventBatch batch;
            maker_.add(batch, 20, kTestNow);
            const bool failed = disk->faults() > 0 && !(*store)->snapshot_and_wait().has_value();
            const auto reply = (*store)->submit_and_wait(std::move(batch), OnError::Skip);
            if (failed && reply) {
                ASSERT_EQ(reply->accepted, 0U) << "answered after the disk had failed";
            }
            answered = reply ? reply->seq : answered;
        }
        came += disk->faults();
        for (const auto& after : {disk->copy(), disk->power_cut(seed_ + nth)}) {
            const auto again = TestStore::open(options(*after));
            ASSERT_TRUE(again) << again.error().detail;
            ASSERT_GE((**again)->applied_seq(), answered);
        }
    }
    EXPECT_GT(came, 5U / kSparse);
}

}  // namespace
}  // namespace patron::store
