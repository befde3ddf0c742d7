#include "tools/patron/stream_query.h"

#include <gtest/gtest.h>

namespace patron::tools {
namespace {

using Words = std::vector<std::string>;

TEST(StreamQuery, SaysNothingOfWhatWasNotGiven) {
    EXPECT_EQ(stream_target({}), "/v1/stream");
}

TEST(StreamQuery, NamesEveryParameter) {
    StreamWish wish;
    wish.topics = {"tier", "risk_band"};
    wish.tiers = {"gold"};
    wish.bands = {"high"};
    wish.lifecycles = {"at_risk"};
    wish.customers = {"A", "B"};
    wish.regions = {"r"};
    wish.industries = {"i"};
    wish.owners = {"o"};
    wish.tags = {"t"};
    wish.min_risk_change = 0.1;
    wish.snapshot = true;
    wish.cursor = "00000000000000ff:12";
    wish.stats_ms = 500;
    EXPECT_EQ(
        stream_target(wish),
        "/v1/stream?topics=tier,risk_band&tier=gold&band=high&lifecycle=at_risk&customer=A,B"
        "&region=r&industry=i&owner=o&tag=t&min_risk_change=0.1&snapshot=true"
        "&cursor=00000000000000ff%3A12&stats_ms=500"
    );
}

TEST(StreamQuery, EscapesWhatWouldMeanSomethingElse) {
    StreamWish wish;
    wish.customers = {"a,b", "c&d=e", "f g+h%", "\xE5\xAE\xA2", "~-_.9Z"};
    EXPECT_EQ(
        stream_target(wish), "/v1/stream?customer=a%2Cb,c%26d%3De,f%20g%2Bh%25,%E5%AE%A2,~-_.9Z"
    );
}

TEST(StreamQuery, WritesNumbersWithoutAnExponent) {
    StreamWish wish;
    wish.min_risk_change = 1e-7;
    EXPECT_EQ(stream_target(wish), "/v1/stream?min_risk_change=0.0000001");
    wish.min_risk_change = 0;
    EXPECT_EQ(stream_target(wish), "/v1/stream?min_risk_change=0");
}

TEST(StreamQuery, SplitsWordsAtCommas) {
    EXPECT_EQ(split_words({}), Words{});
    EXPECT_EQ(split_words({"A,B", "C"}), (Words{"A", "B", "C"}));
    EXPECT_EQ(split_words({",A,,B,", ""}), (Words{"A", "B"}));
    EXPECT_EQ(split_words({"a\\,b,c\\d,e\\"}), (Words{"a,b", "c\\d", "e\\"}));
}

}  // namespace
}  // namespace patron::tools
