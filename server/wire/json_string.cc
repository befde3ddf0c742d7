#include "server/wire/json_string.h"

#include <cstdint>
#include <cstring>

#include "server/wire/plain_text.h"

namespace patron::wire {
namespace {

constexpr char kDelete = 0x7F;
constexpr char kFirstPrintable = 0x20;

bool needs_escape(char c) {
    return c == '"' || c == '\\' || static_cast<unsigned char>(c) < kFirstPrintable || c == kDelete;
}

// The high bit of some byte is set if one of the eight needs an escape.
std::uint64_t escapes_in(std::uint64_t word) {
    const std::uint64_t below_space =
        (word - kLowBits * static_cast<unsigned char>(kFirstPrintable)) & ~word & kHighBits;
    return below_space | bytes_equal_to(word, '"') | bytes_equal_to(word, '\\') |
           bytes_equal_to(word, kDelete);
}

bool is_plain(std::string_view text) {
    const char* at = text.data();
    std::size_t left = text.size();
    std::uint64_t found = 0;
    for (; left >= sizeof(found); left -= sizeof(found), at += sizeof(found)) {
        std::uint64_t word;
        std::memcpy(&word, at, sizeof(word));
        found |= escapes_in(word);
    }
    for (; left != 0; --left, ++at) {
        found |= needs_escape(*at) ? 1 : 0;
    }
    return found == 0;
}

char* put_escaped(char* at, char c) {
    constexpr std::string_view kHex = "0123456789abcdef";
    *at++ = '\\';
    if (c == '"' || c == '\\') {
        *at++ = c;
        return at;
    }
    const auto byte = static_cast<unsigned char>(c);
    std::memcpy(at, "u00", 3);
    at[3] = kHex[byte >> 4];
    at[4] = kHex[byte & 15];
    return at + 5;
}

}  // namespace

char* put_json_string(char* at, std::string_view text) {
    *at++ = '"';
    if (is_plain(text)) [[likely]] {
        if (!text.empty()) {
            std::memcpy(at, text.data(), text.size());
        }
        at += text.size();
    } else {
        for (const char c : text) {
            if (needs_escape(c)) {
                at = put_escaped(at, c);
            } else {
                *at++ = c;
            }
        }
    }
    *at++ = '"';
    return at;
}

void append_json_string(ByteWriter& out, std::string_view text) {
    char* const start = out.reserve(json_string_bytes_max(text.size()));
    out.advance(static_cast<std::size_t>(put_json_string(start, text) - start));
}

std::string json_string(std::string_view text) {
    std::string out(json_string_bytes_max(text.size()), '\0');
    out.resize(static_cast<std::size_t>(put_json_string(out.data(), text) - out.data()));
    return out;
}

}  // namespace patron::wire
