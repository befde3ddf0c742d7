#include "tools/patron/exact_amount.h"

#include <gtest/gtest.h>

namespace patron::tools {
namespace {

std::string text_of(std::string_view text, char mark = '.') {
    const auto amount = ExactAmount::parse(text, mark);
    return amount ? amount->text() : "none";
}

std::string product(std::string_view a, std::string_view b) {
    return ExactAmount::product(*ExactAmount::parse(a, '.'), *ExactAmount::parse(b, '.')).text();
}

std::string rounded(std::string_view text, int decimals) {
    return ExactAmount::parse(text, '.')->rounded(decimals).text();
}

TEST(ExactAmount, ReadsAndPrintsDecimals) {
    EXPECT_EQ(text_of("15.30"), "15.3");
    EXPECT_EQ(text_of("-0.001"), "-0.001");
    EXPECT_EQ(text_of("+007"), "7");
    EXPECT_EQ(text_of(".5"), "0.5");
    EXPECT_EQ(text_of("0.000"), "0");
    EXPECT_EQ(text_of("100"), "100");
    EXPECT_EQ(text_of("1,5", ','), "1.5");
    EXPECT_EQ(text_of("999999999999.999999"), "999999999999.999999");
}

TEST(ExactAmount, RefusesWhatIsNoAmount) {
    for (const char* text :
         {"", ".", "-", "1e3", "1,5", "1.2.3", " 1", "0x1", "1234567890123", "0.1234567"}) {
        EXPECT_EQ(text_of(text), "none") << text;
    }
}

TEST(ExactAmount, MultipliesAndAddsWithoutRounding) {
    EXPECT_EQ(product("6", "2.55"), "15.3");
    EXPECT_EQ(product("-12", "0.001"), "-0.012");
    EXPECT_EQ(product("0.000001", "0.000001"), "0.000000000001");
    EXPECT_EQ(product("999999999999", "999999999999"), "999999999998000000000001");
    auto sum = *ExactAmount::parse("0", '.');
    for (int i = 0; i < 10; ++i) {
        sum = *sum.plus(*ExactAmount::parse("0.1", '.'));
    }
    EXPECT_EQ(sum.text(), "1");
}

TEST(ExactAmount, RoundsHalfToEvenOnlyWhenAsked) {
    EXPECT_EQ(rounded("2.345", 2), "2.34");
    EXPECT_EQ(rounded("2.355", 2), "2.36");
    EXPECT_EQ(rounded("2.3451", 2), "2.35");
    EXPECT_EQ(rounded("-2.355", 2), "-2.36");
    EXPECT_EQ(rounded("0.005", 2), "0");
    EXPECT_EQ(rounded("2.5", 0), "2");
}

}  // namespace
}  // namespace patron::tools
