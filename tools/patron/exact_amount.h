#pragma once
// Amounts of a file: decimal text, products and sums of it, exactly.
//
// Shapes     an optional sign, digits, at most one decimal mark ('.' or, asked for, ',').
// Range      kIntegerDigitsMax digits before the mark, kDecimalsMax behind it; trailing zeros are
// free. Accuracy   integers all the way; the only rounding is the one asked for by `rounded`, half
// to even. Errors     std::nullopt: not such a text, or out of range. Threads    values.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace patron::tools {

__extension__ using Int128 = __int128;

class ExactAmount {
  public:
    static constexpr int kIntegerDigitsMax = 12;
    static constexpr int kDecimalsMax = 6;

    static std::optional<ExactAmount> parse(std::string_view text, char decimal_mark);

    // Both operands as parsed.
    static ExactAmount product(ExactAmount a, ExactAmount b);

    std::optional<ExactAmount> plus(ExactAmount other) const;
    ExactAmount negated() const { return ExactAmount(-value_); }
    ExactAmount rounded(int decimals) const;

    bool is_negative() const { return value_ < 0; }
    bool is_zero() const { return value_ == 0; }
    // A JSON number without needless zeros: "15.3", "-0.001", "20".
    std::string text() const;

  private:
    static constexpr int kScale = 2 * kDecimalsMax;  // a product keeps all its decimals

    explicit ExactAmount(Int128 value) : value_(value) {}

    Int128 value_;  // 10^-kScale
};

}  // namespace patron::tools
