#include "scoring/ticket_table.h"

#include <gtest/gtest.h>

namespace patron::scoring {
namespace {

TEST(TicketTable, FindsEachOfManyAndKeepsTheirOrder) {
    TicketTable table;
    for (std::uint64_t i = 0; i < 5000; ++i) {
        table.of(i * 1024).opened = Instant{static_cast<std::int64_t>(i)};
    }
    for (std::uint64_t i = 0; i < 5000; ++i) {
        EXPECT_EQ(table.of(i * 1024).opened.ms, static_cast<std::int64_t>(i));
        EXPECT_EQ(table.all()[i].key, i * 1024);
    }
    EXPECT_EQ(table.all().size(), 5000u);
}

TEST(TicketTable, ForgetsAllAtClear) {
    TicketTable table;
    for (std::uint64_t i = 0; i < 1000; ++i) {
        table.of(i).resolved = true;
    }
    table.clear();
    EXPECT_TRUE(table.all().empty());
    EXPECT_FALSE(table.of(7).resolved);
    EXPECT_EQ(table.all().size(), 1u);
}

}  // namespace
}  // namespace patron::scoring
