#include "server/endpoints/asyncapi.h"

#include <string>

namespace patron::endpoints {
namespace {

// Twice in the document and not by reference: the schema of AsyncAPI takes none there.
constexpr std::string_view kQuery = R"json({
        "type": "object", "additionalProperties": false,
        "description": "Lists are comma-separated; a comma that belongs to a value is escaped.",
        "properties": {
          "topics": {"type": "string", "default": "tier,risk_band,lifecycle,follow_up,override",
                     "description": "Of tier, risk_band, lifecycle, follow_up, override, stats."},
          "tier": {"type": "string"},
          "band": {"type": "string", "description": "Of none, low, medium, high."},
          "lifecycle": {"type": "string"},
          "customer": {"type": "string", "description": "At most 1,000 ids."},
          "region": {"type": "string"},
          "industry": {"type": "string"},
          "owner": {"type": "string"},
          "tag": {"type": "string"},
          "min_risk_change": {"type": "number", "minimum": 0, "maximum": 1, "default": 0},
          "snapshot": {"enum": ["true", "false"], "default": "false"},
          "cursor": {"$ref": "#/components/schemas/Cursor"},
          "stats_ms": {"type": "integer", "minimum": 100, "maximum": 3600000, "default": 1000}
        }
      })json";

constexpr std::string_view kChannels = R"json({
  "asyncapi": "3.0.0",
  "info": {
    "title": "Patron, live",
    "version": "1",
    "description": "What changes of customers' tiers, churn risk, stage and follow-up, pushed as it happens, by events and by time alone. The HTTP API: /openapi.json."
  },
  "defaultContentType": "application/json",
  "servers": {
    "websocket": {
      "host": "{host}", "protocol": "ws", "protocolVersion": "13",
      "description": "Every text message is one JSON message.",
      "variables": {"host": {"default": "127.0.0.1:8080"}}
    },
    "events": {
      "host": "{host}", "protocol": "http", "protocolVersion": "1.1",
      "description": "Server-sent events: the data of every event is one JSON message, its id the message's cursor where it has one.",
      "variables": {"host": {"default": "127.0.0.1:8080"}}
    }
  },
  "channels": {
    "stream": {
      "address": "/v1/stream",
      "title": "The live stream",
      "description": "First hello, resumed or gap; after gap, and where it was asked for, a snapshot: snapshot_begin, a customer each, snapshot_end. Changes in between belong to customers already told; go on behind no cursor from before its end (server-sent events name none). A listener that reads too slowly gets the newest change of each customer with a count, then gap, and is closed in the end.",
      "servers": [{"$ref": "#/servers/websocket"}, {"$ref": "#/servers/events"}],
      "messages": {
        "hello": {"$ref": "#/components/messages/hello"},
        "resumed": {"$ref": "#/components/messages/resumed"},
        "gap": {"$ref": "#/components/messages/gap"},
        "snapshot_begin": {"$ref": "#/components/messages/snapshot_begin"},
        "customer": {"$ref": "#/components/messages/customer"},
        "snapshot_end": {"$ref": "#/components/messages/snapshot_end"},
        "change": {"$ref": "#/components/messages/change"},
        "enter": {"$ref": "#/components/messages/enter"},
        "leave": {"$ref": "#/components/messages/leave"},
        "stats": {"$ref": "#/components/messages/stats"},
        "heartbeat": {"$ref": "#/components/messages/heartbeat"}
      },
      "bindings": {
        "ws": {"method": "GET", "query": )json";

constexpr std::string_view kOperations = R"json(,
               "bindingVersion": "0.1.0"}
      },
      "externalDocs": {"url": "/openapi.json"}
    }
  },
  "operations": {
    "listen": {
      "action": "send",
      "summary": "What the server sends to whoever listens.",
      "channel": {"$ref": "#/channels/stream"},
      "bindings": {
        "http": {"method": "GET", "query": )json";

constexpr std::string_view kMessages = R"json(,
                 "bindingVersion": "0.3.0"}
      },
      "messages": [
        {"$ref": "#/channels/stream/messages/hello"},
        {"$ref": "#/channels/stream/messages/resumed"},
        {"$ref": "#/channels/stream/messages/gap"},
        {"$ref": "#/channels/stream/messages/snapshot_begin"},
        {"$ref": "#/channels/stream/messages/customer"},
        {"$ref": "#/channels/stream/messages/snapshot_end"},
        {"$ref": "#/channels/stream/messages/change"},
        {"$ref": "#/channels/stream/messages/enter"},
        {"$ref": "#/channels/stream/messages/leave"},
        {"$ref": "#/channels/stream/messages/stats"},
        {"$ref": "#/channels/stream/messages/heartbeat"}
      ]
    }
  },
  "components": {
    "messages": {
      "hello": {"name": "hello", "summary": "The stream begins here.",
                "payload": {"$ref": "#/components/schemas/Hello"}},
      "resumed": {"name": "resumed", "summary": "The stream goes on behind the cursor; nothing is missing.",
                  "payload": {"$ref": "#/components/schemas/Resumed"}},
      "gap": {"name": "gap", "summary": "Some changes can no longer be told; a snapshot follows.",
              "payload": {"$ref": "#/components/schemas/Gap"}},
      "snapshot_begin": {"name": "snapshot_begin", "payload": {"$ref": "#/components/schemas/SnapshotBegin"}},
      "customer": {"name": "customer", "summary": "A customer of the snapshot.",
                   "payload": {"$ref": "#/components/schemas/Customer"}},
      "snapshot_end": {"name": "snapshot_end", "payload": {"$ref": "#/components/schemas/SnapshotEnd"}},
      "change": {"name": "change", "summary": "A customer who is meant changed in one of the topics.",
                 "payload": {"$ref": "#/components/schemas/Change"}},
      "enter": {"name": "enter", "summary": "A customer came to be meant.",
                "payload": {"$ref": "#/components/schemas/Enter"}},
      "leave": {"name": "leave", "summary": "A customer is meant no more, or erased.",
                "payload": {"$ref": "#/components/schemas/Leave"}},
      "stats": {"name": "stats", "summary": "How many stand where.",
                "payload": {"$ref": "#/components/schemas/Stats"}},
      "heartbeat": {"name": "heartbeat", "summary": "Nothing else was to be said.",
                    "payload": {"$ref": "#/components/schemas/Heartbeat"}}
    },
    "schemas": )json";

}  // namespace

std::string_view asyncapi_document() {
    static const std::string kDocument = [] {
        std::string text;
        for (const std::string_view part :
             {kChannels, kQuery, kOperations, kQuery, kMessages, asyncapi_schemas()}) {
            text.append(part);
        }
        return text + "\n  }\n}\n";
    }();
    return kDocument;
}

}  // namespace patron::endpoints
