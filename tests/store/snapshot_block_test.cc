#include "store/snapshot_block.h"

#include <cstring>
#include <vector>

#include <gtest/gtest.h>

#include "store/partition_map.h"
#include "store/snapshot_columns.h"
#include "tests/support/random_saved.h"
#include "tests/support/seed.h"

namespace patron::store {
namespace {

using Customers = std::vector<OwnedCustomer>;

Customers made(std::uint64_t seed, std::size_t count) {
    SavedMaker maker(seed);
    Customers out;
    for (std::size_t i = 0; i < count; ++i) {
        out.push_back(maker.customer());
    }
    return out;
}

SnapshotBlock block_of(const Customers& customers, std::uint32_t partition = 7) {
    SnapshotBlock block(partition);
    for (const OwnedCustomer& customer : customers) {
        block.add(customer.view());
    }
    return block;
}

Result<Customers> read(std::string_view bytes, std::uint32_t partition = 7) {
    Customers out;
    auto result = read_snapshot_block(bytes, partition, [&](const SavedCustomer& customer) {
        out.push_back(OwnedCustomer::copy(customer));
    });
    if (!result) {
        EXPECT_TRUE(out.empty()) << "visited before all of it was checked";
        return std::unexpected(result.error());
    }
    return out;
}

// One customer whose block is easy to write wrongly.
OwnedCustomer plain() {
    OwnedCustomer c;
    c.id = "li";
    c.ledger = {
        scoring::make_entry(scoring::EntryKind::Order, {10}, 500, 1),
        scoring::make_entry(scoring::EntryKind::Order, {20}, 500, 2)
    };
    return c;
}

TEST(SnapshotBlock, GivesBackEveryCustomerAsItWas) {
    const std::uint64_t seed = test_seed(20'261'123);
    for (std::uint64_t round = 0; round < 60; ++round) {
        const Customers customers = made(seed + round, round * round / 5);
        const SnapshotBlock block = block_of(customers);
        EXPECT_EQ(block.rows(), customers.size());
        const auto back = read(block.bytes());
        ASSERT_TRUE(back.has_value()) << back.error().detail;
        ASSERT_EQ(*back, customers);
    }
}

TEST(SnapshotBlock, ReadsTheSameFromBytesThatAreNotAligned) {
    const Customers customers = made(test_seed(4), 300);
    const std::string bytes = block_of(customers).bytes();
    EXPECT_EQ(bytes.size() % 8, 0u);
    std::string moved;
    for (std::size_t by = 1; by < 8; ++by) {
        moved.assign(by, '-');
        moved += bytes;
        const auto back = read(std::string_view(moved).substr(by));
        ASSERT_TRUE(back.has_value()) << back.error().detail;
        ASSERT_EQ(*back, customers);
    }
}

TEST(SnapshotBlock, IsFullAtItsRowsOrItsBytes) {
    SnapshotBlock rows(0);
    OwnedCustomer small;
    small.id = "x";
    while (!rows.full()) {
        rows.add(small.view());
    }
    EXPECT_EQ(rows.rows(), kSnapshotBlockRowsMax);
    EXPECT_DEATH(rows.add(small.view()), "full");

    SnapshotBlock bytes(0);
    OwnedCustomer big;
    big.id = "y";
    big.ledger.resize(100'000);
    while (!bytes.full()) {
        bytes.add(big.view());
    }
    EXPECT_EQ(bytes.rows(), 2u);  // 2.4 MB each
    EXPECT_EQ(bytes.entries(), 200'000u);
    EXPECT_TRUE(read(bytes.bytes(), 0).has_value());
}

TEST(SnapshotBlock, TakesNoIdThatCannotBe) {
    SnapshotBlock block(0);
    OwnedCustomer customer;
    EXPECT_DEATH(block.add(customer.view()), "id");
    customer.id.assign(129, 'x');
    EXPECT_DEATH(block.add(customer.view()), "id");
}

TEST(SnapshotBlock, OfAnotherPartitionIsRefused) {
    const auto back = read(block_of({plain()}, 7).bytes(), 8);
    ASSERT_FALSE(back.has_value());
    EXPECT_EQ(back.error().code, FaultCode::DataDamaged);
}

TEST(SnapshotBlock, CutOrLengthenedIsRefused) {
    const std::string bytes = block_of(made(test_seed(5), 10)).bytes();
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        ASSERT_FALSE(read(std::string_view(bytes).substr(0, size)).has_value()) << size;
    }
    EXPECT_FALSE(read(bytes + std::string(8, '\0')).has_value());
}

TEST(SnapshotBlock, EveryFlippedByteIsSeen) {
    const std::string bytes = block_of(made(test_seed(6), 20)).bytes();
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        std::string flipped = bytes;
        flipped[i] = static_cast<char>(flipped[i] ^ (1 << (i % 8)));
        const auto back = read(flipped);
        ASSERT_FALSE(back.has_value()) << i;
        ASSERT_EQ(back.error().code, FaultCode::DataDamaged);
    }
}

// Writes `value` at `offset` of a column and makes its checksum agree.
template <class T>
std::string forged(
    std::string bytes, snapshot_columns::Column column, std::size_t offset, T value
) {
    namespace part = snapshot_part;
    std::size_t at = snapshot_columns::kBlockHeaderBytes;
    for (std::size_t i = 0; i < column; ++i) {
        const std::uint64_t length = part::head_of(std::string_view(bytes).substr(at)).length;
        at += part::kHeadBytes + part::padded(length);
    }
    const std::uint64_t length = part::head_of(std::string_view(bytes).substr(at)).length;
    std::memcpy(bytes.data() + at + part::kHeadBytes + offset, &value, sizeof value);
    const std::uint32_t crc =
        crc32c(std::string_view(bytes).substr(at + 8, part::kHeadBytes - 8 + part::padded(length)));
    std::memcpy(bytes.data() + at + 4, &crc, sizeof crc);
    return bytes;
}

class ForgedBlock : public testing::Test {
  protected:
    template <class T>
    std::string fault(snapshot_columns::Column column, std::size_t offset, T value) {
        const auto back = read(forged(bytes_, column, offset, value));
        return back ? "none" : back.error().detail;
    }
    std::string bytes_ = block_of({plain()}).bytes();
};

TEST_F(ForgedBlock, IsReadWhenTheForgeryIsPossible) {
    EXPECT_EQ(fault(snapshot_columns::kIds, 1, 'L'), "none");
    EXPECT_EQ(fault(snapshot_columns::kStates, 0, std::uint8_t{15}), "none");
}

TEST_F(ForgedBlock, WithImpossibleIdsIsRefused) {
    for (const int size : {0, 1, 3, 129, 255}) {
        EXPECT_EQ(
            fault(snapshot_columns::kIds, 0, static_cast<std::uint8_t>(size)),
            "column of ids is damaged"
        );
    }
}

TEST_F(ForgedBlock, WithUnknownStatesIsRefused) {
    constexpr std::uint8_t kFirstUnknown[] = {16, 16, 4, 7, 5, 1, 1, 1};
    for (std::size_t i = 0; i < std::size(kFirstUnknown); ++i) {
        EXPECT_EQ(
            fault(snapshot_columns::kStates, i, kFirstUnknown[i]), "column of log states is damaged"
        );
    }
}

TEST_F(ForgedBlock, WithImpossibleActivitiesIsRefused) {
    for (const double sum : {-1.0, scoring::kUnknown, 1.0 / 0.0}) {
        EXPECT_EQ(fault(snapshot_columns::kActivities, 0, sum), "column of activities is damaged");
    }
}

TEST_F(ForgedBlock, WithSizesThatDoNotAddUpIsRefused) {
    for (const std::uint32_t size : {0u, 1u, 3u, ~0u}) {
        EXPECT_EQ(fault(snapshot_columns::kSizes, 0, size), "column of ledger sizes is damaged");
    }
}

TEST_F(ForgedBlock, WithUnknownOrUnsortedEntriesIsRefused) {
    const std::string wrong = "column of ledger entries is damaged";
    EXPECT_EQ(fault(snapshot_columns::kEntries, 0, std::int64_t{21}), wrong);
    EXPECT_EQ(fault(snapshot_columns::kEntries, 23, std::uint8_t{20}), wrong);
    EXPECT_EQ(fault(snapshot_columns::kEntries, 22, std::uint8_t{3}), wrong);
}

TEST_F(ForgedBlock, WithAttributesOfNobodyIsRefused) {
    OwnedCustomer customer = plain();
    customer.attributes.emplace();
    bytes_ = block_of({customer}).bytes();
    EXPECT_EQ(fault(snapshot_columns::kAttributes, 0, std::uint32_t{0}), "none");
    const std::string wrong = "column of attributes is damaged";
    EXPECT_EQ(fault(snapshot_columns::kAttributes, 0, std::uint32_t{1}), wrong);
    EXPECT_EQ(fault(snapshot_columns::kAttributes, 4, std::uint16_t{1}), wrong);
}

}  // namespace
}  // namespace patron::store
