#include "server/wire/money_text.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <optional>
#include <utility>

#include "server/wire/plain_text.h"

namespace patron::wire {
namespace {

using store::FaultCode;

constexpr std::int64_t kExponentMax = 1'000'000'000'000;  // far beyond any text's number of digits

constexpr bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// A number taken apart: value = +-significand * 10^power, the significand without trailing zeros.
struct Decimal {
    bool negative = false;
    bool too_long = false;  // the significand needs more than 18 digits
    std::int64_t significand = 0;
    std::int64_t power = 0;
};

class DecimalScanner {
  public:
    explicit DecimalScanner(std::string_view text)
        : at_(text.data()), end_(text.data() + text.size()) {}

    // False: not a JSON number.
    bool scan(Decimal& out) {
        out.negative = take('-');
        return scan_integer() && scan_fraction() && scan_exponent() && at_ == end_ && finish(out);
    }

  private:
    bool take(char c) {
        const bool there = at_ != end_ && *at_ == c;
        at_ += there ? 1 : 0;
        return there;
    }

    // Zeros wait until a digit follows them, so that trailing ones cost no room in the significand.
    void push(char c) {
        if (c == '0') {
            zeros_ += significand_ != 0 || too_long_ ? 1 : 0;
            return;
        }
        for (; zeros_ >= 0 && !too_long_; --zeros_) {
            too_long_ = significand_ >= kMinorUnitsMax / 10;
            significand_ = too_long_ ? significand_ : significand_ * 10;
        }
        zeros_ = 0;
        significand_ += too_long_ ? 0 : c - '0';
    }

    std::int64_t push_digits() {
        const char* start = at_;
        for (; at_ != end_ && is_digit(*at_); ++at_) {
            push(*at_);
        }
        return at_ - start;
    }

    bool scan_integer() {
        if (take('0')) {
            return true;
        }
        return push_digits() > 0;
    }

    bool scan_fraction() {
        if (!take('.')) {
            return true;
        }
        fraction_digits_ = push_digits();
        return fraction_digits_ > 0;
    }

    bool scan_exponent() {
        if (!take('e') && !take('E')) {
            return true;
        }
        const bool negative = take('-');
        if (!negative) {
            take('+');
        }
        const char* start = at_;
        for (; at_ != end_ && is_digit(*at_); ++at_) {
            exponent_ = std::min(exponent_ * 10 + (*at_ - '0'), kExponentMax);
        }
        const bool any = at_ != start;
        exponent_ = negative ? -exponent_ : exponent_;
        return any;
    }

    bool finish(Decimal& out) const {
        out.too_long = too_long_;
        out.significand = significand_;
        out.power = exponent_ - fraction_digits_ + zeros_;
        return true;
    }

    const char* at_;
    const char* end_;
    std::int64_t significand_ = 0;
    std::int64_t zeros_ = 0;
    std::int64_t fraction_digits_ = 0;
    std::int64_t exponent_ = 0;
    bool too_long_ = false;
};

// An amount as it is usually written, digits and perhaps a point with no more decimals than the
// currency has behind it. Nothing: the scanner above has to say what it is.
std::optional<std::int64_t> parse_plain(std::string_view text, int digits) {
    constexpr std::size_t kPlainBytesMax = 12;  // so that nothing overflows
    const bool zero_in_front = text.size() > 1 && text[0] == '0' && text[1] != '.';
    if (text.empty() || text.size() > kPlainBytesMax || zero_in_front || text[0] == '.') {
        return std::nullopt;
    }
    std::int64_t value = 0;
    std::size_t point = text.size() - 1;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (is_digit(text[i])) {
            value = value * 10 + (text[i] - '0');
        } else if (text[i] == '.' && point == text.size() - 1 && i < point) {
            point = i;
        } else {
            return std::nullopt;
        }
    }
    int missing = digits - static_cast<int>(text.size() - 1 - point);
    if (missing < 0) {
        return std::nullopt;
    }
    for (; missing > 0; --missing) {
        value *= 10;
    }
    return value;
}

// Behind the digits that begin at `from`.
const char* skip_digits(const char* from, const char* end) {
    constexpr std::ptrdiff_t kWord = sizeof(std::uint64_t);
    const char* at = from;
    for (; end - at >= kWord; at += kWord) {
        if (const std::uint64_t others = marks_no_digits(word_at(at)); others != 0) {
            return at + first_byte(others);
        }
    }
    if (at != from) {  // the last word once more: what of it was seen are digits
        const std::uint64_t others = marks_no_digits(word_at(end - kWord));
        return others == 0 ? end : end - kWord + first_byte(others);
    }
    while (at != end && is_digit(*at)) {
        ++at;
    }
    return at;
}

}  // namespace

