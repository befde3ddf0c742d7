#pragma once
// Whole answers with a JSON body, now or as the bytes of a completion.
//
// Threads    pure.

#include <string>

#include "server/endpoints/request.h"
#include "server/wire/http_reply.h"

namespace patron::endpoints {

inline constexpr std::string_view kJsonType = "application/json";

// `write(ByteWriter&)` appends the body.
template <class Write>
void write_json(wire::ByteWriter& out, wire::ReplyOptions options, Write write) {
    wire::HttpReply reply(out, options);
    reply.begin(200, kJsonType);
    write(reply.body());
    reply.finish();
}

template <class Write>
std::string json_bytes(wire::ReplyOptions options, Write write) {
    wire::ByteWriter out;
    write_json(out, options, write);
    return std::string(out.view());
}

}  // namespace patron::endpoints
