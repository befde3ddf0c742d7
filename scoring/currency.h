#pragma once
// Currencies and what one unit of each is worth in the base currency, exactly.
//
// Units      amounts in minor units of the currency named; a rate is numerator / 10^scale base
// units
//            for one foreign unit, as its decimal text says: no double on the way.
// Range      rates are positive, numerator <= kRateNumeratorMax, scale 0..kRateScaleMax; a
// converted
//            amount outside +-kMoneyMax is refused, whatever the foreign amount was.
// Accuracy   128-bit integers, one rounding, half to even.
// Errors     std::nullopt: unknown code, text that is no rate, result out of range.
// Threads    values and pure functions.
// Source     ISO 4217 list one, active codes; funds and metals without minor units are left out.

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "scoring/units.h"

namespace patron::scoring {

using CurrencyCode = std::array<char, 3>;

inline constexpr std::int64_t kRateNumeratorMax = 999'999'999'999'999;
inline constexpr int kRateScaleMax = 15;
inline constexpr int kCurrencyDigitsMax = 4;

// The code in upper case letters as ISO writes it; lower case is not a code.
std::optional<CurrencyCode> parse_currency_code(std::string_view text);

// Decimal digits of the minor unit: JPY 0, CNY 2, KWD 3, CLF 4.
std::optional<int> currency_digits(CurrencyCode code);

constexpr std::string_view currency_text(const CurrencyCode& code) {
    return {code.data(), code.size()};
}

// One unit of `currency` = numerator / 10^scale units of the base currency.
struct ExchangeRate {
    CurrencyCode currency{};
    std::int64_t numerator = 0;
    int scale = 0;
    bool operator==(const ExchangeRate&) const = default;
};

// "7.1042" for USD under CNY: digits with at most one point, no sign, no exponent, greater than
// zero. Trailing zeros of the fraction are dropped, so equal rates compare equal.
std::optional<ExchangeRate> parse_rate(CurrencyCode currency, std::string_view decimal);

struct CurrencyTable {
    CurrencyCode base{'C', 'N', 'Y'};
    int digits = 2;  // of the base currency
    std::vector<ExchangeRate> rates;
    bool operator==(const CurrencyTable&) const = default;

    // The first rate of that currency; none for the base currency itself.
    const ExchangeRate* find(CurrencyCode currency) const;
};

// `minor` units of the rate's currency, which has `minor_digits`, as base money.
std::optional<Money> to_base(
    std::int64_t minor, int minor_digits, const ExchangeRate& rate, int base_digits
);

}  // namespace patron::scoring
