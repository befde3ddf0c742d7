// Calendar days of zones with and without clock changes.

#include "scoring/day_clock.h"

#include <gtest/gtest.h>

namespace patron::scoring {
namespace {

constexpr std::int64_t kMinuteMs = 60'000;

DayClock clock_of(const char* zone) {
    return DayClock::make(zone).value();
}

TEST(DayClock, AnUnknownZoneIsNone) {
    EXPECT_FALSE(DayClock::make("Mars/Olympus_Mons").has_value());
    EXPECT_FALSE(DayClock::make("").has_value());
}

TEST(DayClock, ADayBeginsAtItsFirstMillisecondOfTheZone) {
    const DayClock clock = clock_of("Asia/Shanghai");
    const Instant new_year{1'704'038'400'000};  // 2024-01-01 00:00 +08:00
    EXPECT_EQ(clock.day_of(new_year), 19'723);
    EXPECT_EQ(clock.day_of(Instant{new_year.ms - 1}), 19'722);
    EXPECT_EQ(clock.start_of(19'723), new_year);
    EXPECT_EQ(clock.next_midnight(new_year), plus_days(new_year, 1));
    EXPECT_EQ(clock.next_midnight(Instant{new_year.ms - 1}), new_year);
}

TEST(DayClock, DaysBefore1970CountBackwards) {
    const DayClock clock = clock_of("UTC");
    EXPECT_EQ(clock.day_of(Instant{-1}), -1);
    EXPECT_EQ(clock.day_of(Instant{-kDayMs}), -1);
    EXPECT_EQ(clock.day_of(Instant{-kDayMs - 1}), -2);
    EXPECT_EQ(clock.start_of(-2), Instant{-2 * kDayMs});
}

TEST(DayClock, ClockChangesMakeDaysOf23And25Hours) {
    const DayClock clock = clock_of("Europe/Berlin");
    const Instant spring{1'774'738'800'000};  // 2026-03-29 00:00 +01:00
    const Instant autumn{1'792'879'200'000};  // 2026-10-25 00:00 +02:00
    EXPECT_EQ(clock.start_of(clock.day_of(spring)), spring);
    EXPECT_EQ(clock.next_midnight(spring), plus_ms(spring, 23 * kHourMs));
    EXPECT_EQ(clock.next_midnight(autumn), plus_ms(autumn, 25 * kHourMs));
}

TEST(DayClock, WithinAStretchADayIsTheClocks) {
    for (const char* zone : {"Asia/Shanghai", "Europe/Berlin", "America/St_Johns", "UTC"}) {
        const DayClock clock = clock_of(zone);
        DayClock::Stretch stretch;
        int stretches = 0;
        for (std::int64_t ms = -2'300'000'000'000; ms < 4'200'000'000'000; ms += 3'599'999) {
            const Instant at{ms};
            if (at >= stretch.until) {
                stretch = clock.stretch_of(at);
                ASSERT_GT(stretch.until, at);
                ++stretches;
            }
            ASSERT_EQ(stretch.day_of(at), clock.day_of(at)) << zone << " at " << ms;
        }
        EXPECT_LT(stretches, 500) << zone;
    }
}

TEST(DayClock, ASkippedMidnightBeginsTheDayAtTheJump) {
    const DayClock clock = clock_of("America/Sao_Paulo");
    const Instant jump{1'287'284'400'000};  // 2010-10-17: 00:00 became 01:00
    const Day day = clock.day_of(jump);
    EXPECT_EQ(clock.day_of(Instant{jump.ms - 1}), day - 1);
    EXPECT_EQ(clock.start_of(day), jump);
    EXPECT_EQ(clock.next_midnight(jump), plus_ms(jump, 23 * kHourMs));
}

// Until 2011 St. John's set its clocks back from 00:01 to 23:01 of the day before.
TEST(DayClock, ADayThatHasBegunIsNotLeftAgain) {
    const DayClock clock = clock_of("America/St_Johns");
    const Instant midnight{1'289'097'000'000};  // 2010-11-07 00:00 -02:30
    const Day day = clock.day_of(midnight);
    EXPECT_EQ(clock.day_of(Instant{midnight.ms - 1}), day - 1);
    EXPECT_EQ(clock.start_of(day), midnight);
    for (std::int64_t minute = 0; minute < 25 * 60; ++minute) {
        const Instant t = plus_ms(midnight, minute * kMinuteMs);
        ASSERT_EQ(clock.day_of(t), day) << minute;
        ASSERT_GT(clock.next_midnight(t), t) << minute;
    }
    EXPECT_EQ(clock.next_midnight(midnight), plus_ms(midnight, 25 * kHourMs));
}

TEST(DayClock, ADayThatAZoneLeftOutTakesNoTime) {
    const DayClock clock = clock_of("Pacific/Apia");
    const Instant jump{1'325'239'200'000};  // the end of 2011-12-29
    EXPECT_EQ(clock.day_of(jump), clock.day_of(Instant{jump.ms - 1}) + 2);
    EXPECT_EQ(clock.next_midnight(Instant{jump.ms - 1}), jump);
    EXPECT_EQ(clock.next_midnight(jump), plus_days(jump, 1));
}

TEST(DayClock, DaysRiseAndTheirStartsAreFirstInstants) {
    for (const char* zone :
         {"America/St_Johns",
          "America/Sao_Paulo",
          "Asia/Shanghai",
          "Asia/Gaza",
          "Australia/Lord_Howe",
          "Europe/Berlin",
          "Pacific/Apia",
          "Africa/Cairo",
          "Asia/Tehran",
          "America/Havana",
          "Antarctica/Troll"}) {
        SCOPED_TRACE(zone);
        const DayClock clock = clock_of(zone);
        const Instant end{1'798'761'600'000};  // 2027-01-01
        Instant t = clock.start_of(clock.day_of(Instant{0}));
        while (t < end) {
            const Instant next = clock.next_midnight(t);
            ASSERT_GT(next, t);
            ASSERT_GT(clock.day_of(next), clock.day_of(t)) << t.ms;
            ASSERT_EQ(clock.day_of(Instant{next.ms - 1}), clock.day_of(t)) << t.ms;
            ASSERT_EQ(clock.start_of(clock.day_of(next)), next) << t.ms;
            t = next;
        }
    }
}

}  // namespace
}  // namespace patron::scoring
