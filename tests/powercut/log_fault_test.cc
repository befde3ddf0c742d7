// The event log on a disk that fails: a failed sync or write ends all writing, no room does not.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/powercut/ledger.h"
#include "tests/support/seed.h"

namespace patron::store {
namespace {

#if defined(__SANITIZE_ADDRESS__)
constexpr std::uint64_t kSparse = 5;
#else
constexpr std::uint64_t kSparse = 1;
#endif

// What a killed process and what a power cut leave.
void expect_kept(const SimulatedDisk& disk, const Ledger& ledger, std::uint64_t seed) {
    for (std::uint64_t image = 0; image < 3; ++image) {
        const auto after = image == 0 ? disk.copy() : disk.power_cut(seed + image);
        const auto reopened = reopen(*after);
        ASSERT_TRUE(reopened) << reopened.error().detail;
        ASSERT_EQ(ledger.complaint(*reopened), "") << "image " << image;
    }
}

class LogFault : public ::testing::Test {
  protected:
    std::unique_ptr<SimulatedDisk> disk_ = disk_with_place_for_folder();
};

// Appends, with moments in which the WAL is carried over; none succeeds that began after the fault.
void append_until_stopped(SimulatedDisk& disk, Ledger& ledger) {
    bool failed = false;
    for (int i = 0; i < 60; ++i) {
        const bool came = disk.faults() > 0;
        const auto appended = ledger.append();
        ASSERT_FALSE(came && appended) << "acknowledged after the disk had failed";
        if (!appended) {
            const auto wanted = came ? FaultCode::WritesStopped : FaultCode::DiskFailed;
            ASSERT_EQ(appended.error().code, wanted) << appended.error().detail;
            ASSERT_EQ(ledger.log().status().health, LogHealth::Failed);
            failed = true;
            break;
        }
        if (i % 5 == 4) {
            ledger.log().tick(true);
        }
    }
    for (int i = 0; failed && i < 3; ++i) {
        const auto stopped = ledger.append();
        ASSERT_FALSE(stopped);
        ASSERT_EQ(stopped.error().code, FaultCode::WritesStopped);
        ledger.log().tick(true);
        ASSERT_EQ(ledger.log().status().health, LogHealth::Failed);
    }
}

class LogFaultOf : public ::testing::TestWithParam<DiskOperation> {};

TEST_P(LogFaultOf, EndsAllWritingWheneverItComes) {
    const std::uint64_t seed = test_seed(6101);
    std::uint64_t came = 0;
    for (std::uint64_t nth = 1;; nth += kSparse) {
        SCOPED_TRACE("fault at number " + std::to_string(nth));
        const auto disk = disk_with_place_for_folder();
        Ledger ledger(*disk, seed);
        ASSERT_TRUE(ledger.open());
        disk->plan({.operation = GetParam(), .nth = nth});
        append_until_stopped(*disk, ledger);
        if (HasFatalFailure() || disk->faults() == 0) {
            break;
        }
        ++came;
        // The process dies; it could not tell anybody what it did not acknowledge.
        expect_kept(*disk, ledger, seed + nth * 7);
        if (HasFatalFailure()) {
            break;
        }
    }
    EXPECT_GT(came, 40U / kSparse) << "times that the fault came";
}
INSTANTIATE_TEST_SUITE_P(
    Every, LogFaultOf, ::testing::Values(DiskOperation::Write, DiskOperation::Sync)
);

TEST_F(LogFault, AtOpeningIsReportedAndLosesNothing) {
    const std::uint64_t seed = test_seed(6102);
    Ledger ledger(*disk_, seed);
    ASSERT_TRUE(ledger.open());
    for (int i = 0; i < 20; ++i) {
        ASSERT_TRUE(ledger.append());
    }
    // As a killed process leaves it: with a WAL.
    const auto left = disk_->copy();
    using enum DiskOperation;
    for (const auto operation :
         {Create, Write, Truncate, Sync, Remove, MakeDirectory, SyncDirectory}) {
        for (const auto error : {DiskError::Failed, DiskError::Full}) {
            for (std::uint64_t nth = 1;; ++nth) {
                SCOPED_TRACE(
                    "operation " + std::to_string(static_cast<int>(operation)) +
                    ", fault at number " + std::to_string(nth)
                );
                const auto disk = left->copy();
                disk->plan({.operation = operation, .nth = nth, .error = error});
                const auto opened = reopen(*disk);
                if (disk->faults() == 0) {
                    break;
                }
                if (opened) {
                    ASSERT_EQ(ledger.complaint(*opened), "");
                } else {
                    ASSERT_TRUE(
                        opened.error().code == FaultCode::DiskFailed ||
                        opened.error().code == FaultCode::DiskFull
                    ) << opened.error().detail;
                }
                expect_kept(*disk, ledger, seed + nth);
                ASSERT_FALSE(HasFatalFailure());
            }
        }
    }
}

TEST_F(LogFault, NoRoomRefusesAndGoesOnWhenThereIsRoom) {
    const std::uint64_t seed = test_seed(6103);
    std::mt19937_64 random(seed);
    std::uint64_t refused = 0;
    for (std::uint64_t round = 0; round < 25 / kSparse; ++round) {
        SCOPED_TRACE("round " + std::to_string(round));
        const auto disk = disk_with_place_for_folder();
        Ledger ledger(*disk, seed + round);
        ASSERT_TRUE(ledger.open());
        disk->set_room(random() % 200'000);
        for (int i = 0; i < 60; ++i) {
            const auto appended = ledger.append(1 + random() % 60);
            if (!appended) {
                ++refused;
                ASSERT_EQ(appended.error().code, FaultCode::DiskFull) << appended.error().detail;
                ASSERT_EQ(ledger.log().status().health, LogHealth::DiskFull);
                ledger.forget_refused();
                expect_kept(*disk, ledger, seed + round);
                ASSERT_FALSE(HasFatalFailure());
            }
            if (random() % 8 == 0) {
                ledger.log().tick(true);
            }
        }
        disk->set_room({});
        for (int i = 0; i < 5; ++i) {
            const auto appended = ledger.append();
            ASSERT_TRUE(appended) << appended.error().detail;
            ASSERT_EQ(ledger.log().status().health, LogHealth::Good);
        }
        expect_kept(*disk, ledger, seed + round + 1);
        ASSERT_FALSE(HasFatalFailure());
    }
    EXPECT_GT(refused, 100U / kSparse);
}

TEST_F(LogFault, NoRoomForANewFolderIsSaidAndMendsItself) {
    for (std::uint64_t room = 0; room < 90'000; room += 1000) {
        const auto disk = disk_with_place_for_folder();
        disk->set_room(room);
        const auto opened = reopen(*disk);
        if (!opened) {
            EXPECT_EQ(opened.error().code, FaultCode::DiskFull) << opened.error().detail;
        }
        disk->set_room({});
        const auto again = reopen(*disk);
        ASSERT_TRUE(again) << room << ": " << again.error().detail;
        EXPECT_TRUE(again->events.empty());
    }
}

}  // namespace
}  // namespace patron::store
