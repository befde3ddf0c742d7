#pragma once
// Looks at short strings eight bytes at a time.
//
// Range      the text is valid UTF-8.
// Threads    pure.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace patron::wire {

inline constexpr std::uint64_t kLowBits = 0x0101'0101'0101'0101;
inline constexpr std::uint64_t kHighBits = 0x8080'8080'8080'8080;

// The high bit of every byte of `word` that is zero; exact up to and including the first such byte.
constexpr std::uint64_t zero_bytes(std::uint64_t word) {
    return (word - kLowBits) & ~word & kHighBits;
}

constexpr std::uint64_t bytes_equal_to(std::uint64_t word, char c) {
    return zero_bytes(word ^ (kLowBits * static_cast<unsigned char>(c)));
}

// Which byte in memory a mask's first set bit belongs to.
inline std::size_t first_byte(std::uint64_t mask) {
    static_assert(std::endian::native == std::endian::little);
    return static_cast<std::size_t>(std::countr_zero(mask)) / 8;
}

inline bool contains_backslash(std::string_view text) {
    const char* at = text.data();
    const char* const end = at + text.size();
    std::uint64_t found = 0;
    for (; end - at >= static_cast<std::ptrdiff_t>(sizeof(found)); at += sizeof(found)) {
        std::uint64_t word;
        std::memcpy(&word, at, sizeof(word));
        found |= bytes_equal_to(word, '\\');
    }
    for (; at != end; ++at) {
        found |= *at == '\\' ? 1 : 0;
    }
    return found != 0;
}

// Whether any byte is no printable ASCII character; may say yes for a text that has none of the
// others.
inline bool may_contain_control_character(std::string_view text) {
    const char* at = text.data();
    const char* const end = at + text.size();
    std::uint64_t found = 0;
    for (; end - at >= static_cast<std::ptrdiff_t>(sizeof(found)); at += sizeof(found)) {
        std::uint64_t word;
        std::memcpy(&word, at, sizeof(word));
        // Below 0x20, 0x7F, or 0x80 and above.
        found |= ((word - kLowBits * 0x20) | (word + kLowBits) | word) & kHighBits;
    }
    for (; at != end; ++at) {
        found |= *at < 0x20 || *at == 0x7F ? 1 : 0;
    }
    return found != 0;
}

// U+0000..U+001F, U+007F, U+0080..U+009F.
inline bool contains_control_character(std::string_view text) {
    if (!may_contain_control_character(text)) {
        return false;
    }
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if (byte < 0x20 || byte == 0x7F) {
            return true;
        }
        // U+0080..U+009F are the bytes C2 80..9F.
        if (byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0) {
            return true;
        }
    }
    return false;
}

}  // namespace patron::wire
