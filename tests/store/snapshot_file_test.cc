#include "store/snapshot_file.h"

#include <algorithm>
#include <future>
#include <limits>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/made_snapshot.h"
#include "tests/support/memory_files.h"
#include "tests/support/seed.h"

namespace patron::store {
namespace {

const std::string kFolder = "data/snapshots";
const std::string kPath = kFolder + "/" + snapshot_name(42);

TEST(SnapshotName, SortsAsItsNumberDoesAndIsReadBack) {
    EXPECT_EQ(snapshot_name(42), "snapshot-00000000000000000042.patron");
    EXPECT_EQ(snapshot_seq(snapshot_name(42)), 42u);
    constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
    EXPECT_EQ(snapshot_seq(snapshot_name(kMost)), kMost);
    EXPECT_LT(snapshot_name(9), snapshot_name(10));
    for (const char* other :
         {"snapshot-42.patron",
          "snapshot-00000000000000000042.patron.part",
          "snapshot-0000000000000000004x.patron",
          "snapshot--0000000000000000042.patron",
          "snapshot-99999999999999999999.patron",
          "Snapshot-00000000000000000042.patron",
          ""}) {
        EXPECT_EQ(snapshot_seq(other), std::nullopt) << other;
    }
}

TEST(SnapshotFile, GivesBackEverythingThatWasWritten) {
    const std::uint64_t seed = test_seed(20'261'124);
    for (std::uint64_t round = 0; round < 30; ++round) {
        MemoryFiles files;
        const auto partitions = static_cast<std::uint32_t>(1 + round % 9);
        const MadeSnapshot made = make_snapshot(seed + round, partitions, round * 13);
        const auto info = write_snapshot(files, kFolder, 42, made, 1 + round * 3);
        ASSERT_TRUE(info.has_value()) << info.error().detail;
        ASSERT_EQ(files.names(), std::vector<std::string>{kPath});
        const auto read = read_snapshot(files, kPath);
        ASSERT_TRUE(read.has_value()) << read.error().detail;
        ASSERT_TRUE(equal(*read, made));
        const auto verified = verify_snapshot(files, kPath);
        ASSERT_TRUE(verified.has_value()) << verified.error().detail;
    }
}

TEST(SnapshotFile, SaysTheSameOfItselfToWriterReaderAndVerifier) {
    MemoryFiles files;
    MadeSnapshot made = make_snapshot(test_seed(7), 3, 50);
    made.partitions[0].saved.applied_seq = 900;
    made.partitions[1].saved.applied_seq = 800;
    made.partitions[2].saved.applied_seq = 950;
    const auto written = write_snapshot(files, kFolder, 42, made, 10).value();
    const auto reader = SnapshotReader::open(files, kPath).value();
    for (const SnapshotInfo& info :
         {written, reader->info(), verify_snapshot(files, kPath).value()}) {
        EXPECT_EQ(info.name, snapshot_name(42));
        EXPECT_EQ(info.from_seq, 800u);
        EXPECT_EQ(info.to_seq, 950u);
        EXPECT_EQ(info.rows, 50u);
        EXPECT_EQ(info.bytes, files.content(kPath).size());
        EXPECT_EQ(info.made_at, made.about.made_at);
    }
}

TEST(SnapshotFile, IsReadBySeveralThreadsAtOnce) {
    MemoryFiles files;
    const MadeSnapshot made = make_snapshot(test_seed(8), 4, 400);
    ASSERT_TRUE(write_snapshot(files, kFolder, 42, made, 20).has_value());
    const auto reader = SnapshotReader::open(files, kPath).value();
    std::vector<std::future<bool>> readers;
    for (std::uint32_t p = 0; p < 4; ++p) {
        readers.push_back(std::async(std::launch::async, [&reader, &made, p] {
            std::vector<OwnedCustomer> read;
            const auto saved = reader->read_partition(p, [&](const SavedCustomer& c) {
                read.push_back(OwnedCustomer::copy(c));
            });
            return saved && read == made.partitions[p].customers;
        }));
    }
    for (auto& done : readers) {
        EXPECT_TRUE(done.get());
    }
}

TEST(SnapshotFile, HasItsNameOnlyOnceItsContentIsSynced) {
    MemoryFiles files;
    ASSERT_TRUE(write_snapshot(files, kFolder, 42, make_snapshot(1, 2, 20), 10).has_value());
    const std::string part = kPath + ".part";
    EXPECT_EQ(
        files.steps(),
        (std::vector<std::string>{
            "create " + part,
            "append " + part,
            "sync " + part,
            "list " + kFolder,
            "rename " + part + " " + kPath,
            "sync_directory " + kFolder
        })
    );
}

TEST(SnapshotFile, TakesThePlaceOfAnOlderOneOfItsName) {
    MemoryFiles files;
    files.set_content(kPath, "damaged");
    const MadeSnapshot made = make_snapshot(test_seed(9), 2, 30);
    ASSERT_TRUE(write_snapshot(files, kFolder, 42, made, 10).has_value());
    EXPECT_TRUE(equal(read_snapshot(files, kPath).value(), made));
}

class FailingSnapshot : public testing::Test {
  protected:
    // What the snapshot says when the `nth` step of `kind` fails.
    std::optional<Fault> fault(const std::string& kind, std::size_t nth, FaultCode code) {
        files_.fail_at(kind, nth, code);
        const auto info = write_snapshot(files_, kFolder, 42, made_, 10);
        return info ? std::nullopt : std::optional(info.error());
    }
    MemoryFiles files_;
    MadeSnapshot made_ = make_snapshot(11, 2, 30);
};

TEST_F(FailingSnapshot, LeavesNoFileBehind) {
    for (const std::string kind : {"create", "append", "sync", "rename", "sync_directory"}) {
        for (const FaultCode code : {FaultCode::DiskFull, FaultCode::DiskFailed}) {
            const auto said = fault(kind, 1, code);
            ASSERT_TRUE(said.has_value()) << kind;
            const bool synced = kind == "sync" || kind == "sync_directory";
            EXPECT_EQ(said->code, synced ? FaultCode::DiskFailed : code) << kind;
            EXPECT_TRUE(files_.names().empty()) << kind;
        }
    }
    EXPECT_FALSE(fault("create", 100, FaultCode::DiskFull).has_value());
}

TEST_F(FailingSnapshot, NeverTakesAwayTheOneItWasToReplace) {
    ASSERT_FALSE(fault("create", 100, FaultCode::DiskFull).has_value());
    for (const std::string kind : {"append", "sync", "list", "rename", "sync_directory"}) {
        fault(kind, 1, FaultCode::DiskFailed);
        EXPECT_EQ(files_.names(), std::vector<std::string>{kPath}) << kind;
        EXPECT_TRUE(verify_snapshot(files_, kPath).has_value()) << kind;
    }
}

TEST_F(FailingSnapshot, MayFailBeforeItIsFinishedAndTakesNoMore) {
    files_.fail_at("append", 1, FaultCode::DiskFull);
    const auto writer = SnapshotWriter::begin(files_, kFolder, 42, made_.about).value();
    OwnedCustomer big;
    big.id = "big";
    big.ledger.resize(60'000);  // more than is gathered before a write
    SnapshotBlock block(0);
    block.add(big.view());
    writer->add(block);
    while (!writer->outcome()) {
        std::this_thread::yield();
    }
    EXPECT_EQ(writer->outcome()->error().code, FaultCode::DiskFull);
    EXPECT_TRUE(files_.names().empty());
    for (std::size_t i = 0; i < 2 * kSnapshotBlocksQueued; ++i) {
        ASSERT_TRUE(writer->has_room());
        writer->add(block);
    }
}

TEST(SnapshotWriter, GivesUpCleanlyWhenItIsNotFinished) {
    MemoryFiles files;
    const MadeSnapshot made = make_snapshot(12, 2, 30);
    {
        const auto writer = SnapshotWriter::begin(files, kFolder, 42, made.about).value();
        SnapshotBlock block(0);
        block.add(made.partitions[0].customers.front().view());
        writer->add(std::move(block));
        EXPECT_FALSE(writer->outcome().has_value());
        EXPECT_EQ(files.names(), std::vector<std::string>{kPath + ".part"});
    }
    EXPECT_TRUE(files.names().empty());
}

TEST(SnapshotWriter, HoldsAFewBlocksAndTellsWhenThereIsRoom) {
    MemoryFiles files;
    MadeSnapshot made = make_snapshot(13, 1, 0);
    OwnedCustomer big;
    big.ledger.resize(60'000);
    const auto writer = SnapshotWriter::begin(files, kFolder, 42, made.about).value();
    files.close_gate();
    std::size_t added = 0;
    const auto add = [&] {
        big.id = "c" + std::to_string(added++);
        SnapshotBlock block(0);
        block.add(big.view());
        writer->add(std::move(block));
        made.partitions[0].customers.push_back(big);
    };
    // One is with the thread, held up by the file; the others wait.
    const auto fill = [&](std::size_t up_to) {
        while (added < up_to) {
            while (!writer->has_room()) {
                std::this_thread::yield();
            }
            add();
        }
    };
    fill(kSnapshotBlocksQueued + 1);
    EXPECT_FALSE(writer->has_room());
    files.let_through(1);
    fill(kSnapshotBlocksQueued + 2);
    EXPECT_FALSE(writer->has_room());
    files.open_gate();
    made.partitions[0].saved = closing_of(0, made.partitions[0].customers);
    writer->close_partition(made.partitions[0].saved);
    ASSERT_TRUE(finish(*writer).has_value());
    EXPECT_TRUE(equal(read_snapshot(files, kPath).value(), made));
}

TEST(SnapshotWriter, SyncsALargeFileInPieces) {
    MemoryFiles files;
    OwnedCustomer big;
    big.ledger.resize(200'000);  // 4.8 MB
    const auto writer = SnapshotWriter::begin(files, kFolder, 42, {"f", 1, 1, 1, {}}).value();
    std::vector<OwnedCustomer> all;
    for (int i = 0; i < 15; ++i) {
        big.id = "c" + std::to_string(i);
        SnapshotBlock block(0);
        block.add(big.view());
        add_when_there_is_room(*writer, std::move(block));
        all.push_back(big);
    }
    writer->close_partition(closing_of(0, all));
    ASSERT_TRUE(finish(*writer).has_value());
    EXPECT_EQ(std::ranges::count(files.steps(), "sync " + kPath + ".part"), 3);  // of 72 MB
    EXPECT_TRUE(verify_snapshot(files, kPath).has_value());
}

TEST(SnapshotWriterDeath, StopsAtACallersMistakes) {
    testing::FLAGS_gtest_death_test_style = "threadsafe";
    MemoryFiles files;
    const auto begun = [&] {
        return SnapshotWriter::begin(files, kFolder, 42, {"f", 1, 2, 1, {}}).value();
    };
    OwnedCustomer customer;
    customer.id = "x";
    SnapshotBlock block(0);
    block.add(customer.view());
    EXPECT_DEATH(begun()->add(SnapshotBlock(2)), "partition");
    EXPECT_DEATH(begun()->finish(), "open_");
    EXPECT_DEATH(begun()->close_partition(closing_of(0, {customer})), "rows");
    const auto closed = begun();
    closed->close_partition({});
    EXPECT_DEATH(closed->close_partition({}), "closed");
    EXPECT_DEATH(closed->add(block), "closed");
}

TEST(SnapshotWriterDeath, StopsWhenItIsFedWithoutRoom) {
    testing::FLAGS_gtest_death_test_style = "threadsafe";
    const auto overfeed = [] {
        MemoryFiles files;
        const auto writer = SnapshotWriter::begin(files, kFolder, 42, {"f", 1, 1, 1, {}}).value();
        files.close_gate();
        OwnedCustomer big;
        big.id = "big";
        big.ledger.resize(60'000);
        SnapshotBlock block(0);
        block.add(big.view());
        for (std::size_t i = 0; i < kSnapshotBlocksQueued + 2; ++i) {
            writer->add(block);
        }
        files.open_gate();
    };
    EXPECT_DEATH(overfeed(), "has_room");
}

}  // namespace
}  // namespace patron::store
