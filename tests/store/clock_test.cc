#include "store/clock.h"

#include <chrono>

#include <gtest/gtest.h>

namespace patron::store {
namespace {

TEST(FixedClock, StandsStillUntilItIsSet) {
    FixedClock clock({1'000});
    EXPECT_EQ(clock.now().ms, 1'000);
    EXPECT_EQ(clock.now().ms, 1'000);
    clock.set({500});
    EXPECT_EQ(clock.now().ms, 500);
}

TEST(SystemClock, TellsUnixMilliseconds) {
    using namespace std::chrono;
    const auto system_ms = [] {
        return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
    };
    const std::int64_t before = system_ms();
    const std::int64_t told = SystemClock().now().ms;
    EXPECT_GE(told, before);
    EXPECT_LE(told, system_ms());
}

}  // namespace
}  // namespace patron::store
