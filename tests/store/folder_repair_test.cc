#include "store/folder_repair.h"

#include <algorithm>
#include <filesystem>

#include <gtest/gtest.h>

#include "tests/support/kept_folder.h"

namespace patron::store {
namespace {

namespace fs = std::filesystem;
constexpr std::uint64_t kEvents = KeptFolder::kEvents;

// What is in place of the real files fails at the nth call, and ever after: the process is gone.
class CutShortFiles final : public FileSystem {
  public:
    explicit CutShortFiles(std::size_t calls) : left_(calls) {}
    Result<std::unique_ptr<OutputFile>> create(const std::string& path) override {
        return alive() ? real_.create(path) : gone();
    }
    Result<std::unique_ptr<InputFile>> open(const std::string& path) override {
        return real_.open(path);
    }
    Result<void> rename(const std::string& from, const std::string& to) override {
        return alive() ? real_.rename(from, to) : gone();
    }
    Result<void> remove(const std::string& path) override {
        return alive() ? real_.remove(path) : gone();
    }
    Result<void> make_directory(const std::string& path) override {
        return alive() ? real_.make_directory(path) : gone();
    }
    Result<void> sync_directory(const std::string& path) override {
        return alive() ? real_.sync_directory(path) : gone();
    }
    Result<std::vector<std::string>> list(const std::string& directory) override {
        return real_.list(directory);
    }
    bool was_cut() const { return left_ == 0; }

  private:
    static std::unexpected<Fault> gone() { return fail(FaultCode::DiskFailed, "cut short"); }
    bool alive() { return left_ > 0 && --left_ > 0; }

