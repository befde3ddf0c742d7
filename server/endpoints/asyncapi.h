#pragma once
// The AsyncAPI 3.0 document of the live stream, as served at /asyncapi.json.
//
// Shapes     one JSON document: one channel, two doors, and a schema for every message of stream_encoder.h and
//            change_encoder.h; objects name all their members.
// Threads    a constant, put together at the first call.
// Source     AsyncAPI 3.0.0; WebSockets binding 0.1.0, HTTP binding 0.3.0.

#include <string_view>

namespace patron::endpoints {

std::string_view asyncapi_document();

// Its schemas, one JSON object.
std::string_view asyncapi_schemas();

}  // namespace patron::endpoints
