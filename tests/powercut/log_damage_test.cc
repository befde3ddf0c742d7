// The event log with bytes that nobody wrote: a first part comes back with a notice, or the start is
// refused; nothing is invented, and nothing acknowledged goes without a word.

#include <algorithm>
#include <cstdlib>
#include <map>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/powercut/ledger.h"
#include "tests/support/seed.h"

namespace patron::store {
namespace {

#if defined(__SANITIZE_ADDRESS__)
constexpr std::size_t kUsualTries = 400;
#else
constexpr std::size_t kUsualTries = 3000;
#endif
// Of a file's places; all of them with PATRON_TEST_EVERY_BYTE=1.
const std::size_t kTries =
    std::getenv("PATRON_TEST_EVERY_BYTE") != nullptr ? SIZE_MAX : kUsualTries;

const std::string kDatabase = std::string(kFolder) + "/patron.db";
const std::string kWal = kDatabase + "-wal";

// A folder as a killed process leaves it: some batches in the database, some in its WAL.
class LogDamage : public ::testing::Test {
  protected:
    LogDamage() {
        const auto disk = disk_with_place_for_folder();
        Ledger ledger(*disk, test_seed(6201));
        EXPECT_TRUE(ledger.open());
        for (int i = 0; i < 12; ++i) {
            EXPECT_TRUE(ledger.append());
        }
        ledger.close();  // carries the WAL over
        EXPECT_TRUE(ledger.open());
        for (int i = 0; i < 8; ++i) {
            before_last_ = ledger.acknowledged();
            EXPECT_TRUE(ledger.append());
            ends_[disk->content(kWal)->size()] = ledger.acknowledged();
        }
        events_ = ledger.sent();
        left_ = disk->copy();
    }

    // What became of the folder.
    struct Outcome {
        bool refused = false;
        std::size_t events = 0;
        bool noticed = false;
    };
    Outcome outcome(const std::string& path, const std::string& content) const {
        const auto disk = left_->copy();
        disk->set_content(path, content);
        const auto reopened = reopen(*disk);
        if (!reopened) {
            const Fault& fault = reopened.error();
            EXPECT_TRUE(fault.code == FaultCode::DataDamaged || fault.code == FaultCode::DataFolder)
                << static_cast<int>(fault.code) << " " << fault.detail;
            EXPECT_GT(fault.detail.size(), 10U);
            return {.refused = true};
        }
        const std::size_t count = reopened->events.size();
        EXPECT_LE(count, events_.size());
        EXPECT_TRUE(std::equal(reopened->events.begin(), reopened->events.end(), events_.begin()));
        return {.refused = false, .events = count, .noticed = !reopened->notices.empty()};
    }

    // Places of a file: all of them if they are few.
    std::vector<std::size_t> places(std::size_t size) {
        std::vector<std::size_t> all(size);
        for (std::size_t i = 0; i < size; ++i) {
            all[i] = i;
        }
        if (size > kTries) {
            std::vector<std::size_t> some;
            std::ranges::sample(
                all, std::back_inserter(some), static_cast<std::ptrdiff_t>(kTries), random_
            );
            return some;
        }
        return all;
    }
    std::string flipped(std::string content, std::size_t at) {
        const auto change = random_() % 2 == 0 ? 0xffU : 1U << random_() % 8;
        content[at] = static_cast<char>(static_cast<unsigned char>(content[at]) ^ change);
        return content;
    }

    std::unique_ptr<SimulatedDisk> left_;
    std::vector<std::string> events_;
    std::size_t before_last_ = 0;              // events
    std::map<std::size_t, std::size_t> ends_;  // size of the WAL -> events by then
    std::mt19937_64 random_{test_seed(6202)};
};

TEST_F(LogDamage, NoneIsNone) {
    const auto whole = outcome(kWal, *left_->content(kWal));
    EXPECT_EQ(whole.events, events_.size());
    EXPECT_FALSE(whole.noticed);
    EXPECT_GT(before_last_, 0U);
    EXPECT_EQ(ends_.size(), 8U);
}

TEST_F(LogDamage, AWalCutAnywhereKeepsTheBatchesBeforeTheCut) {
    const std::string wal = *left_->content(kWal);
    auto lengths = places(wal.size());
    for (const auto& [size, events] : ends_) {
        lengths.push_back(size);
    }
    const std::size_t in_database = ends_.begin()->second;
    for (const std::size_t length : lengths) {
        SCOPED_TRACE("cut at " + std::to_string(length));
        const auto after = outcome(kWal, wal.substr(0, length));
        ASSERT_FALSE(after.refused);
        const auto next = ends_.upper_bound(length);
        const bool at_an_end = length == 0 || ends_.contains(length) || length == 32;
        ASSERT_EQ(after.noticed, !at_an_end);
        if (next != ends_.begin()) {
            ASSERT_EQ(after.events, std::prev(next)->second);
        } else {
            ASSERT_LT(after.events, in_database);
        }
    }
}

TEST_F(LogDamage, AFlippedByteOfTheWalIsNeverPassedOver) {
    const std::string wal = *left_->content(kWal);
    std::size_t refused = 0;
    for (const std::size_t at : places(wal.size())) {
        SCOPED_TRACE("flip at " + std::to_string(at));
        const auto after = outcome(kWal, flipped(wal, at));
        refused += after.refused ? 1 : 0;
        if (!after.refused && after.events < events_.size()) {
            ASSERT_TRUE(after.noticed) << after.events;
            ASSERT_GE(after.events, before_last_);
        }
    }
    EXPECT_GT(refused, std::min(kTries, wal.size()) / 2);
}

TEST_F(LogDamage, ADatabaseCutAnywhereIsRefused) {
    const std::string database = *left_->content(kDatabase);
    for (const std::size_t length : places(database.size())) {
        SCOPED_TRACE("cut at " + std::to_string(length));
        const auto after = outcome(kDatabase, database.substr(0, length));
        // Pages whose newer version is in the WAL are not missed.
        ASSERT_TRUE(after.refused || after.events == events_.size()) << after.events;
    }
}

TEST_F(LogDamage, AFlippedByteOfTheDatabaseIsRefusedOrHarmless) {
    const std::string database = *left_->content(kDatabase);
    std::size_t refused = 0;
    for (const std::size_t at : places(database.size())) {
        SCOPED_TRACE("flip at " + std::to_string(at));
        const auto after = outcome(kDatabase, flipped(database, at));
        refused += after.refused ? 1 : 0;
        ASSERT_TRUE(after.refused || after.events == events_.size()) << after.events;
    }
    EXPECT_GT(refused, 0U);
}

TEST_F(LogDamage, AFlippedByteOfADatabaseWithoutWalIsRefusedOrHarmless) {
    const auto settled = left_->copy();
    ASSERT_TRUE(reopen(*settled));  // and closed: the WAL is gone
    ASSERT_FALSE(settled->content(kWal));
    const std::string database = *settled->content(kDatabase);
    left_ = settled->copy();
    std::size_t refused = 0;
    for (const std::size_t at : places(database.size())) {
        SCOPED_TRACE("flip at " + std::to_string(at));
        const auto after = outcome(kDatabase, flipped(database, at));
        refused += after.refused ? 1 : 0;
        ASSERT_TRUE(after.refused || after.events == events_.size()) << after.events;
    }
    EXPECT_GT(refused, std::min(kTries, database.size()) / 10);
    for (const std::size_t length : places(database.size())) {
        SCOPED_TRACE("cut at " + std::to_string(length));
        ASSERT_TRUE(outcome(kDatabase, database.substr(0, length)).refused || length == 0);
    }
}

}  // namespace
}  // namespace patron::store
