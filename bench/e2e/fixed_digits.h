#pragma once
// Numbers of a fixed width written over a prepared text, so that a load costs its generator little.
//
// Shapes     `width` digits with leading zeros; digits beyond the width are dropped.

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace patron::bench {

inline constexpr std::size_t kPairs = 100;

inline constexpr auto kDigitPairs = [] {
    std::array<char, 2 * kPairs> pairs{};
    for (std::size_t i = 0; i < kPairs; ++i) {
        pairs[2 * i] = static_cast<char>('0' + i / 10);
        pairs[2 * i + 1] = static_cast<char>('0' + i % 10);
    }
    return pairs;
}();

inline void put_fixed(char* to, std::size_t width, std::uint64_t value) {
    for (; width >= 2; width -= 2, value /= kPairs) {
        std::memcpy(to + width - 2, kDigitPairs.data() + 2 * (value % kPairs), 2);
    }
    if (width == 1) {
        *to = static_cast<char>('0' + value % 10);
    }
}

// "C00000042", the id of customer 42 everywhere in these benchmarks.
inline constexpr std::size_t kIdDigits = 8;
inline constexpr std::size_t kIdBytes = kIdDigits + 1;
inline constexpr std::string_view kIdPlace = "C00000000";

inline void put_id(char* to, std::uint32_t customer) {
    put_fixed(to + 1, kIdDigits, customer);
}

}  // namespace patron::bench
