#pragma once
// The OpenAPI 3.1 document of the API, as served at /openapi.json.
//
// Shapes     one JSON document; every answer of every route has its schema, and objects name all
//            their members, so that an answer can be checked against it.
// Threads    a constant, put together at the first call.

#include <string_view>

namespace patron::endpoints {

std::string_view openapi_document();

// Its parts, each one JSON object: paths and schemas, and those of what moves with time.
std::string_view openapi_paths();
std::string_view openapi_schemas();
std::string_view openapi_live_paths();
std::string_view openapi_live_schemas();

}  // namespace patron::endpoints
