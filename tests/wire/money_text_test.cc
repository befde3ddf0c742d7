#include "server/wire/money_text.h"

#include <limits>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "tests/support/seed.h"

namespace patron::wire {
namespace {

using scoring::kMoneyMax;
using scoring::Money;
using store::FaultCode;

std::string printed(std::int64_t minor, int digits) {
    ByteWriter out(1);
    append_money(out, Money{minor}, digits);
    return std::string(out.view());
}

TEST(ParseMoney, ReadsTheDigitsOfTheText) {
    EXPECT_EQ(parse_money("1200.50", 2), Money{120'050});
    EXPECT_EQ(parse_money("1200", 2), Money{120'000});
    EXPECT_EQ(parse_money("0.07", 2), Money{7});
    EXPECT_EQ(parse_money("-0.07", 2), Money{-7});
    EXPECT_EQ(parse_money("0", 2), Money{0});
    EXPECT_EQ(parse_money("-0", 2), Money{0});
    EXPECT_EQ(parse_money("1500", 0), Money{1'500});
    EXPECT_EQ(parse_money("1.234", 3), Money{1'234});
    EXPECT_EQ(parse_money("70368744177.66", 2), Money{7'036'874'417'766});
}

TEST(ParseMoney, AcceptsZerosBeyondTheCurrencysDecimals) {
    EXPECT_EQ(parse_money("1.100", 2), Money{110});
    EXPECT_EQ(parse_money("5.000000000000000000000000000000", 0), Money{5});
    EXPECT_EQ(parse_money("1.001", 2).error(), FaultCode::AmountPrecision);
    EXPECT_EQ(parse_money("1.5", 0).error(), FaultCode::AmountPrecision);
    EXPECT_EQ(parse_money("0.00000000000000000000000001", 2).error(), FaultCode::AmountPrecision);
    EXPECT_EQ(parse_money("1.23456789012345678901234567", 2).error(), FaultCode::AmountPrecision);
}

TEST(ParseMoney, AcceptsExponentsWhereTheValueIsExact) {
    EXPECT_EQ(parse_money("1e3", 2), Money{100'000});
    EXPECT_EQ(parse_money("12E-1", 2), Money{120});
    EXPECT_EQ(parse_money("1.25e+1", 2), Money{1'250});
    EXPECT_EQ(parse_money("12000e-4", 2), Money{120});
    EXPECT_EQ(parse_money("0e999999999999999999999", 2), Money{0});
    EXPECT_EQ(parse_money("1e-3", 2).error(), FaultCode::AmountPrecision);
    EXPECT_EQ(parse_money("1e-99999999999999999999", 2).error(), FaultCode::AmountPrecision);
    EXPECT_EQ(parse_money("1e99999999999999999999", 2).error(), FaultCode::AmountRange);
}

TEST(ParseMoney, EndsAtTheLargestAmountAnEventMayCarry) {
    EXPECT_EQ(parse_money(printed(kMoneyMax.minor, 2), 2), kMoneyMax);
    EXPECT_EQ(parse_money(printed(-kMoneyMax.minor, 2), 2), Money{-kMoneyMax.minor});
    for (const std::string& text :
         {printed(kMoneyMax.minor + 1, 2),
          printed(-kMoneyMax.minor - 1, 2),
          std::string("1e12"),
          std::string("123456789012345678901234567890"),
          std::string("9223372036854775808")}) {
        const auto parsed = parse_money(text, 2);
        ASSERT_FALSE(parsed) << text;
        EXPECT_EQ(parsed.error(), FaultCode::AmountRange) << text;
    }
}

TEST(ParseMoney, RefusesWhatIsNoJsonNumber) {
    for (const char* text :
         {"",     "-",   "+1",       "01",    "00",    "-01",   ".5",           "5.",
          "1.",   "1e",  "1e+",      "e5",    "1,000", "1 000", " 1",           "1 ",
          "0x10", "NaN", "Infinity", "1.2.3", "--1",   "1-",    "\xEF\xBC\x91", "12a"}) {
        const auto parsed = parse_money(text, 2);
        ASSERT_FALSE(parsed) << text;
        EXPECT_EQ(parsed.error(), FaultCode::InvalidValue) << text;
        EXPECT_FALSE(is_json_number(text)) << text;
    }
    EXPECT_EQ(parse_money(std::string_view("1\0", 2), 2).error(), FaultCode::InvalidValue);
}

TEST(AppendMoney, PrintsExactlyTheCurrencysDigits) {
    EXPECT_EQ(printed(120'000, 2), "1200.00");
    EXPECT_EQ(printed(5, 2), "0.05");
    EXPECT_EQ(printed(-5, 2), "-0.05");
    EXPECT_EQ(printed(0, 2), "0.00");
    EXPECT_EQ(printed(0, 0), "0");
    EXPECT_EQ(printed(-1'500, 0), "-1500");
    EXPECT_EQ(printed(1, 4), "0.0001");
    EXPECT_EQ(printed(12'345, 3), "12.345");
    EXPECT_EQ(printed(100, 2), "1.00");
}

TEST(AppendMoney, ReadsBackAsTheSameAmount) {
    std::mt19937_64 random(test_seed(1));
    for (int i = 0; i < 50'000; ++i) {
        // Of every magnitude.
        const auto bits = random() % 43;
        const auto size = static_cast<std::int64_t>(random() % (std::uint64_t{2} << bits));
        const Money amount{random() % 2 == 0 ? size : -size};
        const int digits = static_cast<int>(random() % 5);
        const std::string text = printed(amount.minor, digits);
        ASSERT_EQ(parse_money(text, digits), amount) << text;
        // The same value said with an exponent.
        const std::string shifted =
            std::to_string(amount.minor) + "00e-" + std::to_string(digits + 2);
        if (amount.minor != 0) {
            ASSERT_EQ(parse_money(shifted, digits), amount) << shifted;
        }
    }
}

TEST(MoneySum, IsExactBeyondSixtyFourBits) {
    const auto text = [](const MoneySum& sum, int digits) {
        ByteWriter out(1);
        append_money(out, sum, digits);
        return std::string(out.view());
    };
    MoneySum sum;
    EXPECT_EQ(text(sum, 2), "0.00");
    sum.add(Money{-5});
    EXPECT_EQ(text(sum, 2), "-0.05");
    MoneySum large;
    for (int i = 0; i < 4; ++i) {
        large.add(Money{std::numeric_limits<std::int64_t>::max()});
    }
    EXPECT_EQ(text(large, 0), "36893488147419103228");
    EXPECT_EQ(text(large, 2), "368934881474191032.28");
    large.add(large);
    EXPECT_EQ(text(large, 3), "73786976294838206.456");
    MoneySum debts;
    for (int i = 0; i < 2; ++i) {
        debts.add(Money{std::numeric_limits<std::int64_t>::min()});
    }
    EXPECT_EQ(text(debts, 2), "-184467440737095516.16");
}

}  // namespace
}  // namespace patron::wire
