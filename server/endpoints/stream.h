#pragma once
// GET /v1/stream: changes as they happen, over WebSocket or as server-sent events.
//
// Shapes     parameters as subscription.h; messages as stream_encoder.h and change_encoder.h. With the
//            headers of a WebSocket handshake (RFC 6455) it is one, otherwise SSE whatever is accepted.
//            HEAD answers what GET would begin with, as SSE.
// Errors     BadParameter, TooManyItems; of a handshake WebSocketVersion (426) and BadRequest for its
//            key. TooManyStreams and TooManyClientStreams are net's.
// Threads    any I/O thread.
// Source     RFC 6455 section 4.2.

#include <string_view>

#include "server/endpoints/core.h"
#include "server/endpoints/request.h"

namespace patron::endpoints {

inline constexpr std::string_view kEventStreamType = "text/event-stream";

Handled get_stream(Core& core, const Request& request, wire::ByteWriter& out, Deferral& deferral);

}  // namespace patron::endpoints
