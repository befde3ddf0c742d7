#pragma once
// Frames from the server to a WebSocket client: never masked, never compressed.
//
// Shapes     a message is one frame, or a first frame without FIN and continuations, the last with FIN.
// Units      codes are those of RFC 6455 section 7.4 and its registry.
// Bounds     the payload of a control frame has at most kControlBytesMax bytes.
// Threads    pure.
// Source     RFC 6455 sections 5.2, 5.5 and 7.4.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "server/wire/byte_writer.h"

namespace patron::net {

enum class WsOpcode : std::uint8_t {
    Continuation = 0,
    Text = 1,
    Binary = 2,
    Close = 8,
    Ping = 9,
    Pong = 10,
};

inline constexpr std::size_t kControlBytesMax = 125;
inline constexpr std::size_t kCloseReasonBytesMax = kControlBytesMax - 2;

// Why a connection closes.
namespace ws_close {
inline constexpr std::uint16_t kNormal = 1000;
inline constexpr std::uint16_t kGoingAway = 1001;
inline constexpr std::uint16_t kProtocolError = 1002;
inline constexpr std::uint16_t kNoStatus = 1005;  // never on the wire: a close frame without a code
inline constexpr std::uint16_t kBadText = 1007;
inline constexpr std::uint16_t kPolicy = 1008;
inline constexpr std::uint16_t kTooBig = 1009;
inline constexpr std::uint16_t kInternalError = 1011;
inline constexpr std::uint16_t kTryAgainLater = 1013;
}  // namespace ws_close

// Whether a close frame may carry the code.
bool is_close_code(std::uint16_t code);

void append_frame_header(
    wire::ByteWriter& out, WsOpcode opcode, std::uint64_t payload_bytes, bool fin = true
);
void append_text_frame(wire::ByteWriter& out, std::string_view text);
// kNoStatus gives an empty frame, which answers an empty one. `reason` is UTF-8, and is cut between two
// characters where it is too long.
void append_close_frame(wire::ByteWriter& out, std::uint16_t code, std::string_view reason);
void append_pong_frame(wire::ByteWriter& out, std::string_view payload);

}  // namespace patron::net