    FileSystem& real_ = system_files();
    std::size_t left_;
};

struct Repaired {
    RepairPlan plan;
    RepairDone done;
    std::string aside;
};

std::string make_aside(const KeptFolder& folder) {
    const std::string aside = folder.file(damaged_name(kTestNow));
    EXPECT_TRUE(system_files().make_directory(aside));
    return aside;
}

Repaired repair(const KeptFolder& folder) {
    auto opened = FolderReading::open(system_files(), folder.path());
    EXPECT_TRUE(opened) << opened.error().detail;
    const auto plan = plan_repair(check_folder(*opened));
    EXPECT_TRUE(plan && *plan);
    const std::string aside = make_aside(folder);
    const auto done = repair_folder(*opened, **plan, aside, kTestNow);
    EXPECT_TRUE(done) << done.error().detail;
    return {**plan, *done, aside};
}

// The folder opens, and holds what a store has that saw these events alone.
void expect_history(const KeptFolder& folder, std::uint64_t events) {
    TestStore store(folder.options());
    EXPECT_EQ(store->applied_seq(), events);
    EXPECT_EQ(store.hashes(), KeptFolder::hashes_of(events));
}

TEST(FolderRepair, LeavesASoundFolderAlone) {
    KeptFolder folder;
    folder.make();
    const auto plan = plan_repair(folder.check());
    ASSERT_TRUE(plan);
    EXPECT_FALSE(*plan);
}

TEST(FolderRepair, KeepsWhatLiesBeforeTheDamageAndNothingElse) {
    for (const std::uint64_t damaged : {1ULL, 4ULL, 16ULL, 34ULL}) {
        KeptFolder folder;
        folder.make();
        folder.remove_snapshots();
        folder.sql("update batch set crc = crc + 1 where first_seq = " + std::to_string(damaged));
        const std::string before = KeptFolder::read(folder.file("patron.db"));
        const Repaired repaired = repair(folder);
        EXPECT_EQ(KeptFolder::read(repaired.aside + "/patron.db"), before);
        EXPECT_FALSE(fs::exists(folder.file("patron.db-wal")));
        if (damaged == 1) {
            // Nothing leads up to what is behind it.
            EXPECT_EQ(repaired.plan.set_aside, std::vector<SeqRange>({{4, kEvents}}));
        }
        const FolderReport report = folder.check();
        EXPECT_TRUE(report.findings.empty());
        EXPECT_EQ(report.reached, damaged - 1);
        expect_history(folder, damaged - 1);
    }
}

TEST(FolderRepair, KeepsWhatASnapshotLeadsUpTo) {
    KeptFolder folder;
    folder.make_crashed(24);
    folder.sql("update batch set body = x'00' where first_seq = 16");
    const Repaired repaired = repair(folder);
    EXPECT_EQ(repaired.plan.kept, (SeqRange{19, kEvents}));
    EXPECT_EQ(repaired.plan.set_aside, std::vector<SeqRange>({{1, 15}}));
    EXPECT_EQ(repaired.plan.led_up_by, snapshot_name(24));
    EXPECT_EQ(folder.snapshots(), std::vector<std::string>({snapshot_name(24)}));
    EXPECT_TRUE(folder.check().findings.empty());
    expect_history(folder, kEvents);
}

TEST(FolderRepair, KeepsTheRunThatReachesFurthest) {
    KeptFolder two_runs;
    two_runs.make_crashed(24);
    two_runs.sql("update batch set body = x'00' where first_seq in (16, 28)");
    EXPECT_EQ(repair(two_runs).plan.kept, (SeqRange{19, 27})) << "nothing leads up to 31";
    expect_history(two_runs, 27);
    KeptFolder behind;
    behind.make_crashed(24);
    behind.sql("update batch set body = x'00' where first_seq in (16, 22)");
    EXPECT_EQ(repair(behind).plan.kept, (SeqRange{25, kEvents})) << "right behind the snapshot";
    expect_history(behind, kEvents);
    KeptFolder no_log;
    no_log.make();
    no_log.sql("update batch set body = x'00' where first_seq = 34");
    const std::string name = no_log.snapshots().at(0);
    EXPECT_EQ(repair(no_log).plan.kept, (SeqRange{kEvents + 1, kEvents})) << "a snapshot alone";
    EXPECT_EQ(no_log.snapshots(), std::vector<std::string>({name}));
    expect_history(no_log, kEvents);
}

FolderReport report_of(std::vector<SeqRange> runs, std::vector<SnapshotInfo> snapshots) {
    FolderReport report;
    report.findings.push_back({"patron.db", 1, std::nullopt, "damage", "repair"});
    report.runs = std::move(runs);
    report.snapshots = std::move(snapshots);
    report.meta.emplace();
    report.reached = 100;
    return report;
}

TEST(PlanRepair, UsesASnapshotOnlyIfTheLogReachesBothItsEnds) {
    // Partitions as of 40 to 50: it needs the events from 41 to 50.
    const SnapshotInfo spread{"spread", 40, 50, 1, 1, kTestNow};
    const auto kept = [&](std::vector<SeqRange> runs) {
        const auto plan = plan_repair(report_of(std::move(runs), {spread}));
        return std::pair((*plan)->kept, (*plan)->snapshots);
    };
    using Names = std::vector<std::string>;
    EXPECT_EQ(kept({{1, 30}, {41, 100}}), std::pair(SeqRange{41, 100}, Names{"spread"}));
    EXPECT_EQ(kept({{1, 30}, {41, 50}}), std::pair(SeqRange{41, 50}, Names{"spread"}));
    EXPECT_EQ(kept({{1, 30}, {42, 100}}), std::pair(SeqRange{1, 30}, Names{}));
    EXPECT_EQ(kept({{1, 30}, {41, 49}}), std::pair(SeqRange{1, 30}, Names{}));
    EXPECT_EQ(kept({{1, 60}, {70, 100}}), std::pair(SeqRange{1, 60}, Names{"spread"}));
    EXPECT_EQ(kept({{42, 100}}), std::pair(SeqRange{1, 0}, Names{}));
}

TEST(FolderRepair, MovesADamagedSnapshotAndKeepsTheLog) {
    KeptFolder folder;
    folder.make();
    const std::string name = folder.snapshots().at(0);
    KeptFolder::flip(folder.file("snapshots/" + name), 100);
    const std::string damaged = KeptFolder::read(folder.file("snapshots/" + name));
    const Repaired repaired = repair(folder);
    EXPECT_EQ(repaired.plan.kept, (SeqRange{1, kEvents}));
    EXPECT_EQ(KeptFolder::read(repaired.aside + "/snapshots/" + name), damaged);
    EXPECT_TRUE(folder.snapshots().empty());
    expect_history(folder, kEvents);
}

TEST(FolderRepair, KeepsWhatTheWalHoldsBeforeItsDamage) {
    KeptFolder folder;
    folder.make_crashed();
    const std::string wal = folder.file("patron.db-wal");
    KeptFolder::flip(wal, KeptFolder::read(wal).size() / 2);
    const std::string damaged = KeptFolder::read(wal);
    const std::uint64_t last = folder.check().runs.at(0).last;
    ASSERT_GT(last, 0U);
    ASSERT_LT(last, kEvents);
    const Repaired repaired = repair(folder);
    EXPECT_EQ(KeptFolder::read(repaired.aside + "/patron.db-wal"), damaged);
    expect_history(folder, last);
}

TEST(FolderRepair, TellsTheAuditAndRefusesWithoutMeta) {
    KeptFolder folder;
    folder.make();
    folder.sql("update batch set crc = crc + 1 where first_seq = 16");
    const std::uint64_t audit = folder.check().counts.audit;
    (void)repair(folder);
    EXPECT_EQ(folder.check().counts.audit, audit + 1);
    folder.sql("delete from meta");
    const auto plan = plan_repair(folder.check());
    ASSERT_FALSE(plan);
    EXPECT_EQ(plan.error().code, FaultCode::DataDamaged);
}

// At every call the process may end: a start then finds the damaged folder, refuses, or finds the repaired
// one; it never takes the folder for a new one.
TEST(FolderRepair, CutShortNeverLooksLikeANewFolder) {
    enum class Damage { Row, RowInWal, Wal };
    for (const Damage damage : {Damage::Row, Damage::RowInWal, Damage::Wal}) {
        KeptFolder damaged;
        damage == Damage::Wal ? damaged.make_crashed() : damaged.make();
        damaged.remove_snapshots();
        const std::string change = "update batch set crc = crc + 1 where first_seq = 16";
        if (damage == Damage::Row) {
            damaged.sql(change);
        } else if (damage == Damage::RowInWal) {
            damaged.sql_in_wal(change);
        } else {
            const std::string wal = damaged.file("patron.db-wal");
            KeptFolder::flip(wal, KeptFolder::read(wal).size() / 2);
        }
        bool cut = true;
        for (std::size_t calls = 1; cut; ++calls) {
            ASSERT_LT(calls, 100U);
            KeptFolder folder;
            folder.make_as(damaged);
            CutShortFiles files(calls);
            const std::string aside = make_aside(folder);
            {
                auto opened = FolderReading::open(files, folder.path());
                ASSERT_TRUE(opened);
                const auto plan = plan_repair(check_folder(*opened));
                ASSERT_TRUE(plan && *plan);
                const auto done = repair_folder(*opened, **plan, aside, kTestNow);
                cut = files.was_cut();
                ASSERT_EQ(done.has_value(), !cut);
            }
            if (fs::exists(folder.file("patron.db")) && !fs::exists(aside + "/repaired.db")) {
                EXPECT_EQ(folder.check().findings.empty(), fs::exists(aside + "/patron.db"));
            }
            auto opened = open_folder(folder.options());
            if (opened) {
                EXPECT_GT((*opened)->take_log()->status().last_seq, 0U) << calls;
            }
        }
    }
}

}  // namespace
}  // namespace patron::store
