#pragma once
// The opening handshake of a WebSocket: is the key one, and the answer that makes the connection a stream.
//
// Shapes     a key is the value of Sec-WebSocket-Key: 16 bytes in base64, 24 characters.
// Errors     a key that is none is a programming mistake for all but is_websocket_key.
// Threads    pure.
// Source     RFC 6455 sections 1.3 and 4.2.

#include <string>
#include <string_view>

#include "server/wire/byte_writer.h"

namespace patron::net {

inline constexpr std::string_view kWebsocketVersion = "13";

bool is_websocket_key(std::string_view key);
// The value of Sec-WebSocket-Accept.
std::string websocket_accept(std::string_view key);
// The whole answer 101; frames follow right behind it.
void append_switching_protocols(wire::ByteWriter& out, std::string_view key);

}  // namespace patron::net
