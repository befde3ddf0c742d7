#include "server/endpoints/readiness.h"

#include <gtest/gtest.h>

namespace patron::endpoints {
namespace {

using Phase = store::RecoveryProgress::Phase;

StoreCondition kept_on_disk() {
    StoreCondition out;
    out.recovery.phase = Phase::Ready;
    out.log_name = "sqlite";
    out.durable = true;
    out.durability = store::Durability::Fsync;
    out.log.last_seq = 42;
    out.log.bytes = 1'234'567;
    out.now = {1'000'000};
    return out;
}

const ReadinessCheck& check_of(const std::vector<ReadinessCheck>& checks, std::string_view name) {
    static const ReadinessCheck kNone{"", false, "no such check"};
    for (const ReadinessCheck& check : checks) {
        if (check.name == name) {
            return check;
        }
    }
    return kNone;
}

std::size_t failing(const std::vector<ReadinessCheck>& checks) {
    std::size_t count = 0;
    for (const ReadinessCheck& check : checks) {
        count += check.ok ? 0 : 1;
    }
    return count;
}

TEST(Readiness, TellsHowFarRecoveryIs) {
    const auto detail = [](Phase phase, std::uint64_t done, std::uint64_t total) {
        const ReadinessCheck check = recovery_check({phase, done, total});
        EXPECT_EQ(check.ok, phase == Phase::Ready);
        return check.detail;
    };
    EXPECT_EQ(detail(Phase::Snapshot, 3'200'000, 10'000'000), "3,200,000 of 10,000,000 customers");
    EXPECT_EQ(detail(Phase::Snapshot, 999, 0), "999 customers");
    EXPECT_EQ(detail(Phase::Replay, 1'000, 123'456), "1,000 of 123,456 events replayed");
    EXPECT_FALSE(detail(Phase::Opening, 0, 0).empty());
    EXPECT_FALSE(detail(Phase::Failed, 0, 0).empty());
    EXPECT_EQ(detail(Phase::Ready, 0, 0), "done");
}

TEST(Readiness, SaysWhatKeepsTheEvents) {
    const auto checks = store_checks(kept_on_disk());
    EXPECT_EQ(failing(checks), 0U);
    EXPECT_EQ(check_of(checks, "log").detail, "sqlite, durability fsync, seq 42");
    EXPECT_EQ(check_of(checks, "disk").detail, "the log takes 1,234,567 bytes");
    EXPECT_EQ(check_of(checks, "snapshot").detail, "none yet");
}

TEST(Readiness, FailsWithTheLogAndSaysWhatStillWorks) {
    StoreCondition condition = kept_on_disk();
    condition.log.health = store::LogHealth::Failed;
    condition.log.detail = "fdatasync failed: Input/output error";
    const auto checks = store_checks(condition);
    EXPECT_EQ(failing(checks), 1U);
    const ReadinessCheck& log = check_of(checks, "log");
    EXPECT_FALSE(log.ok);
    EXPECT_TRUE(log.detail.starts_with("fdatasync failed: Input/output error; reads go on"));
    EXPECT_NE(log.detail.find("restart"), std::string::npos) << "the next step";
}

TEST(Readiness, FailsWhileTheDiskIsFull) {
    StoreCondition condition = kept_on_disk();
    condition.log.health = store::LogHealth::DiskFull;
    condition.log.detail = "no room";
    const auto checks = store_checks(condition);
    EXPECT_EQ(failing(checks), 1U);
    EXPECT_FALSE(check_of(checks, "disk").ok);
}

TEST(Readiness, AFailedSnapshotIsToldButIsNoReasonToStayAway) {
    StoreCondition condition = kept_on_disk();
    condition.kept.last_snapshot.emplace();
    condition.kept.last_snapshot->to_seq = 40;
    condition.kept.last_snapshot->made_at = {688'000};
    condition.kept.snapshots_failed = 2;
    condition.kept.last_failure = "no room";
    const auto checks = store_checks(condition);
    EXPECT_EQ(failing(checks), 0U);
    EXPECT_EQ(
        check_of(checks, "snapshot").detail, "seq 40, 312 s old; 2 failed, the last because no room"
    );
}

}  // namespace
}  // namespace patron::endpoints
