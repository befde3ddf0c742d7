// The event log under power cuts: what it acknowledged is there, in order, and nothing else.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/powercut/ledger.h"
#include "tests/support/seed.h"

namespace patron::store {
namespace {

#if defined(__SANITIZE_ADDRESS__)
constexpr std::uint64_t kSparse = 8;
#else
constexpr std::uint64_t kSparse = 1;
#endif

// Batches with idle moments in between, in which the WAL is carried over, and restarts.
void write_for_a_while(Ledger& ledger, int rounds) {
    for (int i = 0; i < rounds; ++i) {
        const auto appended = ledger.append();
        ASSERT_TRUE(appended) << appended.error().detail;
        if (ledger.dice().chance(0.1)) {
            ledger.log().tick(true);
        }
        if (ledger.dice().chance(0.03)) {
            ledger.close();
            ASSERT_TRUE(ledger.open());
        }
    }
}

class LogPowerCut : public ::testing::Test {
  protected:
    // Cuts the power before every `every`th operation and looks at what is there then.
    template <class Look>
    void cut_every(std::uint64_t every, std::uint64_t seed, Look look) {
        disk_->set_hook([this, every, seed, look](std::uint64_t operation) {
            if ((operation + seed) % every == 0 && !HasFatalFailure()) {
                ++cuts_;
                SCOPED_TRACE("cut before operation " + std::to_string(operation));
                for (std::uint64_t image = 0; image < 2 && !HasFatalFailure(); ++image) {
                    look(*disk_->power_cut((seed * 1'000'003 + operation) * 2 + image));
                }
            }
        });
    }

    std::unique_ptr<SimulatedDisk> disk_ = disk_with_place_for_folder();
    std::uint64_t cuts_ = 0;
};

TEST_F(LogPowerCut, KeepsWhatWasAcknowledged) {
    const std::uint64_t seed = test_seed(6001);
    Ledger ledger(*disk_, seed);
    cut_every(kSparse, seed, [&](SimulatedDisk& after) {
        const auto reopened = reopen(after);
        ASSERT_TRUE(reopened) << reopened.error().detail;
        ASSERT_EQ(ledger.complaint(*reopened), "");
    });
    ASSERT_TRUE(ledger.open());
    write_for_a_while(ledger, 180);
    disk_->set_hook(nullptr);
    EXPECT_GT(cuts_, 500U / kSparse);
    std::printf(
        "%llu cuts in %llu operations\n",
        static_cast<unsigned long long>(cuts_),
        static_cast<unsigned long long>(disk_->operations())
    );
}

// The first moments of a folder, closely: directories, names, tables, the first log.
TEST_F(LogPowerCut, AFolderCutShortWhileItWasMadeIsMadeAgain) {
    const std::uint64_t seed = test_seed(6002);
    for (std::uint64_t round = 0; round < 12; ++round) {
        disk_ = disk_with_place_for_folder();
        Ledger ledger(*disk_, seed);
        cut_every(1, seed + round, [&](SimulatedDisk& after) {
            const auto reopened = reopen(after);
            ASSERT_TRUE(reopened) << reopened.error().detail;
            ASSERT_EQ(ledger.complaint(*reopened), "");
        });
        ASSERT_TRUE(ledger.open());
        ASSERT_TRUE(ledger.append());
        ASSERT_TRUE(ledger.append());
        disk_->set_hook(nullptr);
    }
}

// A cut while the log recovers from a cut, and so on.
TEST_F(LogPowerCut, ManyCutsInARowLoseNothing) {
    const std::uint64_t seed = test_seed(6003);
    std::mt19937_64 random(seed);
    std::vector<std::string> kept;
    std::uint64_t cut_at_opening = 0;
    for (std::uint64_t life = 0; life < 150 / kSparse; ++life) {
        Ledger ledger(*disk_, seed + life);
        ledger.continue_from(kept);
        disk_->power_off_at(1 + random() % 100);
        if (!ledger.open()) {
            ++cut_at_opening;
        } else {
            while (ledger.append()) {
            }
        }
        auto after = disk_->power_cut(random());
        ledger.close();
        disk_ = std::move(after);
        // On a copy: the next life is to find it as the cut left it.
        const auto again = reopen(*disk_->copy());
        ASSERT_TRUE(again) << again.error().detail;
        ASSERT_EQ(ledger.complaint(*again), "") << "life " << life;
        kept = again->events;
    }
    EXPECT_GT(cut_at_opening, 0U);
}

TEST_F(LogPowerCut, AtAnIntervalItLosesNoMoreThanTheLastInterval) {
    const std::uint64_t seed = test_seed(6004);
    Ledger ledger(*disk_, seed, Durability::Interval);
    std::size_t synced = 0;
    std::size_t lost = 0;
    cut_every(kSparse, seed, [&](SimulatedDisk& after) {
        const auto reopened = reopen(after, Durability::Interval);
        ASSERT_TRUE(reopened) << reopened.error().detail;
        ASSERT_EQ(ledger.complaint(*reopened, synced), "");
        lost += reopened->events.size() < ledger.acknowledged() ? 1 : 0;
    });
    ASSERT_TRUE(ledger.open());
    for (int i = 0; i < 150; ++i) {
        ASSERT_TRUE(ledger.append());
        if (ledger.dice().chance(0.15)) {
            ledger.log().tick(ledger.dice().chance(0.5));
            synced = ledger.acknowledged();
        }
    }
    disk_->set_hook(nullptr);
    EXPECT_GT(lost, 0U) << "nothing was at stake";
}

TEST_F(LogPowerCut, WithoutSyncsItMayLoseButNeverInvents) {
    const std::uint64_t seed = test_seed(6005);
    Ledger ledger(*disk_, seed, Durability::None);
    std::size_t lost = 0;
    cut_every(kSparse, seed, [&](SimulatedDisk& after) {
        const auto reopened = reopen(after, Durability::None);
        if (!reopened) {
            ASSERT_EQ(reopened.error().code, FaultCode::DataDamaged) << reopened.error().detail;
            return;
        }
        ASSERT_EQ(ledger.complaint(*reopened, 0), "");
        lost += reopened->events.size() < ledger.acknowledged() ? 1 : 0;
    });
    ASSERT_TRUE(ledger.open());
    write_for_a_while(ledger, 100);
    disk_->set_hook(nullptr);
    EXPECT_GT(lost, 0U);
}

}  // namespace
}  // namespace patron::store
