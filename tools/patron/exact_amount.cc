#include "tools/patron/exact_amount.h"

#include <algorithm>

namespace patron::tools {
namespace {

constexpr Int128 power_of_ten(int n) {
    Int128 value = 1;
    for (int i = 0; i < n; ++i) {
        value *= 10;
    }
    return value;
}

constexpr bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

}  // namespace

std::optional<ExactAmount> ExactAmount::parse(std::string_view text, char decimal_mark) {
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) {
        text.remove_prefix(1);
    }
    const std::size_t mark = std::min(text.find(decimal_mark), text.size());
    std::string_view whole = text.substr(0, mark);
    std::string_view decimals = text.substr(std::min(mark + 1, text.size()));
    if ((whole.empty() && decimals.empty()) || !std::ranges::all_of(whole, is_digit) ||
        !std::ranges::all_of(decimals, is_digit)) {
        return std::nullopt;
    }
    while (whole.starts_with('0')) {
        whole.remove_prefix(1);
    }
    while (decimals.ends_with('0')) {
        decimals.remove_suffix(1);
    }
    if (whole.size() > std::size_t{kIntegerDigitsMax} ||
        decimals.size() > std::size_t{kDecimalsMax}) {
        return std::nullopt;
    }
    Int128 value = 0;
    for (const char c : whole) {
        value = value * 10 + (c - '0');
    }
    for (const char c : decimals) {
        value = value * 10 + (c - '0');
    }
    value *= power_of_ten(kScale - static_cast<int>(decimals.size()));
    return ExactAmount(negative ? -value : value);
}

ExactAmount ExactAmount::product(ExactAmount a, ExactAmount b) {
    constexpr Int128 kUnused = power_of_ten(kScale - kDecimalsMax);
    return ExactAmount((a.value_ / kUnused) * (b.value_ / kUnused));
}

std::optional<ExactAmount> ExactAmount::plus(ExactAmount other) const {
    Int128 sum = 0;
    if (__builtin_add_overflow(value_, other.value_, &sum)) {
        return std::nullopt;
    }
    return ExactAmount(sum);
}

ExactAmount ExactAmount::rounded(int decimals) const {
    const Int128 step = power_of_ten(kScale - std::clamp(decimals, 0, kScale));
    const Int128 size = value_ < 0 ? -value_ : value_;
    const Int128 rest = size % step;
    Int128 quotient = size / step;
    if (rest * 2 > step || (rest * 2 == step && quotient % 2 == 1)) {
        ++quotient;
    }
    return ExactAmount(value_ < 0 ? -quotient * step : quotient * step);
}

std::string ExactAmount::text() const {
    Int128 rest = value_ < 0 ? -value_ : value_;
    std::string reversed;
    for (int place = 0; place < kScale || rest > 0 || place == kScale; ++place) {
        if (place == kScale && !reversed.empty()) {
            reversed += '.';
        }
        const char digit = static_cast<char>('0' + static_cast<int>(rest % 10));
        if (digit != '0' || !reversed.empty() || place >= kScale) {
            reversed += digit;
        }
        rest /= 10;
    }
    if (value_ < 0) {
        reversed += '-';
    }
    std::ranges::reverse(reversed);
    return reversed;
}

}  // namespace patron::tools
