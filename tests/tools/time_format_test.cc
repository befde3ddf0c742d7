#include "tools/patron/time_format.h"

#include <gtest/gtest.h>

#include "server/wire/instant_text.h"

namespace patron::tools {
namespace {

using scoring::DayClock;
using scoring::Instant;

std::optional<Instant> read(
    std::string_view format, std::string_view text, std::string_view zone = "UTC"
) {
    const auto made = TimeFormat::make(format);
    EXPECT_TRUE(made.has_value()) << format;
    return made->parse(text, *DayClock::make(zone));
}

Instant at(std::string_view rfc3339) {
    return *wire::parse_instant(rfc3339);
}

TEST(TimeFormat, ReadsDaysOfTheZone) {
    EXPECT_EQ(read("%Y%m%d", "19970101", "Asia/Shanghai"), at("1997-01-01T00:00:00+08:00"));
    EXPECT_EQ(read("%d.%m.%Y", "1.2.2011"), at("2011-02-01T00:00:00Z"));
    EXPECT_EQ(read("%Y-%j", "2012-366"), at("2012-12-31T00:00:00Z"));
    EXPECT_EQ(read("%d %b %Y", "07 Nov 2011"), at("2011-11-07T00:00:00Z"));
    EXPECT_EQ(read("%B %d, %Y", "february 28, 2011"), at("2011-02-28T00:00:00Z"));
}

TEST(TimeFormat, ReadsTimesOfDay) {
    EXPECT_EQ(read("%m/%d/%y %I:%M %p", "12/01/10 12:26 AM"), at("2010-12-01T00:26:00Z"));
    EXPECT_EQ(
        read("%F %T", "2010-12-01 08:26:05", "Asia/Shanghai"), at("2010-12-01T08:26:05+08:00")
    );
    EXPECT_EQ(read("%F %T.%f%z", "2010-12-01 08:26:05.25+02:00"), at("2010-12-01T06:26:05.250Z"));
    EXPECT_EQ(read("%D %R%z", "12/01/10 08:26-0130"), at("2010-12-01T09:56:00Z"));
}

TEST(TimeFormat, ReadsUnixTimes) {
    EXPECT_EQ(read("unix", "1291191960"), (Instant{1291191960000}));
    EXPECT_EQ(read("unix", "1291191960.25"), (Instant{1291191960250}));
    EXPECT_EQ(read("unix_ms", "-5"), (Instant{-5}));
}

TEST(TimeFormat, FindsOutWhatCannotBeConfused) {
    for (const char* text :
         {"2010-12-01", "2010-12-01 00:00", "2010-12-01T00:00:00", "2010-12-01T00:00:00+08:00"}) {
        EXPECT_EQ(read("auto", text, "Asia/Shanghai"), at("2010-12-01T00:00:00+08:00")) << text;
    }
    EXPECT_EQ(read("auto", "12/01/10"), std::nullopt);
    EXPECT_EQ(read("auto", "19970101"), std::nullopt);
}

TEST(TimeFormat, RefusesWhatDoesNotExistOrDoesNotMatchWhole) {
    EXPECT_EQ(read("%Y%m%d", "19970230"), std::nullopt);
    EXPECT_EQ(read("%Y%m%d", "199701011"), std::nullopt);
    EXPECT_EQ(read("%Y-%m-%d", "997-01-01"), std::nullopt);
    EXPECT_EQ(read("%F %T", "2010-12-01 24:00:00"), std::nullopt);
    EXPECT_EQ(read("%Y-%j", "2011-366"), std::nullopt);
    EXPECT_EQ(read("unix_ms", "99999999999999999"), std::nullopt);
}

TEST(TimeFormat, RefusesPatternsThatSayNoDay) {
    EXPECT_FALSE(TimeFormat::make("%H:%M").has_value());
    EXPECT_FALSE(TimeFormat::make("%Q").has_value());
    EXPECT_FALSE(TimeFormat::make("%Y-%").has_value());
    EXPECT_FALSE(TimeFormat::make("").has_value());
}

TEST(FromLocal, FollowsClockJumps) {
    const auto berlin = *DayClock::make("Europe/Berlin");
    const auto local = [&](std::string_view text) {
        return berlin.from_local(at(text).ms);
    };
    EXPECT_EQ(local("2011-01-10T12:00:00Z"), at("2011-01-10T12:00:00+01:00"));
    EXPECT_EQ(local("2011-07-10T12:00:00Z"), at("2011-07-10T12:00:00+02:00"));
    EXPECT_EQ(local("2011-03-27T01:59:59Z"), at("2011-03-27T01:59:59+01:00"));
    EXPECT_EQ(local("2011-03-27T02:30:00Z"), at("2011-03-27T03:30:00+02:00")) << "skipped";
    EXPECT_EQ(local("2011-03-27T03:00:00Z"), at("2011-03-27T03:00:00+02:00"));
    EXPECT_EQ(local("2011-10-30T02:30:00Z"), at("2011-10-30T02:30:00+02:00"))
        << "repeated: the first";
    EXPECT_EQ(local("2011-10-30T03:00:00Z"), at("2011-10-30T03:00:00+01:00"));
}

}  // namespace
}  // namespace patron::tools
