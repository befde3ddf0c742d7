#include "store/customer_columns.h"

#include <vector>

#include <gtest/gtest.h>

namespace patron::store {
namespace {

TEST(CustomerColumns, KeepEveryRowWhereItIs) {
    CustomerColumns columns;
    std::vector<const PublishedRecord*> places;
    const std::size_t rows = 3 * kChunkRows + 1;
    for (std::size_t i = 0; i < rows; ++i) {
        const auto row = columns.add_row();
        ASSERT_EQ(row, static_cast<Row>(i));
        columns.attributes(*row) = static_cast<std::uint32_t>(i * 3);
        columns.spend_longest(*row) = Money{static_cast<std::int64_t>(i)};
        places.push_back(&columns.record(*row));
    }
    EXPECT_EQ(columns.rows(), rows);
    for (std::size_t i = 0; i < rows; ++i) {
        const auto row = static_cast<Row>(i);
        EXPECT_EQ(columns.attributes(row), i * 3);
        EXPECT_EQ(columns.spend_longest(row).minor, static_cast<std::int64_t>(i));
        EXPECT_EQ(&columns.record(row), places[i]);
    }
}

TEST(CustomerColumns, ColumnsOfARowDoNotOverlap) {
    CustomerColumns columns;
    for (std::size_t i = 0; i < kChunkRows + 2; ++i) {
        columns.add_row();
    }
    const Row row = static_cast<Row>(kChunkRows - 1);
    columns.log_state(row).tier = 9;
    columns.ledger(row) = {~0u, ~0u};
    columns.attributes(row) = kNoAttributes;
    columns.activity(row) = {1.5, 7};
    for (const Row other : {row - (row > 0 ? 1 : 0), row + 1}) {
        if (other != row) {
            EXPECT_EQ(columns.log_state(other), scoring::State{});
            EXPECT_EQ(columns.ledger(other).size, 0u);
            EXPECT_EQ(columns.activity(other), scoring::Activity{});
        }
    }
    EXPECT_EQ(columns.spend_longest(row), Money{});
    EXPECT_TRUE(columns.record(row).read().id.empty());
}

TEST(CustomerColumns, CountTheBytesOfWholeChunks) {
    CustomerColumns columns;
    EXPECT_EQ(columns.bytes(), 0u);
    columns.add_row();
    const std::size_t one = columns.bytes();
    std::size_t row_bytes = sizeof(PublishedRecord);
    for (const ColumnInfo& column : kCustomerColumns) {
        EXPECT_FALSE(column.meaning.empty());
        row_bytes += column.bytes;
    }
    EXPECT_GE(one, kChunkRows * row_bytes);
    // Each row may end in padding, as each chunk.
    EXPECT_LT(one, kChunkRows * (row_bytes + 8) + 64);
    for (std::size_t i = 1; i <= kChunkRows; ++i) {
        columns.add_row();
    }
    EXPECT_EQ(columns.bytes(), 2 * one);
}

TEST(CustomerColumns, GiveOutNoRowBeyondTheLastChunk) {
    if (kChunkRows > 4) {
        GTEST_SKIP() << "with chunks of " << kChunkRows
                     << " rows the bound lies beyond this machine";
    }
    CustomerColumns columns;
    for (std::size_t i = 0; i < kChunksMax * kChunkRows; ++i) {
        ASSERT_TRUE(columns.add_row().has_value());
    }
    EXPECT_EQ(columns.add_row(), std::nullopt);
    EXPECT_EQ(columns.rows(), kChunksMax * kChunkRows);
}

}  // namespace
}  // namespace patron::store
