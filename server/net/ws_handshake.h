#pragma once
// The opening handshake of a WebSocket: the answer that makes the connection a stream.
//
// Shapes     a key is the value of Sec-WebSocket-Key, which the endpoint has found good: 24 characters.
// Errors     none; a key of another length is a programming mistake.
// Threads    pure.
// Source     RFC 6455 sections 1.3 and 4.2; SHA-1 and base64 are Beast's.

#include <string>
#include <string_view>

#include "server/wire/byte_writer.h"

namespace patron::net {

// The value of Sec-WebSocket-Accept.
std::string websocket_accept(std::string_view key);
// The whole answer 101; frames follow right behind it.
void append_switching_protocols(wire::ByteWriter& out, std::string_view key);

}  // namespace patron::net
