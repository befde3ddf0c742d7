#include "store/folder_check.h"

#include <algorithm>
#include <filesystem>
#include <random>

#include <gtest/gtest.h>

#include "tests/support/kept_folder.h"
#include "tests/support/seed.h"

namespace patron::store {
namespace {

constexpr std::uint64_t kEvents = KeptFolder::kEvents;

std::string told(const FolderReport& report) {
    std::string text;
    for (const Finding& f : report.findings) {
        text += f.file + " " + (f.seq ? std::to_string(*f.seq) : "-") + " " + f.what + "\n";
    }
    return text;
}

bool has_finding(const FolderReport& report, std::string_view file, std::uint64_t seq) {
    return std::ranges::any_of(report.findings, [&](const Finding& f) {
        return f.file == file && f.seq == seq && !f.what.empty() && !f.next_step.empty();
    });
}

TEST(FolderCheck, FindsNothingInASoundFolder) {
    KeptFolder folder;
    folder.make();
    const FolderReport report = folder.check();
    EXPECT_EQ(told(report), "");
    EXPECT_EQ(report.counts.batches, KeptFolder::kBatches);
    EXPECT_EQ(report.counts.events + report.counts.removed, kEvents);
    EXPECT_EQ(report.counts.policies, 1U);
    EXPECT_EQ(report.counts.snapshots, 1U);
    EXPECT_EQ(report.reached, kEvents);
    EXPECT_EQ(report.runs, std::vector<SeqRange>({{1, kEvents}}));
    ASSERT_EQ(report.snapshots.size(), 1U);
    EXPECT_EQ(report.snapshots[0].to_seq, kEvents);
}

TEST(FolderCheck, ReadsTheWalAndLeavesEverythingAsItIs) {
    KeptFolder folder;
    folder.make_crashed();
    ASSERT_GT(std::filesystem::file_size(folder.file("patron.db-wal")), 0U);
    const auto before = KeptFolder::contents(folder.path());
    const FolderReport report = folder.check();
    EXPECT_EQ(told(report), "");
    EXPECT_EQ(report.runs, std::vector<SeqRange>({{1, kEvents}}));
    EXPECT_TRUE(KeptFolder::contents(folder.path()) == before);
}

TEST(FolderCheck, RefusesAFolderInUseAndOneThatIsNone) {
    KeptFolder folder;
    folder.make();
    {
        TestStore store(folder.options());
        const auto opened = FolderReading::open(system_files(), folder.path());
        ASSERT_FALSE(opened);
        EXPECT_EQ(opened.error().code, FaultCode::DataFolder);
        EXPECT_EQ(opened.error().field, "lock");
    }
    EXPECT_TRUE(FolderReading::open(system_files(), folder.path()));
    const auto none = FolderReading::open(system_files(), folder.file("backups"));
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().code, FaultCode::DataFolder);
}

TEST(FolderCheck, PlacesEveryChangedColumnOfABatch) {
    for (const char* change :
         {"events = events + 1",
          "events = 0",
          "events = events + 4294967296",
          "accepted_at = accepted_at + 1",
          "policy = policy + 1",
          "format = format + 1",
          "crc = crc + 1",
          "crc = crc + 4294967296",
          "body = substr(body, 2)",
          "body = body || x'00'"}) {
        KeptFolder folder;
        folder.make();
        folder.remove_snapshots();
        folder.sql(std::string("update batch set ") + change + " where first_seq = 16");
        const FolderReport report = folder.check();
        EXPECT_TRUE(has_finding(report, "patron.db", 16)) << change << "\n" << told(report);
        EXPECT_EQ(report.runs, std::vector<SeqRange>({{1, 15}, {19, kEvents}})) << change;
    }
}

TEST(FolderCheck, PlacesMissingAndMovedBatches) {
    KeptFolder folder;
    folder.make();
    folder.sql("delete from batch where first_seq = 7");
    folder.sql("update batch set first_seq = 23 where first_seq = 22");
    const FolderReport report = folder.check();
    EXPECT_TRUE(has_finding(report, "patron.db", 7)) << told(report);
    EXPECT_TRUE(has_finding(report, "patron.db", 23)) << told(report);
    EXPECT_EQ(report.runs, std::vector<SeqRange>({{1, 6}, {10, 21}, {25, kEvents}}));
}

TEST(FolderCheck, NoticesALostTail) {
    KeptFolder folder;
    folder.make();
    {
        TestStore store(folder.options());  // whose backup writes down how far the log has come
        ASSERT_TRUE(store.backup_and_wait(folder.file("backups/one")));
    }
    folder.sql("delete from batch where first_seq >= 31");
    EXPECT_FALSE(folder.check().findings.empty()) << "the snapshot is as of a later event";
    folder.remove_snapshots();
    EXPECT_TRUE(has_finding(folder.check(), "patron.db", 30)) << told(folder.check());
}

TEST(FolderCheck, NoticesALostBeginning) {
    KeptFolder folder;
    folder.make();
    folder.sql("delete from batch where first_seq < 16");
    EXPECT_EQ(told(folder.check()), "") << "the snapshot leads up to what is left";
    folder.remove_snapshots();
    EXPECT_TRUE(has_finding(folder.check(), "patron.db", 16));
}

TEST(FolderCheck, NoticesRowsOfTheSmallTables) {
    for (const char* change :
         {"update policy set document = document || x'20'",
          "update policy set at = at + 1",
          "update audit set by = x'00'",
          "update head set last_seq = last_seq - 1",
          "delete from head",
          "update erasure set customer_hash = customer_hash + 1",
          "update meta set value = x'31' where key = cast('partitions' as blob)",
          "drop table answer"}) {
        KeptFolder folder;
        folder.make();
        folder.sql(change);
        EXPECT_FALSE(folder.check().findings.empty()) << change;
    }
}

TEST(FolderCheck, NoticesADamagedSnapshot) {
    KeptFolder folder;
    folder.make();
    const std::string name = "snapshots/" + folder.snapshots().at(0);
    const std::size_t bytes = KeptFolder::read(folder.file(name)).size();
    for (const std::size_t at : {std::size_t{0}, bytes / 3, bytes / 2, bytes - 1}) {
        KeptFolder::flip(folder.file(name), at);
        const FolderReport report = folder.check();
        ASSERT_EQ(report.findings.size(), 1U) << at << told(report);
        EXPECT_EQ(report.findings[0].file, name);
        EXPECT_TRUE(report.snapshots.empty());
        KeptFolder::flip(folder.file(name), at);
    }
}

TEST(FolderCheck, NoticesASnapshotOfAnotherFolder) {
    KeptFolder folder;
    folder.make();
    KeptFolder other;
    other.make();
    const std::string name = "snapshots/" + folder.snapshots().at(0);
    KeptFolder::write(folder.file(name), KeptFolder::read(other.file(name)));
    EXPECT_EQ(told(folder.check()), name + " - it belongs to another data folder\n");
}

TEST(FolderCheck, PlacesDamageInTheWal) {
    KeptFolder folder;
    folder.make_crashed();
    const std::string wal = folder.file("patron.db-wal");
    KeptFolder::flip(wal, KeptFolder::read(wal).size() / 2);
    const FolderReport report = folder.check();
    ASSERT_FALSE(report.findings.empty());
    EXPECT_EQ(report.findings[0].file, "patron.db-wal");
    ASSERT_TRUE(report.findings[0].offset);
    EXPECT_LE(*report.findings[0].offset, KeptFolder::read(wal).size() / 2);
    ASSERT_EQ(report.runs.size(), 1U);
    EXPECT_EQ(report.runs[0].first, 1U);
    EXPECT_LT(report.runs[0].last, kEvents);
}

// Whatever byte is other than written: found, or a byte that nothing hangs on.
TEST(FolderCheck, IsNeverWrongAboutAFlippedByte) {
    KeptFolder folder;
    folder.make();
    const std::string file = folder.file("patron.db");
    const std::string whole = KeptFolder::read(file);
    const FolderReport sound = folder.check();
    std::mt19937_64 random(test_seed(21));
    std::size_t found = 0;
    for (int round = 0; round < 400; ++round) {
        std::string bytes = whole;
        const std::size_t at = random() % bytes.size();
        bytes[at] = static_cast<char>(bytes[at] ^ (1 << (random() % 8)));
        KeptFolder::write(file, bytes);
        auto opened = FolderReading::open(system_files(), folder.path());
        if (!opened) {
            ++found;
            continue;
        }
        const FolderReport report = check_folder(*opened);
        found += report.findings.empty() ? 0 : 1;
        if (report.findings.empty()) {
            ASSERT_EQ(report.runs, sound.runs) << "byte " << at;
            ASSERT_EQ(report.counts.bytes, sound.counts.bytes) << "byte " << at;
            ASSERT_EQ(report.counts.audit, sound.counts.audit) << "byte " << at;
        }
        for (const SeqRange& run : report.runs) {
            ASSERT_LE(run.last, kEvents) << "byte " << at;
        }
    }
    EXPECT_GT(found, 0U);
}

}  // namespace
}  // namespace patron::store
