#pragma once
// Instants, days and money as types of their own, so that they cannot be mixed up.
//
// Units      Instant: Unix milliseconds, UTC. Money: minor units (fen, cents) of the schema's base
//            currency. Day: days since 1970-01-01 in the schema's time zone (see day_clock.h).
// Range      Instant: any int64; kNever stands for "not in sight". The wire accepts years 1900-2999.
// Errors     none; sums of money saturate nowhere, callers keep |amount| <= kMoneyMax.
// Threads    values.

#include <compare>
#include <cstdint>
#include <limits>

namespace patron::scoring {

inline constexpr std::int64_t kSecondMs = 1'000;
inline constexpr std::int64_t kHourMs = 3'600'000;
inline constexpr std::int64_t kDayMs = 86'400'000;

struct Instant {
    std::int64_t ms = 0;
    auto operator<=>(const Instant&) const = default;
};

inline constexpr Instant kNever{std::numeric_limits<std::int64_t>::max()};
inline constexpr Instant kLongAgo{std::numeric_limits<std::int64_t>::min()};

// `kNever` stays `kNever`; everything else moves by `ms` (callers stay far from the int64 ends).
constexpr Instant plus_ms(Instant t, std::int64_t ms) {
    return t == kNever ? kNever : Instant{t.ms + ms};
}
constexpr Instant plus_days(Instant t, std::int64_t days) {
    return plus_ms(t, days * kDayMs);
}

// b - a in days of 24 hours.
constexpr double days_between(Instant a, Instant b) {
    return static_cast<double>(b.ms - a.ms) / static_cast<double>(kDayMs);
}

using Day = std::int32_t;
inline constexpr Day kNoDay = std::numeric_limits<Day>::min();

struct Money {
    std::int64_t minor = 0;
    auto operator<=>(const Money&) const = default;
    constexpr Money& operator+=(Money other) {
        minor += other.minor;
        return *this;
    }
    constexpr Money& operator-=(Money other) {
        minor -= other.minor;
        return *this;
    }
};
constexpr Money operator+(Money a, Money b) {
    return {a.minor + b.minor};
}
constexpr Money operator-(Money a, Money b) {
    return {a.minor - b.minor};
}

// One event may carry at most this much (8.7e10 major units at two digits): with fewer than 2^19 entries
// a customer, no sum of a customer's events can leave int64, and every sum stays exact in a double's
// 53 bits for real shops. Larger amounts are refused at the door.
inline constexpr Money kMoneyMax{std::int64_t{1} << 43};

}  // namespace patron::scoring
