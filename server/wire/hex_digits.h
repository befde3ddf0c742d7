#pragma once
// 64 bits as 16 lower-case hex digits.
//
// Threads    pure.

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace patron::wire {

inline constexpr std::size_t kHexDigits = 16;

// Writes kHexDigits at `at`; answers the end.
inline char* put_hex(char* at, std::uint64_t value) {
    constexpr std::string_view kHex = "0123456789abcdef";
    for (int shift = 60; shift >= 0; shift -= 4) {
        *at++ = kHex[value >> shift & 15];
    }
    return at;
}

}  // namespace patron::wire
