#include "server/endpoints/openapi.h"

namespace patron::endpoints {
namespace {

constexpr std::string_view kPaths = R"json({
    "/v1/stream": {
      "get": {
        "operationId": "listen",
        "summary": "Changes as they happen: a WebSocket where the request asks for one, else server-sent events.",
        "description": "Every WebSocket text message and the data of every event is one JSON message, the same through both doors. Whoever reads too slowly gets the newest of each customer with a count, then a gap and a snapshot, and is closed in the end.",
        "externalDocs": {"url": "/asyncapi.json", "description": "The messages."},
        "parameters": [
          {"name": "topics", "in": "query", "schema": {"type": "string"},
           "description": "tier (with tier_by_rules), risk_band, lifecycle, follow_up, override, stats; comma-separated, as all lists here. Default: all but stats."},
          {"name": "tier", "in": "query", "schema": {"type": "string"},
           "description": "Only customers who stand there, or did until now; so do band and lifecycle."},
          {"name": "band", "in": "query", "schema": {"type": "string"},
           "description": "none, low, medium, high."},
          {"name": "lifecycle", "in": "query", "schema": {"type": "string"}},
          {"name": "customer", "in": "query", "schema": {"type": "string"},
           "description": "Ids, at most 1,000; a comma that belongs to an id is escaped."},
          {"name": "region", "in": "query", "schema": {"type": "string"},
           "description": "Any of these values; so do industry, owner and tag. Unknown is none of them."},
          {"name": "industry", "in": "query", "schema": {"type": "string"}},
          {"name": "owner", "in": "query", "schema": {"type": "string"}},
          {"name": "tag", "in": "query", "schema": {"type": "string"}},
          {"name": "min_risk_change", "in": "query",
           "schema": {"type": "number", "minimum": 0, "maximum": 1, "default": 0},
           "description": "Changes whose churn risk moved less since the customer's last change are left out; entering and leaving never are."},
          {"name": "snapshot", "in": "query", "schema": {"enum": ["true", "false"], "default": "false"},
           "description": "Everybody who is meant first, as one message each."},
          {"name": "cursor", "in": "query", "schema": {"type": "string"},
           "description": "Goes on behind it; answered with resumed, or with gap and a snapshot."},
          {"name": "stats_ms", "in": "query",
           "schema": {"type": "integer", "minimum": 100, "maximum": 3600000, "default": 1000},
           "description": "How often the topic stats speaks."},
          {"name": "Last-Event-ID", "in": "header", "schema": {"type": "string"},
           "description": "A cursor, as EventSource sends it; wins over the parameter."},
          {"name": "Sec-WebSocket-Key", "in": "header", "schema": {"type": "string", "minLength": 24, "maxLength": 24}},
          {"name": "Sec-WebSocket-Version", "in": "header", "schema": {"enum": ["13"]}}],
        "responses": {
          "101": {"description": "A WebSocket from here on."},
          "200": {"description": "Events without end.", "content": {"text/event-stream": {
            "schema": {"type": "string"}}}},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/v1/forecast": {
      "get": {
        "operationId": "getForecast",
        "summary": "Who crosses what in the next days if nothing happens, by kind and day.",
        "parameters": [
          {"$ref": "#/components/parameters/days"},
          {"$ref": "#/components/parameters/tier"}, {"$ref": "#/components/parameters/risk_band"},
          {"$ref": "#/components/parameters/lifecycle"}, {"$ref": "#/components/parameters/follow_up"},
          {"$ref": "#/components/parameters/override"}, {"$ref": "#/components/parameters/service_level"},
          {"$ref": "#/components/parameters/region"}, {"$ref": "#/components/parameters/industry"},
          {"$ref": "#/components/parameters/owner"},
          {"$ref": "#/components/parameters/at"}, {"$ref": "#/components/parameters/min_seq"}],
        "responses": {
          "200": {"description": "The counts.", "content": {"application/json": {
            "schema": {"$ref": "#/components/schemas/Forecast"}}}},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/v1/forecast/customers": {
      "get": {
        "operationId": "listForecast",
        "summary": "The crossings behind the counts of a forecast, by instant and customer, page by page.",
        "parameters": [
          {"$ref": "#/components/parameters/days"},
          {"name": "what", "in": "query", "schema": {"$ref": "#/components/schemas/Aspect"}},
          {"name": "from", "in": "query", "schema": {"type": "string"},
           "description": "A tier, band, stage, follow-up state or mode of an override; none for no band and no override."},
          {"name": "to", "in": "query", "schema": {"type": "string"}},
          {"name": "day", "in": "query", "schema": {"type": "string", "format": "date"},
           "description": "In the policy's time zone."},
          {"$ref": "#/components/parameters/tier"}, {"$ref": "#/components/parameters/risk_band"},
          {"$ref": "#/components/parameters/lifecycle"}, {"$ref": "#/components/parameters/follow_up"},
          {"$ref": "#/components/parameters/override"}, {"$ref": "#/components/parameters/service_level"},
          {"$ref": "#/components/parameters/region"}, {"$ref": "#/components/parameters/industry"},
          {"$ref": "#/components/parameters/owner"},
          {"name": "limit", "in": "query",
           "schema": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100}},
          {"name": "cursor", "in": "query", "schema": {"type": "string"},
           "description": "next_cursor of the page before."},
          {"$ref": "#/components/parameters/at"}, {"$ref": "#/components/parameters/min_seq"}],
        "responses": {
          "200": {"description": "A page.", "content": {"application/json": {
            "schema": {"$ref": "#/components/schemas/ForecastPage"}}}},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/asyncapi.json": {
      "get": {
        "operationId": "getAsyncApi",
        "responses": {
          "200": {"description": "The messages of /v1/stream.", "content": {"application/json": {
            "schema": {"type": "object"}}}},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    }
  })json";

constexpr std::string_view kSchemas = R"json({
      "Aspect": {"enum": ["tier", "tier_by_rules", "risk_band", "lifecycle", "follow_up", "override"],
                 "description": "tier_by_rules is told only where the tier itself stays."},
      "Forecast": {
        "type": "object", "additionalProperties": false,
        "required": ["days", "until", "customers", "transitions", "kinds", "policy", "seq", "as_of"],
        "properties": {
          "days": {"type": "integer", "minimum": 1, "maximum": 366},
          "until": {"type": "string", "format": "date-time"},
          "customers": {"type": "integer", "minimum": 0,
                        "description": "Who cross anything, each once."},
          "transitions": {"type": "integer", "minimum": 0, "description": "The sum of the kinds' counts."},
          "kinds": {"type": "array", "items": {"$ref": "#/components/schemas/ForecastKind"}},
          "policy": {"type": "string"},
          "seq": {"$ref": "#/components/schemas/Seq"},
          "as_of": {"type": "string", "format": "date-time"}
        }
      },
      "ForecastKind": {
        "type": "object", "additionalProperties": false,
        "required": ["what", "from", "to", "count", "customers", "by_day"],
        "patternProperties": {"^spend_[0-9]+d$": {"type": "number"}},
        "properties": {
          "what": {"$ref": "#/components/schemas/Aspect"},
          "from": {"type": ["string", "null"]},
          "to": {"type": ["string", "null"]},
          "count": {"type": "integer", "minimum": 1},
          "customers": {"type": "integer", "minimum": 1},
          "by_day": {"type": "array", "items": {
            "type": "object", "additionalProperties": false,
            "required": ["day", "count", "customers"],
            "patternProperties": {"^spend_[0-9]+d$": {"type": "number"}},
            "properties": {
              "day": {"type": "string", "format": "date",
                      "description": "In the policy's time zone."},
              "count": {"type": "integer", "minimum": 1},
              "customers": {"type": "integer", "minimum": 1}}}}
        }
      },
      "ForecastPage": {
        "type": "object", "additionalProperties": false,
        "required": ["transitions", "next_cursor", "policy", "seq", "as_of"],
        "properties": {
          "transitions": {"type": "array", "items": {
            "type": "object", "additionalProperties": false,
            "required": ["customer_id", "at", "what", "from", "to"],
            "patternProperties": {"^spend_[0-9]+d$": {"type": "number"}},
            "properties": {
              "customer_id": {"type": "string"},
              "at": {"type": "string", "format": "date-time"},
              "what": {"$ref": "#/components/schemas/Aspect"},
              "from": {"type": ["string", "null"]},
              "to": {"type": ["string", "null"]}}}},
          "next_cursor": {"type": ["string", "null"]},
          "policy": {"type": "string"},
          "seq": {"$ref": "#/components/schemas/Seq"},
          "as_of": {"type": "string", "format": "date-time"}
        }
      }
    })json";

}  // namespace

std::string_view openapi_live_paths() {
    return kPaths;
}

std::string_view openapi_live_schemas() {
    return kSchemas;
}

}  // namespace patron::endpoints