std::expected<std::int64_t, FaultCode> parse_minor_units(std::string_view text, int digits) {
    if (const auto plain = parse_plain(text, digits)) {
        return *plain;
    }
    Decimal number;
    if (!DecimalScanner(text).scan(number)) {
        return std::unexpected(FaultCode::InvalidValue);
    }
    if (number.significand == 0) {
        return 0;
    }
    std::int64_t power = number.power + digits;
    if (power < 0) {
        return std::unexpected(FaultCode::AmountPrecision);
    }
    if (number.too_long) {
        return std::unexpected(FaultCode::AmountRange);
    }
    std::int64_t value = number.significand;
    for (; power > 0; --power) {
        if (value > kMinorUnitsMax / 10) {
            return std::unexpected(FaultCode::AmountRange);
        }
        value *= 10;
    }
    return number.negative ? -value : value;
}

std::expected<scoring::Money, FaultCode> parse_money(std::string_view text, int digits) {
    const auto minor = parse_minor_units(text, digits);
    if (!minor) {
        return std::unexpected(minor.error());
    }
    if (*minor > scoring::kMoneyMax.minor || *minor < -scoring::kMoneyMax.minor) {
        return std::unexpected(FaultCode::AmountRange);
    }
    return scoring::Money{*minor};
}

void append_money(ByteWriter& out, scoring::Money amount, int digits) {
    constexpr std::size_t kBytesMax = 32;
    if (digits == 0) {
        out.append_int(amount.minor);
        return;
    }
    // The digits of |minor|, with zeros in front until one stands before the point.
    char text[kBytesMax];
    const auto size = amount.minor < 0 ? 0 - static_cast<std::uint64_t>(amount.minor)
                                       : static_cast<std::uint64_t>(amount.minor);
    const auto end = std::to_chars(text, text + kBytesMax, size).ptr;
    const auto length = static_cast<std::size_t>(end - text);
    const auto decimals = static_cast<std::size_t>(digits);
    if (amount.minor < 0) {
        out.append('-');
    }
    if (length > decimals) {
        out.append(std::string_view(text, length - decimals));
        out.append('.');
        out.append(std::string_view(text + length - decimals, decimals));
        return;
    }
    out.append("0.");
    for (std::size_t i = length; i < decimals; ++i) {
        out.append('0');
    }
    out.append(std::string_view(text, length));
}

void append_money(ByteWriter& out, const MoneySum& sum, int digits) {
    const MoneySum::Wide minor = sum.minor();
    if (minor == static_cast<std::int64_t>(minor)) {
        append_money(out, scoring::Money{static_cast<std::int64_t>(minor)}, digits);
        return;
    }
    // More digits than any currency has decimals.
    char text[64];
    char* const end = text + sizeof text;
    char* begin = end;
    for (MoneySum::Wide rest = minor; rest != 0; rest /= 10) {
        const auto digit = static_cast<int>(rest % 10);
        *--begin = static_cast<char>('0' + (digit < 0 ? -digit : digit));
    }
    if (minor < 0) {
        out.append('-');
    }
    out.append(std::string_view(begin, end - digits));
    if (digits != 0) {
        out.append('.');
        out.append(std::string_view(end - digits, end));
    }
}

bool is_json_number(std::string_view text) {
    const char* at = text.data();
    const char* const end = at + text.size();
    const auto take = [&](char c) {
        const bool there = at != end && *at == c;
        at += there ? 1 : 0;
        return there;
    };
    const auto take_digits = [&] {
        const char* const start = std::exchange(at, skip_digits(at, end));
        return at != start;
    };
    take('-');
    if (!take('0') && !take_digits()) {
        return false;
    }
    if (take('.') && !take_digits()) {
        return false;
    }
    if (take('e') || take('E')) {
        if (!take('-')) {
            take('+');
        }
        if (!take_digits()) {
            return false;
        }
    }
    return at == end;
}

}  // namespace patron::wire
