#include "server/wire/nearest_name.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace patron::wire {
namespace {

TEST(NearestName, CountsEditsAndSwaps) {
    EXPECT_EQ(edit_distance("", "abc"), 3U);
    EXPECT_EQ(edit_distance("abc", "abc"), 0U);
    EXPECT_EQ(edit_distance("abc", "acb"), 1U);
    EXPECT_EQ(edit_distance("spend_356d", "spend_365d"), 1U);
    EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
}

TEST(NearestName, NothingIsNearAForeignName) {
    const std::vector<std::string> known{"gold", "silver"};
    EXPECT_EQ(nearest_name("glod", known), "gold");
    EXPECT_EQ(nearest_name("platinum", known), std::nullopt);
    EXPECT_EQ(nearest_name(std::string(1000, 'g'), known), std::nullopt);
    EXPECT_EQ(suggestion("sliver", known), " (did you mean \"silver\"?)");
}

}  // namespace
}  // namespace patron::wire
