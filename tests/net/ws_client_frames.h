#pragma once
// Frames as a WebSocket client sends them, right or wrong on purpose, for the tests of what reads them.
//
// Source     RFC 6455 section 5.2, written apart from server/net.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace patron::net {

inline constexpr std::array<unsigned char, 4> kSampleMask = {0x37, 0xFA, 0x21, 0x3D};

// How the length is written: as short as can be, or in so many bytes behind the second one.
enum class LengthForm : std::uint8_t { Shortest, Two, Eight };

inline std::string big_endian_text(std::uint64_t value, std::size_t bytes) {
    std::string text;
    for (std::size_t i = bytes; i-- > 0;) {
        text += static_cast<char>(value >> (8 * i) & 0xFFU);
    }
    return text;
}

inline std::string masked(std::string text, std::array<unsigned char, 4> mask) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        text[i] = static_cast<char>(static_cast<unsigned char>(text[i]) ^ mask[i % 4]);
    }
    return text;
}

// The header only; `first` is the whole first byte: FIN, reserved bits and opcode.
inline std::string client_header(
    unsigned first,
    std::uint64_t length,
    std::array<unsigned char, 4> mask = kSampleMask,
    LengthForm form = LengthForm::Shortest
) {
    if (form == LengthForm::Shortest && length > 125) {
        form = length < 65'536 ? LengthForm::Two : LengthForm::Eight;
    }
    std::string header(1, static_cast<char>(first));
    switch (form) {
        case LengthForm::Shortest:
            header += static_cast<char>(0x80U | static_cast<unsigned>(length));
            break;
        case LengthForm::Two:
            header += static_cast<char>(0x80U | 126U);
            header += big_endian_text(length, 2);
            break;
        case LengthForm::Eight:
            header += static_cast<char>(0x80U | 127U);
            header += big_endian_text(length, 8);
            break;
    }
    return header + std::string(mask.begin(), mask.end());
}

inline std::string client_frame(
    unsigned first,
    std::string_view payload,
    std::array<unsigned char, 4> mask = kSampleMask,
    LengthForm form = LengthForm::Shortest
) {
    return client_header(first, payload.size(), mask, form) + masked(std::string(payload), mask);
}

inline std::string close_payload(unsigned code, std::string_view reason = "") {
    return big_endian_text(code, 2) + std::string(reason);
}

// First bytes.
inline constexpr unsigned kFinalText = 0x81;
inline constexpr unsigned kFinalBinary = 0x82;
inline constexpr unsigned kText = 0x01;
inline constexpr unsigned kBinary = 0x02;
inline constexpr unsigned kMore = 0x00;
inline constexpr unsigned kLast = 0x80;
inline constexpr unsigned kClose = 0x88;
inline constexpr unsigned kPing = 0x89;
inline constexpr unsigned kPong = 0x8A;

}  // namespace patron::net
