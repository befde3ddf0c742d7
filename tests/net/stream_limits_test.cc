#include "server/net/stream_limits.h"

#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace patron::net {
namespace {

using boost::asio::ip::make_address;
using store::FaultCode;

TEST(StreamLimits, CountsAllAndEach) {
    StreamLimits limits(3, 2);
    auto a = limits.admit(make_address("10.0.0.1"));
    auto b = limits.admit(make_address("::ffff:10.0.0.1"));
    ASSERT_TRUE(a && b);
    EXPECT_EQ(limits.admit(make_address("10.0.0.1")).error().code, FaultCode::TooManyClientStreams);
    auto c = limits.admit(make_address("fe80::1"));
    ASSERT_TRUE(c);
    EXPECT_EQ(limits.admit(make_address("fe80::2")).error().code, FaultCode::TooManyStreams);
    {
        const StreamPlace gone = std::move(*a);
    }
    EXPECT_TRUE(limits.admit(make_address("10.0.0.1")));
}

TEST(StreamLimits, NoneAllowedIsNone) {
    StreamLimits limits(5, 0);
    EXPECT_EQ(limits.admit(make_address("10.0.0.1")).error().code, FaultCode::TooManyClientStreams);
}

TEST(StreamLimits, ManyThreadsCountTogether) {
    StreamLimits limits(1'000, 1'000);
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&limits] {
            for (int i = 0; i < 10'000; ++i) {
                std::vector<StreamPlace> places;
                for (int n = 0; n < 5; ++n) {
                    places.push_back(std::move(*limits.admit(make_address("10.0.0.1"))));
                }
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    std::vector<StreamPlace> places;
    for (int n = 0; n < 1'000; ++n) {
        places.push_back(std::move(*limits.admit(make_address("10.0.0.1"))));
    }
    EXPECT_FALSE(limits.admit(make_address("10.0.0.1")));
}

}  // namespace
}  // namespace patron::net
