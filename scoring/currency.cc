#include "scoring/currency.h"

#include <algorithm>
#include <cstddef>

#include "scoring/check.h"

namespace patron::scoring {
namespace {

__extension__ using Wide = __int128;

// Active ISO 4217 codes by the digits of their minor unit. Two digits is the rule, so the table of
// codes is one sorted text and only the exceptions carry a number.
constexpr std::string_view kCodes =
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD "
    "CAD CDF CHF CLF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL "
    "GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF "
    "KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN "
    "MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD "
    "SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH "
    "UGX USD UYI UYU UYW UZS VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG ";
constexpr std::string_view kNoDigits =
    "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF ";
constexpr std::string_view kThreeDigits = "BHD IQD JOD KWD LYD OMR TND ";
constexpr std::string_view kFourDigits = "CLF UYW ";

constexpr std::size_t kStride = 4;  // a code and a space

constexpr bool lists(std::string_view codes, std::string_view code) {
    for (std::size_t at = 0; at < codes.size(); at += kStride) {
        if (codes.substr(at, code.size()) == code) {
            return true;
        }
    }
    return false;
}

constexpr Wide power_of_ten(int exponent) {
    Wide power = 1;
    for (int i = 0; i < exponent; ++i) {
        power *= 10;
    }
    return power;
}

constexpr bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// value / divisor to the nearest integer, ties to the even one.
constexpr Wide divide_half_even(Wide value, Wide divisor) {
    const bool negative = value < 0;
    const Wide size = negative ? -value : value;
    Wide quotient = size / divisor;
    const Wide twice_rest = (size % divisor) * 2;
    if (twice_rest > divisor || (twice_rest == divisor && quotient % 2 == 1)) {
        ++quotient;
    }
    return negative ? -quotient : quotient;
}

void drop_trailing_zeros(ExchangeRate& rate) {
    while (rate.scale > 0 && rate.numerator % 10 == 0) {
        rate.numerator /= 10;
        --rate.scale;
    }
}

}  // namespace

std::optional<CurrencyCode> parse_currency_code(std::string_view text) {
    const bool letters = std::ranges::all_of(text, [](char c) { return c >= 'A' && c <= 'Z'; });
    if (text.size() != 3 || !letters || !lists(kCodes, text)) {
        return std::nullopt;
    }
    return CurrencyCode{text[0], text[1], text[2]};
}

std::optional<int> currency_digits(CurrencyCode code) {
    const std::string_view text = currency_text(code);
    if (!lists(kCodes, text)) {
        return std::nullopt;
    }
    if (lists(kNoDigits, text)) {
        return 0;
    }
    if (lists(kThreeDigits, text)) {
        return 3;
    }
    return lists(kFourDigits, text) ? 4 : 2;
}

std::optional<ExchangeRate> parse_rate(CurrencyCode currency, std::string_view decimal) {
    ExchangeRate rate{currency, 0, 0};
    bool after_point = false;
    std::size_t digits = 0;
    std::size_t digits_before_point = 0;
    for (const char c : decimal) {
        if (c == '.' && !after_point) {
            after_point = true;
            digits_before_point = digits;
            continue;
        }
        if (!is_digit(c) || rate.scale == kRateScaleMax ||
            rate.numerator > (kRateNumeratorMax - (c - '0')) / 10) {
            return std::nullopt;
        }
        rate.numerator = rate.numerator * 10 + (c - '0');
        rate.scale += after_point ? 1 : 0;
        ++digits;
    }
    const bool point_has_neighbours =
        !after_point || (digits_before_point > 0 && digits > digits_before_point);
    if (rate.numerator == 0 || !point_has_neighbours) {
        return std::nullopt;
    }
    drop_trailing_zeros(rate);
    return rate;
}

const ExchangeRate* CurrencyTable::find(CurrencyCode currency) const {
    const auto found = std::ranges::find(rates, currency, &ExchangeRate::currency);
    return found == rates.end() ? nullptr : &*found;
}

// minor * numerator / 10^(minor_digits + scale) * 10^base_digits. The product can need 63 + 50 + 14
// bits, which 127 hold; the foreign amount is bounded nevertheless, by what kMoneyMax allows.
std::optional<Money> to_base(
    std::int64_t minor, int minor_digits, const ExchangeRate& rate, int base_digits
) {
    PATRON_CHECK(minor_digits >= 0 && minor_digits <= kCurrencyDigitsMax);
    PATRON_CHECK(base_digits >= 0 && base_digits <= kCurrencyDigitsMax);
    PATRON_CHECK(rate.numerator > 0 && rate.numerator <= kRateNumeratorMax);
    PATRON_CHECK(rate.scale >= 0 && rate.scale <= kRateScaleMax);
    const Wide product = static_cast<Wide>(minor) * rate.numerator * power_of_ten(base_digits);
    const Wide base = divide_half_even(product, power_of_ten(minor_digits + rate.scale));
    if (base > kMoneyMax.minor || base < -kMoneyMax.minor) {
        return std::nullopt;
    }
    return Money{static_cast<std::int64_t>(base)};
}

}  // namespace patron::scoring
