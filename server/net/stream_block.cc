#include "server/net/stream_block.h"

#include "server/net/ws_frame.h"

namespace patron::net {

void append_message(
    StreamBlock& block,
    Door door,
    std::string_view cursor,
    std::string_view first,
    std::string_view rest
) {
    wire::ByteWriter& out = block.bytes;
    ++block.messages;
    if (door == Door::WebSocket) {
        append_frame_header(out, WsOpcode::Text, first.size() + rest.size());
        out.append(first);
        out.append(rest);
        return;
    }
    if (!cursor.empty()) {
        out.append("id: ");
        out.append(cursor);
        out.append('\n');
    }
    out.append("data: ");
    out.append(first);
    out.append(rest);
    out.append("\n\n");
}

}  // namespace patron::net
