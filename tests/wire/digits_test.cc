#include "server/wire/digits.h"

#include <cmath>
#include <cstdlib>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "tests/support/seed.h"

namespace patron::wire {
namespace {

using scoring::Instant;

template <class Put>
std::string written(Put put) {
    char room[64];
    return {room, static_cast<std::size_t>(put(room) - room)};
}

std::string plain(Instant t) {
    ByteWriter out;
    append_instant(out, t);
    return std::string(out.view());
}

std::string fast(Instant t) {
    return written([t](char* at) { return put_instant(at, t); });
}

TEST(PutInstant, EveryDayOfTheRangeAsThePlainWriterSaysIt) {
    for (std::int64_t ms = kInstantMin.ms; ms <= kInstantMax.ms; ms += scoring::kDayMs) {
        ASSERT_EQ(fast({ms}), plain({ms})) << ms;
    }
}

TEST(PutInstant, RandomInstantsAndTheEndsOfTheRange) {
    std::mt19937_64 random(test_seed(7));
    std::uniform_int_distribution<std::int64_t> any(kInstantMin.ms, kInstantMax.ms);
    for (int i = 0; i < 100'000; ++i) {
        const Instant t{any(random)};
        ASSERT_EQ(fast(t), plain(t)) << t.ms;
    }
    for (const Instant t :
         {kInstantMin, kInstantMax, scoring::kNever, scoring::kLongAgo, Instant{-1}}) {
        EXPECT_EQ(fast(t), plain(t));
    }
}

TEST(PutFixed, FiveDecimalsWithinHalfOfTheLast) {
    EXPECT_EQ(written([](char* at) { return put_fixed5(at, 0); }), "0.00000");
    EXPECT_EQ(written([](char* at) { return put_fixed5(at, 1); }), "1.00000");
    EXPECT_EQ(written([](char* at) { return put_fixed5(at, 0.999996); }), "1.00000");
    EXPECT_EQ(written([](char* at) { return put_fixed5(at, 0.18341); }), "0.18341");
    EXPECT_EQ(written([](char* at) { return put_fixed5(at, 1234.5); }), "1234.50000");
    std::mt19937_64 random(test_seed(8));
    std::uniform_real_distribution<double> any(0, 1);
    for (int i = 0; i < 100'000; ++i) {
        const double value = any(random);
        const std::string text = written([value](char* at) { return put_fixed5(at, value); });
        ASSERT_EQ(text.size(), 7U);
        ASSERT_LE(std::abs(std::atof(text.c_str()) - value), 0.5e-5 + 1e-15) << text;
    }
}

TEST(PutFixed, TwoDecimals) {
    EXPECT_EQ(written([](char* at) { return put_fixed2(at, 0); }), "0.00");
    EXPECT_EQ(written([](char* at) { return put_fixed2(at, 63.2); }), "63.20");
    EXPECT_EQ(written([](char* at) { return put_fixed2(at, 9.999); }), "10.00");
    EXPECT_EQ(written([](char* at) { return put_fixed2(at, 100); }), "100.00");
}

}  // namespace
}  // namespace patron::wire
