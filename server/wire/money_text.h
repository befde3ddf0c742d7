#pragma once
// Amounts as text, by their digits: no double on the way in or out.
//
// Shapes     the grammar of a JSON number: "1200.50", "-3", "1e3"; nothing around it, no plus, no
//            leading zeros. An exponent is fine where the value is exact: "12e-1" is 1.20.
// Units      minor units of a currency with `digits` decimals. Decimals beyond those are accepted
// when
//            they are zeros ("1.100" with two digits), refused otherwise.
// Errors     InvalidValue: no number; AmountPrecision: more decimals than the currency has;
//            AmountRange: beyond +-kMoneyMax (parse_money) or +-10^18 (parse_minor_units).
// Threads    pure.

#include <cstdint>
#include <expected>
#include <string_view>

#include "scoring/units.h"
#include "server/wire/byte_writer.h"
#include "store/result.h"

namespace patron::wire {

inline constexpr std::int64_t kMinorUnitsMax = 1'000'000'000'000'000'000;

std::expected<std::int64_t, store::FaultCode> parse_minor_units(std::string_view text, int digits);

std::expected<scoring::Money, store::FaultCode> parse_money(std::string_view text, int digits);

// Exactly `digits` decimals: "1200.00", "-0.05"; none and no point when `digits` is 0.
void append_money(ByteWriter& out, scoring::Money amount, int digits);

// An exact sum of many customers' money, which an int64 may not hold.
class MoneySum {
  public:
    __extension__ using Wide = __int128;

    void add(scoring::Money amount) { minor_ += amount.minor; }
    void add(const MoneySum& other) { minor_ += other.minor_; }
    Wide minor() const { return minor_; }

  private:
    Wide minor_ = 0;
};

void append_money(ByteWriter& out, const MoneySum& sum, int digits);

// One whole JSON number, nothing around it.
bool is_json_number(std::string_view text);

}  // namespace patron::wire
