#include "server/wire/instant_text.h"

#include <chrono>
#include <cstdio>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "tests/support/seed.h"

namespace patron::wire {
namespace {

using scoring::Instant;

std::string printed(Instant t) {
    ByteWriter out(1);
    append_instant(out, t);
    return std::string(out.view());
}

TEST(ParseInstant, ReadsOffsetsFractionsAndEitherCase) {
    constexpr Instant kExpected{1'795'270'621'123};
    for (const char* text :
         {"2026-11-21T22:17:01.123+08:00",
          "2026-11-21T14:17:01.123Z",
          "2026-11-21t14:17:01.123z",
          "2026-11-21T14:17:01.123-00:00",
          "2026-11-21T14:17:01.123456789Z",
          "2026-11-21T14:17:01.1239Z",
          "2026-11-20T14:18:01.123-23:59",
          "2026-11-22T14:16:01.123+23:59"}) {
        EXPECT_EQ(parse_instant(text), kExpected) << text;
    }
    EXPECT_EQ(parse_instant("1970-01-01T00:00:00Z"), Instant{0});
    EXPECT_EQ(parse_instant("1969-12-31T23:59:59.9Z"), Instant{-100});
    EXPECT_EQ(parse_instant("1970-01-01T00:00:00.5Z"), Instant{500});
    EXPECT_EQ(parse_instant("1970-01-01T00:00:00.0009Z"), Instant{0});
}

TEST(ParseInstant, RefusesTimesThatDoNotExist) {
    for (const char* text :
         {"2026-02-30T00:00:00Z",
          "2025-02-29T00:00:00Z",
          "2100-02-29T00:00:00Z",
          "2026-13-01T00:00:00Z",
          "2026-00-01T00:00:00Z",
          "2026-01-00T00:00:00Z",
          "2026-04-31T00:00:00Z",
          "2026-01-01T24:00:00Z",
          "2026-01-01T24:00:01Z",
          "2026-01-01T00:60:00Z",
          "2026-01-01T00:00:61Z",
          "2026-01-01T00:00:00+24:00",
          "2026-01-01T00:00:00+08:60",
          "2026-01-01T00:00:00-99:00"}) {
        EXPECT_FALSE(parse_instant(text)) << text;
    }
    EXPECT_TRUE(parse_instant("2024-02-29T00:00:00Z"));
    EXPECT_TRUE(parse_instant("2000-02-29T23:59:59Z"));
}

TEST(ParseInstant, RefusesOtherShapes) {
    for (const char* text :
         {"",
          "2026",
          "2026-11-21",
          "2026-11-21T14:17Z",
          "2026-11-21T14:17:01",
          "2026-11-21 14:17:01Z",
          "2026-11-21T14:17:01.Z",
          "2026-11-21T14:17:01.1234567890Z",
          "2026-11-21T14:17:01,5Z",
          "2026-11-21T14:17:01+0800",
          "2026-11-21T14:17:01+08",
          "2026-11-21T14:17:01+8:00",
          "2026-11-21T14:17:01Z ",
          " 2026-11-21T14:17:01Z",
          "2026-11-21T14:17:01ZZ",
          "26-11-21T14:17:01Z",
          "2026/11/21T14:17:01Z",
          "2026-11-21T14.17.01Z",
          "+026-11-21T14:17:01Z",
          "2026-1a-21T14:17:01Z",
          "2026-11-21T-4:17:01Z",
          "2026-11-21T14:17:01UTC",
          "2026-11-21T14:17:01.1"}) {
        EXPECT_FALSE(parse_instant(text)) << text;
    }
}

TEST(ParseInstant, TakesALeapSecondAsTheLastMillisecondBeforeMidnightUtc) {
    const auto last_ms = parse_instant("2016-12-31T23:59:59.999Z");
    EXPECT_EQ(parse_instant("2016-12-31T23:59:60Z"), last_ms);
    EXPECT_EQ(parse_instant("2017-01-01T07:59:60.7+08:00"), last_ms);
    EXPECT_FALSE(parse_instant("2016-12-31T23:58:60Z"));
    EXPECT_FALSE(parse_instant("2016-12-31T23:59:60+08:00"));
}

TEST(ParseInstant, EndsAtTheYears1900And2999) {
    EXPECT_EQ(parse_instant("1900-01-01T00:00:00Z"), kInstantMin);
    EXPECT_EQ(parse_instant("2999-12-31T23:59:59.999Z"), kInstantMax);
    EXPECT_FALSE(parse_instant("1899-12-31T23:59:59.999Z"));
    EXPECT_FALSE(parse_instant("3000-01-01T00:00:00Z"));
    EXPECT_FALSE(parse_instant("1900-01-01T00:00:00+00:01"));
    EXPECT_EQ(parse_instant("3000-01-01T00:00:00+00:01"), Instant{kInstantMax.ms - 59'999});
}

TEST(ParseInstantMs, TakesIntegersOfTheSameRange) {
    EXPECT_EQ(parse_instant_ms("1795270621123"), Instant{1'795'270'621'123});
    EXPECT_EQ(parse_instant_ms("-1"), Instant{-1});
    EXPECT_EQ(parse_instant_ms("-2208988800000"), kInstantMin);
    EXPECT_EQ(parse_instant_ms("32503679999999"), kInstantMax);
    for (const char* text :
         {"",
          "-",
          "+1",
          "1.0",
          "1e3",
          " 1",
          "1 ",
          "-2208988800001",
          "32503680000000",
          "9223372036854775808",
          "x"}) {
        EXPECT_FALSE(parse_instant_ms(text)) << text;
    }
}

TEST(CalendarDate, IsADayThatExists) {
    for (const char* text : {"1900-01-01", "2024-02-29", "2999-12-31"}) {
        EXPECT_TRUE(is_calendar_date(text)) << text;
    }
    for (const char* text :
         {"",
          "1899-12-31",
          "3000-01-01",
          "2023-02-29",
          "2024-2-29",
          "2024-02-29T",
          "2024/02/29",
          "20240229",
          "2024-02-3x"}) {
        EXPECT_FALSE(is_calendar_date(text)) << text;
    }
}

TEST(AppendInstant, LeavesOutMillisecondsThatAreZero) {
    EXPECT_EQ(printed(Instant{1'795'270'621'123}), "2026-11-21T14:17:01.123Z");
    EXPECT_EQ(printed(Instant{1'795'270'621'000}), "2026-11-21T14:17:01Z");
    EXPECT_EQ(printed(Instant{-1}), "1969-12-31T23:59:59.999Z");
    EXPECT_EQ(printed(kInstantMin), "1900-01-01T00:00:00Z");
    EXPECT_EQ(printed(scoring::kNever), printed(kInstantMax));
    EXPECT_EQ(printed(scoring::kLongAgo), printed(kInstantMin));
}

TEST(AppendInstant, ReadsBackAsTheSameInstantUnderAnyOffset) {
    std::mt19937_64 random(test_seed(1));
    // Inside by a day, so that every offset stays in range.
    std::uniform_int_distribution<std::int64_t> instants(
        kInstantMin.ms + scoring::kDayMs, kInstantMax.ms - scoring::kDayMs
    );
    std::uniform_int_distribution<int> offsets(-(24 * 60 - 1), 24 * 60 - 1);
    for (int i = 0; i < 50'000; ++i) {
        const Instant t{instants(random)};
        ASSERT_EQ(parse_instant(printed(t)), t);

        const int minutes = offsets(random);
        std::string local = printed(Instant{t.ms + minutes * 60'000});
        local.pop_back();
        char offset[16];
        std::snprintf(
            offset,
            sizeof(offset),
            "%c%02d:%02d",
            minutes < 0 ? '-' : '+',
            std::abs(minutes) / 60,
            std::abs(minutes) % 60
        );
        ASSERT_EQ(parse_instant(local + offset), t) << local << offset;
    }
}

}  // namespace
}  // namespace patron::wire
