#include "scoring/currency.h"

#include <cstdlib>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "tests/support/seed.h"

namespace patron::scoring {
namespace {

constexpr CurrencyCode kUsd{'U', 'S', 'D'};

int digits_of(const char* code) {
    const auto parsed = parse_currency_code(code);
    return parsed ? currency_digits(*parsed).value_or(-1) : -1;
}

TEST(CurrencyDigits, FollowTheStandard) {
    for (const char* code : {"JPY", "KRW", "VND", "CLP", "ISK", "XOF", "UGX"}) {
        EXPECT_EQ(digits_of(code), 0) << code;
    }
    for (const char* code : {"CNY", "USD", "EUR", "GBP", "HKD", "ZWG", "AED"}) {
        EXPECT_EQ(digits_of(code), 2) << code;
    }
    for (const char* code : {"KWD", "BHD", "OMR", "TND", "JOD", "IQD", "LYD"}) {
        EXPECT_EQ(digits_of(code), 3) << code;
    }
    for (const char* code : {"CLF", "UYW"}) {
        EXPECT_EQ(digits_of(code), 4) << code;
    }
}

TEST(CurrencyCode, IsThreeUpperCaseLettersOfTheList) {
    for (const char* text :
         {"", "US", "USDX", "usd", "XYZ", "D A", "DAL", "U D", "RMB", "\xC3\xA4x"}) {
        EXPECT_FALSE(parse_currency_code(text)) << text;
    }
    EXPECT_FALSE(currency_digits({'Q', 'Q', 'Q'}));
}

TEST(ParseRate, KeepsTheDigitsOfTheText) {
    EXPECT_EQ(parse_rate(kUsd, "7.1042"), (ExchangeRate{kUsd, 71042, 4}));
    EXPECT_EQ(parse_rate(kUsd, "7"), (ExchangeRate{kUsd, 7, 0}));
    EXPECT_EQ(parse_rate(kUsd, "7.10"), (ExchangeRate{kUsd, 71, 1}));
    EXPECT_EQ(parse_rate(kUsd, "0.0047"), (ExchangeRate{kUsd, 47, 4}));
    EXPECT_EQ(parse_rate(kUsd, "0.000000000000001"), (ExchangeRate{kUsd, 1, 15}));
    EXPECT_EQ(parse_rate(kUsd, "999999999999999"), (ExchangeRate{kUsd, kRateNumeratorMax, 0}));
}

TEST(ParseRate, RefusesWhatIsNoRate) {
    for (const char* text :
         {"",
          "0",
          "0.00",
          "-1",
          "+1",
          "1e3",
          ".5",
          "5.",
          "1.2.3",
          " 1",
          "1 ",
          "1,5",
          "nan",
          "0.0000000000000001",
          "1000000000000000",
          "1.000000000000000000000"}) {
        EXPECT_FALSE(parse_rate(kUsd, text)) << text;
    }
}

TEST(CurrencyTable, FindsARateByItsCode) {
    const CurrencyTable table{{'C', 'N', 'Y'}, 2, {*parse_rate(kUsd, "7.1")}};
    ASSERT_NE(table.find(kUsd), nullptr);
    EXPECT_EQ(table.find(kUsd)->numerator, 71);
    EXPECT_EQ(table.find({'E', 'U', 'R'}), nullptr);
}

std::optional<Money> convert(std::int64_t minor, int digits, const char* rate, int base_digits) {
    return to_base(minor, digits, *parse_rate(kUsd, rate), base_digits);
}

TEST(ToBase, ChangesTheNumberOfDigits) {
    EXPECT_EQ(convert(12'345, 2, "7.1042", 2), Money{87'701});  // 87701.349
    EXPECT_EQ(convert(1'000, 0, "0.047", 2), Money{4'700});     // 1000 yen
    EXPECT_EQ(convert(1'500, 3, "23", 2), Money{3'450});        // 1.500 dinar
    EXPECT_EQ(convert(12'345, 2, "150.25", 0), Money{18'548});  // into yen: 18548.3625
    EXPECT_EQ(convert(0, 2, "7", 2), Money{0});
}

TEST(ToBase, RoundsTiesToTheEvenUnit) {
    EXPECT_EQ(convert(1, 2, "0.5", 2), Money{0});
    EXPECT_EQ(convert(3, 2, "0.5", 2), Money{2});
    EXPECT_EQ(convert(5, 2, "0.5", 2), Money{2});
    EXPECT_EQ(convert(-1, 2, "0.5", 2), Money{0});
    EXPECT_EQ(convert(-3, 2, "0.5", 2), Money{-2});
    EXPECT_EQ(convert(1, 2, "0.500000000000001", 2), Money{1});
    EXPECT_EQ(convert(1, 2, "1.49999999999999", 2), Money{1});
}

TEST(ToBase, RefusesWhatNoEventMayCarry) {
    const std::int64_t most = kMoneyMax.minor;
    EXPECT_EQ(convert(most, 2, "1", 2), kMoneyMax);
    EXPECT_EQ(convert(-most, 2, "1", 2), Money{-most});
    EXPECT_FALSE(convert(most + 1, 2, "1", 2));
    EXPECT_FALSE(convert(-most - 1, 2, "1", 2));
    EXPECT_FALSE(convert(std::numeric_limits<std::int64_t>::max(), 0, "999999999999999", 4));
    EXPECT_FALSE(convert(std::numeric_limits<std::int64_t>::min(), 0, "999999999999999", 4));
    EXPECT_EQ(
        convert(std::numeric_limits<std::int64_t>::max(), 4, "0.000000000000001", 0), Money{1}
    );
}

// Compared with long division on decimal digits, done without wide integers.
TEST(ToBase, IsTheNearestAmount) {
    std::mt19937_64 random(test_seed(1));
    for (int i = 0; i < 20'000; ++i) {
        const auto minor = static_cast<std::int64_t>(random() % 2'000'001) - 1'000'000;
        const int scale = static_cast<int>(random() % 7);
        const auto numerator = static_cast<std::int64_t>(random() % 999'999) + 1;
        const ExchangeRate rate{kUsd, numerator, scale};
        const auto base = to_base(minor, 2, rate, 2);
        std::int64_t divisor = 1;
        for (int k = 0; k < scale; ++k) {
            divisor *= 10;
        }
        const std::int64_t product = minor * numerator;  // below 10^12
        if (!base) {
            EXPECT_GT(std::abs(product / divisor), kMoneyMax.minor - 1);
            continue;
        }
        const std::int64_t twice_error = 2 * std::abs(product - base->minor * divisor);
        EXPECT_LE(twice_error, divisor) << minor << " * " << numerator << " e-" << scale;
        EXPECT_TRUE(twice_error < divisor || base->minor % 2 == 0);
    }
}

}  // namespace
}  // namespace patron::scoring
