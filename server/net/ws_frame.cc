#include "server/net/ws_frame.h"

#include <bit>
#include <cstring>
#include <limits>

#include "store/check.h"

namespace patron::net {

namespace {

constexpr unsigned kFin = 0x80;
constexpr char kLength16 = 126;
constexpr char kLength64 = 127;

template <class Unsigned>
void append_big_endian(wire::ByteWriter& out, Unsigned value) {
    static_assert(std::endian::native == std::endian::little);
    value = std::byteswap(value);
    std::memcpy(out.reserve(sizeof value), &value, sizeof value);
    out.advance(sizeof value);
}

// At most `bytes_max` of it, whole characters only.
std::string_view cut_text(std::string_view text, std::size_t bytes_max) {
    if (text.size() <= bytes_max) {
        return text;
    }
    std::size_t end = bytes_max;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) {
        --end;
    }
    return text.substr(0, end);
}

}  // namespace

bool is_close_code(std::uint16_t code) {
    return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
           (code >= 3000 && code <= 4999);
}

void append_frame_header(
    wire::ByteWriter& out, WsOpcode opcode, std::uint64_t payload_bytes, bool fin
) {
    out.append(static_cast<char>((fin ? kFin : 0U) | static_cast<unsigned>(opcode)));
    if (payload_bytes <= kControlBytesMax) {
        out.append(static_cast<char>(payload_bytes));
    } else if (payload_bytes <= std::numeric_limits<std::uint16_t>::max()) {
        out.append(kLength16);
        append_big_endian(out, static_cast<std::uint16_t>(payload_bytes));
    } else {
        out.append(kLength64);
        append_big_endian(out, payload_bytes);
    }
}

void append_text_frame(wire::ByteWriter& out, std::string_view text) {
    append_frame_header(out, WsOpcode::Text, text.size());
    out.append(text);
}

void append_close_frame(wire::ByteWriter& out, std::uint16_t code, std::string_view reason) {
    if (code == ws_close::kNoStatus) {
        return append_frame_header(out, WsOpcode::Close, 0);
    }
    PATRON_CHECK(is_close_code(code));
    const std::string_view told = cut_text(reason, kCloseReasonBytesMax);
    append_frame_header(out, WsOpcode::Close, sizeof code + told.size());
    append_big_endian(out, code);
    out.append(told);
}

void append_pong_frame(wire::ByteWriter& out, std::string_view payload) {
    PATRON_CHECK(payload.size() <= kControlBytesMax);
    append_frame_header(out, WsOpcode::Pong, payload.size());
    out.append(payload);
}

}  // namespace patron::net
