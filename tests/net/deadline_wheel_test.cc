#include "server/net/deadline_wheel.h"

#include <chrono>
#include <memory>
#include <vector>

#include <gtest/gtest.h>

namespace patron::net {
namespace {

using namespace std::chrono_literals;

struct Bell final : DeadlineWheel::Entry {
    int rung = 0;
    DeadlineWheel* leave = nullptr;
    void on_deadline() override {
        ++rung;
        if (leave != nullptr) {
            leave->remove(*this);
        }
    }
    void stop_when_idle() override {}
    void close() override {}
};

TEST(DeadlineWheel, FiresOnceAndNeverEarly) {
    DeadlineWheel wheel(10ms);
    Bell bell;
    wheel.add(bell);
    for (const int span : {1, 10, 11, 95}) {
        wheel.arm(bell, wheel.ticks(std::chrono::milliseconds(span)));
        bell.rung = 0;
        // The tick under way may be almost over, so it does not count.
        const int full_ticks = (span + 9) / 10;
        for (int i = 0; i < full_ticks; ++i) {
            wheel.tick();
            EXPECT_EQ(bell.rung, 0) << span;
        }
        for (int i = 0; i < 5; ++i) {
            wheel.tick();
            EXPECT_EQ(bell.rung, 1) << span;
        }
    }
}

TEST(DeadlineWheel, DisarmedEntriesStaySilent) {
    DeadlineWheel wheel(10ms);
    Bell bell;
    wheel.add(bell);
    wheel.arm(bell, wheel.ticks(10ms));
    DeadlineWheel::disarm(bell);
    for (int i = 0; i < 9; ++i) {
        wheel.tick();
    }
    EXPECT_EQ(bell.rung, 0);
}

TEST(DeadlineWheel, EntriesMayLeaveWhenTheyFire) {
    DeadlineWheel wheel(10ms);
    std::vector<std::unique_ptr<Bell>> bells;
    for (int i = 0; i < 5; ++i) {
        bells.push_back(std::make_unique<Bell>());
        bells.back()->leave = i % 2 == 0 ? &wheel : nullptr;
        wheel.add(*bells.back());
        wheel.arm(*bells.back(), wheel.ticks(1ms));
    }
    for (int i = 0; i < 3; ++i) {
        wheel.tick();
    }
    int left = 0;
    wheel.for_each([&](DeadlineWheel::Entry&) { ++left; });
    EXPECT_EQ(left, 2);
    for (const auto& bell : bells) {
        EXPECT_EQ(bell->rung, 1);
    }
    wheel.remove(*bells[1]);
    wheel.remove(*bells[3]);
    EXPECT_TRUE(wheel.empty());
}

}  // namespace
}  // namespace patron::net
