#pragma once
// Digits written to memory the caller has reserved: the small change of the hot encoders.
//
// Shapes     every function writes at `at` and answers the end of what it wrote.
// Range      room for the bytes named; put_instant cuts to the range of instant_text.h.
// Threads    pure.
// Cost       no loop over digits but in put_uint, no locale, no allocation.
// Source     civil date from a day count: Neri and Schneider (2022), Euclidean affine functions.

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "scoring/units.h"
#include "server/wire/instant_text.h"

namespace patron::wire {

inline constexpr std::size_t kInstantBytesMax = 24;
inline constexpr std::size_t kUintBytesMax = 20;
inline constexpr std::size_t kFixedBytesMax = 26;

namespace detail {

constexpr std::array<char, 200> digit_pairs() {
    std::array<char, 200> pairs{};
    for (std::size_t i = 0; i < 100; ++i) {
        pairs[2 * i] = static_cast<char>('0' + i / 10);
        pairs[2 * i + 1] = static_cast<char>('0' + i % 10);
    }
    return pairs;
}

inline constexpr std::array<char, 200> kDigitPairs = digit_pairs();

}  // namespace detail

inline char* put(char* at, std::string_view text) {
    std::memcpy(at, text.data(), text.size());
    return at + text.size();
}

inline char* put_pair(char* at, std::uint32_t below_100) {
    std::memcpy(at, detail::kDigitPairs.data() + std::size_t{2} * below_100, 2);
    return at + 2;
}

inline char* put_uint(char* at, std::uint64_t value) {
    return std::to_chars(at, at + kUintBytesMax, value).ptr;
}

// `value` >= 0 with exactly five decimals, rounded: "0.18341", "1.00000".
inline char* put_fixed5(char* at, double value) {
    constexpr std::uint64_t kScale = 100'000;
    const auto scaled = static_cast<std::uint64_t>(value * static_cast<double>(kScale) + 0.5);
    at = scaled < kScale * 10 ? (*at = static_cast<char>('0' + scaled / kScale), at + 1)
                              : put_uint(at, scaled / kScale);
    const auto fraction = static_cast<std::uint32_t>(scaled % kScale);
    *at = '.';
    at[1] = static_cast<char>('0' + fraction / 10'000);
    put_pair(at + 2, fraction / 100 % 100);
    return put_pair(at + 4, fraction % 100);
}

// `value` >= 0 with exactly two decimals, rounded: "63.20".
inline char* put_fixed2(char* at, double value) {
    const auto scaled = static_cast<std::uint64_t>(value * 100 + 0.5);
    const std::uint64_t whole = scaled / 100;
    at = whole < 10    ? (*at = static_cast<char>('0' + whole), at + 1)
         : whole < 100 ? put_pair(at, static_cast<std::uint32_t>(whole))
                       : put_uint(at, whole);
    *at++ = '.';
    return put_pair(at, static_cast<std::uint32_t>(scaled % 100));
}

// "2026-11-21" for the day count since 1970-01-01.
inline char* put_date(char* at, std::int32_t day) {
    const std::uint32_t quarters = 4 * static_cast<std::uint32_t>(day + 719'468) + 3;
    const std::uint32_t century = quarters / 146'097;
    const std::uint32_t in_century = quarters % 146'097 | 3;
    const std::uint64_t years = std::uint64_t{2'939'745} * in_century;
    const std::uint32_t day_of_year = static_cast<std::uint32_t>(years) / 2'939'745 / 4;
    const std::uint32_t march_based = 2'141 * day_of_year + 197'913;
    const bool next_year = day_of_year >= 306;  // January and February
    const std::uint32_t in_cycle = static_cast<std::uint32_t>(years >> 32) + (next_year ? 1 : 0);
    const std::uint32_t year = 100 * century + in_cycle;
    at = put_pair(at, year / 100);
    at = put_pair(at, year % 100);
    *at++ = '-';
    at = put_pair(at, (march_based >> 16) - (next_year ? 12 : 0));
    *at++ = '-';
    return put_pair(at, (march_based & 0xffff) / 2'141 + 1);
}

// What append_instant writes, without quotes.
inline char* put_instant(char* at, scoring::Instant t) {
    // From 1900 on, so that the division is one of a count that is not negative.
    constexpr std::uint64_t kEpochDays = 25'567;
    const std::int64_t ms = std::clamp(t, kInstantMin, kInstantMax).ms;
    const auto since_1900 = static_cast<std::uint64_t>(ms - kInstantMin.ms);
    const std::uint64_t day = since_1900 / scoring::kDayMs;
    const auto in_day = static_cast<std::uint32_t>(since_1900 % scoring::kDayMs);
    const std::uint32_t second = in_day / 1'000;
    const std::uint32_t fraction = in_day % 1'000;
    at = put_date(at, static_cast<std::int32_t>(day - kEpochDays));
    *at++ = 'T';
    at = put_pair(at, second / 3'600);
    *at++ = ':';
    at = put_pair(at, second / 60 % 60);
    *at++ = ':';
    at = put_pair(at, second % 60);
    if (fraction != 0) {
        at[0] = '.';
        at[1] = static_cast<char>('0' + fraction / 100);
        at = put_pair(at + 2, fraction % 100);
    }
    *at++ = 'Z';
    return at;
}

}  // namespace patron::wire
