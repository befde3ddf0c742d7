// Points of a dimension between, on and beyond its breakpoints.

#include "scoring/value_index.h"

#include <vector>

#include <gtest/gtest.h>

#include "scoring/facts.h"

namespace patron::scoring {
namespace {

const std::vector<Breakpoint> kRising{{0, 0}, {100, 50}, {400, 100}};
const std::vector<Breakpoint> kFalling{{0, 100}, {30, 40}, {90, 10}};

TEST(ValueIndex, ABreakpointGivesItsOwnPoints) {
    for (const auto& norm : {kRising, kFalling}) {
        for (const Breakpoint& b : norm) {
            EXPECT_EQ(points(norm, b.at), b.points);
        }
    }
}

TEST(ValueIndex, BetweenBreakpointsPointsLieOnTheLine) {
    EXPECT_EQ(points(kRising, 50), 25);
    EXPECT_EQ(points(kRising, 250), 75);
    EXPECT_EQ(points(kFalling, 60), 25);
}

TEST(ValueIndex, BeyondTheEndsPointsStayFlat) {
    EXPECT_EQ(points(kRising, -1e9), 0);
    EXPECT_EQ(points(kRising, 1e9), 100);
    EXPECT_EQ(points(kFalling, -1), 100);
    EXPECT_EQ(points(kFalling, 91), 10);
}

TEST(ValueIndex, AnUnknownValueGivesTheLeastPoints) {
    EXPECT_EQ(points(kRising, kUnknown), 0);
    EXPECT_EQ(points(kFalling, kUnknown), 10);
}

TEST(ValueIndex, OneBreakpointIsAConstant) {
    const std::vector<Breakpoint> one{{5, 70}};
    EXPECT_EQ(points(one, 4), 70);
    EXPECT_EQ(points(one, 6), 70);
    EXPECT_EQ(points(one, kUnknown), 70);
}

}  // namespace
}  // namespace patron::scoring
