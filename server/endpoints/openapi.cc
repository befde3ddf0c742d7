#include "server/endpoints/openapi.h"

#include <string>

namespace patron::endpoints {
namespace {

constexpr std::string_view kHead = R"json({
  "openapi": "3.1.0",
  "info": {
    "title": "Patron",
    "version": "1",
    "summary": "Customer tiers and churn risk, true at the instant of reading.",
    "license": {"name": "See LICENSE"}
  },
  "externalDocs": {"url": "/asyncapi.json",
                   "description": "The messages of /v1/stream, as an AsyncAPI 3.0 document."},
  "paths": )json";

constexpr std::string_view kComponents = R"json(,
  "components": {
    "parameters": {
      "id": {"name": "id", "in": "path", "required": true,
             "schema": {"type": "string", "minLength": 1}},
      "at": {"name": "at", "in": "query",
             "description": "An instant, RFC 3339 or Unix milliseconds: what is true then if nothing happens.",
             "schema": {"type": "string"}},
      "min_seq": {"name": "min_seq", "in": "query",
                  "description": "Waits briefly until that write can be read, else 425.",
                  "schema": {"type": "integer", "minimum": 0}},
      "days": {"name": "days", "in": "query",
               "schema": {"type": "integer", "minimum": 1, "maximum": 366, "default": 30}},
      "tier": {"name": "tier", "in": "query", "schema": {"type": "string"},
               "description": "Names, comma-separated; so are risk_band, lifecycle, follow_up and override."},
      "risk_band": {"name": "risk_band", "in": "query", "schema": {"type": "string"}},
      "lifecycle": {"name": "lifecycle", "in": "query", "schema": {"type": "string"}},
      "follow_up": {"name": "follow_up", "in": "query", "schema": {"type": "string"}},
      "override": {"name": "override", "in": "query", "schema": {"type": "string"}},
      "service_level": {"name": "service_level", "in": "query", "schema": {"type": "string"}},
      "region": {"name": "region", "in": "query", "schema": {"type": "string"}},
      "industry": {"name": "industry", "in": "query", "schema": {"type": "string"}},
      "owner": {"name": "owner", "in": "query", "schema": {"type": "string"}}
    },
    "responses": {
      "Problem": {"description": "A refusal, RFC 9457.", "content": {"application/problem+json": {
        "schema": {"$ref": "#/components/schemas/Problem"}}}}
    },
    "schemas": )json";

// Two JSON objects as one.
std::string joined(std::string_view first, std::string_view second) {
    return std::string(first.substr(0, first.rfind('}'))) + "," + std::string(second.substr(1));
}

}  // namespace

std::string_view openapi_document() {
    static const std::string kDocument =
        std::string(kHead) + joined(openapi_paths(), openapi_live_paths()) +
        std::string(kComponents) + joined(openapi_schemas(), openapi_live_schemas()) + "\n  }\n}\n";
    return kDocument;
}

}  // namespace patron::endpoints
