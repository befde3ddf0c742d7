#pragma once
// Whether bytes are UTF-8, by the definition: no overlong forms, no surrogates, nothing past
// U+10FFFF.
//
// Threads    pure.
// Source     Unicode 15, table 3-7.

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace patron::tools {

// Bytes of the well-formed sequence that `text` begins with; 0: none.
inline std::size_t utf8_sequence_bytes(std::string_view text) {
    const auto byte = [&](std::size_t i) -> unsigned {
        return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
    };
    const auto follows = [&](std::size_t i, unsigned low, unsigned high) {
        return byte(i) >= low && byte(i) <= high;
    };
    const unsigned lead = byte(0);
    if (lead < 0x80) {
        return text.empty() ? 0 : 1;
    }
    if (lead >= 0xC2 && lead <= 0xDF) {
        return follows(1, 0x80, 0xBF) ? 2 : 0;
    }
    if (lead >= 0xE0 && lead <= 0xEF) {
        const unsigned low = lead == 0xE0 ? 0xA0 : 0x80;
        const unsigned high = lead == 0xED ? 0x9F : 0xBF;
        return follows(1, low, high) && follows(2, 0x80, 0xBF) ? 3 : 0;
    }
    if (lead >= 0xF0 && lead <= 0xF4) {
        const unsigned low = lead == 0xF0 ? 0x90 : 0x80;
        const unsigned high = lead == 0xF4 ? 0x8F : 0xBF;
        const bool whole =
            follows(1, low, high) && follows(2, 0x80, 0xBF) && follows(3, 0x80, 0xBF);
        return whole ? 4 : 0;
    }
    return 0;
}

inline bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        const std::size_t n = utf8_sequence_bytes(text);
        if (n == 0) {
            return false;
        }
        text.remove_prefix(n);
    }
    return true;
}

}  // namespace patron::tools
