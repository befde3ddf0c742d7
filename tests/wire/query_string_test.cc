#include "server/wire/query_string.h"

#include <array>
#include <string>

#include <gtest/gtest.h>

namespace patron::wire {
namespace {

using store::FaultCode;

std::optional<std::string> segment(std::string_view text, std::size_t room_bytes = 128) {
    std::array<char, 512> room{};
    const auto decoded = decode_segment(text, std::span(room).first(room_bytes));
    return decoded ? std::optional<std::string>(*decoded) : std::nullopt;
}

QueryString parsed(std::string_view query) {
    auto result = QueryString::parse(query, {"a", "b", "at", "n"});
    EXPECT_TRUE(result.has_value()) << query;
    return result.value_or(QueryString());
}

std::string refused_name(std::string_view query) {
    const auto result = QueryString::parse(query, {"a", "b"});
    EXPECT_FALSE(result.has_value()) << query;
    if (result) {
        return "accepted";
    }
    EXPECT_EQ(result.error().code, FaultCode::BadParameter);
    return result.error().field;
}

TEST(DecodeSegment, ResolvesEscapesAndNothingElse) {
    EXPECT_EQ(segment("C42"), "C42");
    EXPECT_EQ(segment("a%20b%2Fc%2f"), "a b/c/");
    EXPECT_EQ(segment("a+b"), "a+b");
    EXPECT_EQ(segment("%e5%ae%A2"), "客");
}

TEST(DecodeSegment, RefusesBrokenEscapes) {
    for (const std::string_view text : {"%", "a%2", "%g0", "%0g", "%%41", "a%"}) {
        EXPECT_EQ(segment(text), std::nullopt) << text;
    }
}

TEST(DecodeSegment, RefusesWhatDoesNotFitTheRoom) {
    EXPECT_EQ(segment("%41%42", 2), "AB");
    EXPECT_EQ(segment("%41%42%43", 2), std::nullopt);
    EXPECT_EQ(segment(std::string(10'000, 'a') + "%41"), std::nullopt);
}

TEST(QueryString, FindsNamesAndValues) {
    const QueryString query = parsed("a=1&b=x%26y+z");
    EXPECT_EQ(query.find("a"), "1");
    EXPECT_EQ(query.find("b"), "x&y z");
    EXPECT_EQ(query.find("n"), std::nullopt);
    EXPECT_EQ(parsed("a").find("a"), "");
    EXPECT_EQ(parsed("a=b=c").find("a"), "b=c");
    EXPECT_TRUE(parsed("").empty());
}

TEST(QueryString, RefusesUnknownRepeatedAndBrokenParameters) {
    EXPECT_EQ(refused_name("c=1"), "c");
    EXPECT_EQ(refused_name("a=1&a=2"), "a");
    EXPECT_EQ(refused_name("a=%4"), "a");
    EXPECT_EQ(refused_name("a=%ff"), "a");
    EXPECT_EQ(refused_name("a=%00"), "a");
    EXPECT_EQ(refused_name("a=1&&b=2"), "");
    EXPECT_EQ(refused_name("%zz=1"), "");
}

TEST(QueryString, ReadsInstants) {
    EXPECT_EQ(parsed("at=1000").instant("at")->value().ms, 1000);
    EXPECT_EQ(parsed("at=1970-01-01T00:00:01Z").instant("at")->value().ms, 1000);
    EXPECT_EQ(parsed("at=1970-01-01T08:00:01%2B08:00").instant("at")->value().ms, 1000);
    EXPECT_EQ(parsed("at=1970-01-01T08:00:01+08:00").instant("at")->value().ms, 1000);
    EXPECT_EQ(parsed("").instant("at")->has_value(), false);
    EXPECT_FALSE(parsed("at=yesterday").instant("at").has_value());
    EXPECT_FALSE(parsed("at=").instant("at").has_value());
}

TEST(QueryString, ReadsCounts) {
    EXPECT_EQ(parsed("n=17").count("n", 17)->value(), 17U);
    for (const std::string_view query : {"n=18", "n=-1", "n=1x", "n=", "n=99999999999999999999"}) {
        EXPECT_FALSE(parsed(query).count("n", 17).has_value()) << query;
    }
}

TEST(QueryString, ReadsChoicesAndListsOfThem) {
    constexpr std::array<std::string_view, 3> kNames{"low", "medium", "high"};
    EXPECT_EQ(parsed("a=high").choice("a", kNames)->value(), 2U);
    EXPECT_FALSE(parsed("a=HIGH").choice("a", kNames).has_value());
    EXPECT_EQ(parsed("a=low,high").choices("a", kNames), 5U);
    EXPECT_EQ(parsed("b=1").choices("a", kNames), 0U);
    for (const std::string_view query : {"a=", "a=low,", "a=low,none"}) {
        EXPECT_FALSE(parsed(query).choices("a", kNames).has_value()) << query;
    }
}

TEST(QueryString, AListIsSplitBeforeItsEscapesAreResolved) {
    using Texts = std::vector<std::string>;
    const auto list = [](std::string_view query) {
        return parsed(query).list("a").value_or(Texts{"refused"});
    };
    EXPECT_EQ(list(""), Texts{});
    EXPECT_EQ(list("a=x"), Texts{"x"});
    EXPECT_EQ(list("a=x,y+z,x"), (Texts{"x", "y z", "x"}));
    EXPECT_EQ(list("a=x%2Cy,%E5%AE%A2"), (Texts{"x,y", "客"}));
    for (const char* query : {"a", "a=", "a=,", "a=x,", "a=,x", "a=x,,y"}) {
        const auto refused = parsed(query).list("a");
        ASSERT_FALSE(refused.has_value()) << query;
        EXPECT_EQ(refused.error().field, "a");
    }
    // Whole it is UTF-8, its parts are not.
    EXPECT_FALSE(QueryString::parse("a=%E5,%AE%A2", {"a"}).has_value());
}

}  // namespace
}  // namespace patron::wire
