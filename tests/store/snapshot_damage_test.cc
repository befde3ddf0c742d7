// Whatever happens to the bytes of a snapshot, it is noticed: never a wrong value.

#include <algorithm>
#include <cstring>
#include <utility>

#include <gtest/gtest.h>

#include "store/partition_map.h"
#include "store/snapshot_file.h"
#include "store/snapshot_layout.h"
#include "store/snapshot_output.h"
#include "tests/support/made_snapshot.h"
#include "tests/support/memory_files.h"
#include "tests/support/seed.h"

namespace patron::store {
namespace {

namespace layout = snapshot_layout;

const std::string kFolder = "snapshots";
const std::string kPath = kFolder + "/" + snapshot_name(1);
constexpr std::size_t kPositionsMax = 20'000;

class DamagedSnapshot : public testing::Test {
  protected:
    void SetUp() override {
        made_ = make_snapshot(test_seed(20'261'125), 3, 60);
        ASSERT_TRUE(write_snapshot(files_, kFolder, 1, made_, 8).has_value());
        good_ = files_.content(kPath);
    }
    // What is said of these bytes in the place of the snapshot; nothing when all is well.
    std::string verdict(std::string bytes) {
        files_.set_content(kPath, std::move(bytes));
        const auto verified = verify_snapshot(files_, kPath);
        const auto read = read_snapshot(files_, kPath);
        EXPECT_FALSE(read.has_value() && !equal(*read, made_)) << "a wrong value";
        EXPECT_TRUE(verified || verified.error().code == FaultCode::DataDamaged);
        return verified ? "" : verified.error().detail;
    }
    MemoryFiles files_;
    MadeSnapshot made_;
    std::string good_;
};

TEST_F(DamagedSnapshot, IsFineAsItWas) {
    EXPECT_EQ(verdict(good_), "");
}

TEST_F(DamagedSnapshot, CutAtAnyLengthIsNoticed) {
    const std::size_t step = good_.size() / kPositionsMax + 1;
    for (std::size_t size = 0; size < good_.size(); size += step) {
        ASSERT_NE(verdict(good_.substr(0, size)), "") << size;
    }
    ASSERT_NE(verdict(good_.substr(0, good_.size() - 1)), "");
    EXPECT_NE(verdict(good_ + '\0'), "");
    EXPECT_NE(verdict(good_ + good_), "");
}

TEST_F(DamagedSnapshot, AnyFlippedByteIsNoticed) {
    const std::size_t step = good_.size() / kPositionsMax + 1;
    for (std::size_t i = 0; i < good_.size(); i += step) {
        std::string flipped = good_;
        flipped[i] = static_cast<char>(flipped[i] ^ (1 << (i % 8)));
        ASSERT_NE(verdict(std::move(flipped)), "") << i;
    }
}

TEST_F(DamagedSnapshot, AnyLostSectorIsNoticed) {
    for (std::size_t i = 0; i + 512 <= good_.size(); i += 512) {
        std::string lost = good_;
        std::ranges::fill(
            lost.begin() + static_cast<std::ptrdiff_t>(i),
            lost.begin() + static_cast<std::ptrdiff_t>(i + 512),
            '\0'
        );
        ASSERT_TRUE(lost == good_ || verdict(lost) != "") << i;
    }
}

TEST_F(DamagedSnapshot, SaysWhereTheDamageIs) {
    const auto block = layout::header_bytes(made_.about).size();
    std::string flipped = good_;
    flipped[block + 100] = static_cast<char>(flipped[block + 100] ^ 1);
    EXPECT_EQ(
        verdict(std::move(flipped)),
        kPath + ": partition 0, byte " + std::to_string(block) + ": checksum does not agree"
    );
}

TEST_F(DamagedSnapshot, OfALaterFormatSaysSo) {
    layout::Footer footer =
        layout::read_footer(std::string_view(good_).substr(good_.size() - 48), good_.size())
            .value();
    std::string later = layout::footer_bytes(footer);
    later[16] = 2;
    const std::uint32_t crc = crc32c(std::string_view(later).substr(8));
    std::memcpy(later.data() + 4, &crc, sizeof crc);
    EXPECT_EQ(
        verdict(good_.substr(0, good_.size() - 48) + later),
        kPath + ": written in format 2; this version reads up to 1"
    );
}

// Files whose checksums all agree, of a writer that is wrong.
class WronglyWritten : public testing::Test {
  protected:
    std::string verdict(PartitionSaved saved, std::uint32_t partition = 0) {
        MemoryFiles files;
        auto output = SnapshotOutput::begin(files, kFolder, 1, {"f", 1, 2, 1, {}}).value();
        SnapshotBlock block(partition);
        block.add(customer_.view());
        EXPECT_TRUE(output->add(block).has_value());
        EXPECT_TRUE(output->close_partition(saved).has_value());
        PartitionSaved other;
        other.partition = 1 - partition;
        EXPECT_TRUE(output->close_partition(other).has_value());
        EXPECT_TRUE(output->finish().has_value());
        const auto verified = verify_snapshot(files, kPath);
        return verified ? "" : verified.error().detail.substr(kPath.size());
    }
    static OwnedCustomer even() {
        SavedMaker maker(1);
        OwnedCustomer c = maker.customer();
        while (crc32c(c.id) % 2 != 0 || c.ledger.empty()) {
            c = maker.customer();
        }
        return c;
    }
    OwnedCustomer customer_ = even();
    PartitionSaved saved_ = closing_of(0, {customer_});
};

TEST_F(WronglyWritten, IsFineWhenNothingIsWrong) {
    EXPECT_EQ(verdict(saved_), "");
}

TEST_F(WronglyWritten, HashesAreNoticed) {
    PartitionSaved saved = saved_;
    saved.facts_hash ^= 1;
    EXPECT_EQ(verdict(saved), ": partition 0: hash of the facts does not agree");
    saved = saved_;
    saved.states_hash ^= 1;
    EXPECT_EQ(verdict(saved), ": partition 0: hash of the states does not agree");
}

TEST_F(WronglyWritten, CountsAreNoticed) {
    PartitionSaved saved = saved_;
    saved.rows += 1;
    EXPECT_EQ(verdict(saved), ": index does not add up for partition 0");
    saved = saved_;
    saved.entries += 1;
    EXPECT_NE(verdict(saved).find("ledger entries are missing"), std::string::npos);
}

TEST_F(WronglyWritten, CustomersInTheWrongPartitionAreNoticed) {
    saved_.partition = 1;
    EXPECT_EQ(verdict(saved_, 1), ": partition 1: customers of another partition");
}

class Places : public testing::Test {
  protected:
    static layout::Place place(std::uint32_t tag, std::uint32_t partition, std::uint64_t offset) {
        layout::Place p;
        p.tag = tag;
        p.partition = partition;
        p.offset = offset;
        p.length = 100;
        return p;
    }
    static constexpr std::uint32_t kBlock = snapshot_columns::kBlockTag;
    static constexpr std::uint32_t kClosing = layout::kClosingTag;
    bool fit() const { return layout::check_places(places_, 2, 348).has_value(); }
    std::vector<layout::Place> places_{
        place(kBlock, 1, 48), place(kClosing, 0, 148), place(kClosing, 1, 248)
    };
};

TEST_F(Places, FitWhenTheyFillTheFile) {
    EXPECT_TRUE(fit());
}
TEST_F(Places, MayLeaveNoGapAndNotOverlap) {
    places_[1].offset += 8;
    EXPECT_FALSE(fit());
    places_[1].offset -= 16;
    EXPECT_FALSE(fit());
}
TEST_F(Places, EndWhereTheIndexBegins) {
    places_[2].length += 8;
    EXPECT_FALSE(fit());
    places_[2].length -= 16;
    EXPECT_FALSE(fit());
    places_[2].length = ~0ull;
    EXPECT_FALSE(fit());
}
TEST_F(Places, AreOfKnownKindsAndPartitions) {
    places_[0].tag = layout::kIndexTag;
    EXPECT_FALSE(fit());
    places_[0].tag = kBlock;
    places_[0].partition = 2;
    EXPECT_FALSE(fit());
}
TEST_F(Places, CloseEveryPartitionOnceBehindItsBlocks) {
    places_[1].partition = 1;
    EXPECT_FALSE(fit());
    places_[1].partition = 0;
    places_[0] = place(kClosing, 1, 48);
    EXPECT_FALSE(fit());
    places_[0] = place(kBlock, 1, 48);
    std::swap(places_[0].tag, places_[2].tag);
    EXPECT_FALSE(fit());
}
TEST_F(Places, AddUpToTheRowsOfTheClosingRecord) {
    places_[0].rows = 5;
    EXPECT_FALSE(fit());
    places_[2].rows = 5;
    EXPECT_TRUE(fit());
}

}  // namespace
}  // namespace patron::store
