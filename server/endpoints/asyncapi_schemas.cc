#include "server/endpoints/asyncapi.h"

namespace patron::endpoints {
namespace {

constexpr std::string_view kText = R"json({
      "Cursor": {"type": "string", "pattern": "^[0-9a-f]{16}:[0-9]+$",
                 "description": "A place in the stream of one run of the server."},
      "Seq": {"type": "integer", "minimum": 0, "description": "Events applied."},
      "Count": {"type": "integer", "minimum": 0},
      "Counts": {"type": "object", "additionalProperties": {"$ref": "#/components/schemas/Count"}},
      "Instant": {"type": "string", "format": "date-time"},
      "InstantOrNull": {"type": ["string", "null"], "format": "date-time"},
      "Probability": {"type": ["number", "null"], "minimum": 0, "maximum": 1},
      "Band": {"enum": ["low", "medium", "high", null]},
      "Stage": {"enum": ["prospect", "new", "active", "at_risk", "dormant", "churned", "won_back"]},
      "StageOrNull": {"enum": ["prospect", "new", "active", "at_risk", "dormant", "churned", "won_back", null]},
      "FollowUp": {"enum": ["none", "planned", "due", "over_contacted", "do_not_contact"]},
      "FollowUpOrNull": {"enum": ["none", "planned", "due", "over_contacted", "do_not_contact", null]},
      "Override": {
        "oneOf": [
          {"type": "null"},
          {"type": "object", "additionalProperties": false, "required": ["mode", "tier"],
           "properties": {"mode": {"enum": ["pin", "floor", "ceiling"]}, "tier": {"type": "string"}}}
        ]
      },
      "Hello": {
        "type": "object", "additionalProperties": false,
        "required": ["type", "cursor", "seq", "as_of", "policy", "heartbeat_ms"],
        "properties": {
          "type": {"enum": ["hello"]},
          "cursor": {"$ref": "#/components/schemas/Cursor"},
          "seq": {"$ref": "#/components/schemas/Seq"},
          "as_of": {"$ref": "#/components/schemas/Instant"},
          "policy": {"type": "string"},
          "heartbeat_ms": {"type": "integer", "minimum": 1}
        }
      },
      "Resumed": {
        "type": "object", "additionalProperties": false,
        "required": ["type", "cursor", "seq", "as_of", "policy", "heartbeat_ms"],
        "properties": {
          "type": {"enum": ["resumed"]},
          "cursor": {"$ref": "#/components/schemas/Cursor"},
          "seq": {"$ref": "#/components/schemas/Seq"},
          "as_of": {"$ref": "#/components/schemas/Instant"},
          "policy": {"type": "string"},
          "heartbeat_ms": {"type": "integer", "minimum": 1}
        }
      },
      "Gap": {
        "type": "object", "additionalProperties": false,
        "required": ["type", "reason", "cursor", "seq", "as_of", "policy", "heartbeat_ms"],
        "properties": {
          "type": {"enum": ["gap"]},
          "reason": {"enum": ["unknown_epoch", "expired", "slow"]},
          "cursor": {"$ref": "#/components/schemas/Cursor"},
          "seq": {"$ref": "#/components/schemas/Seq"},
          "as_of": {"$ref": "#/components/schemas/Instant"},
          "policy": {"type": "string"},
          "heartbeat_ms": {"type": "integer", "minimum": 1}
        }
      },
      "SnapshotBegin": {
        "type": "object", "additionalProperties": false, "required": ["type", "as_of"],
        "description": "Until its end no cursor is told.",
        "properties": {
          "type": {"enum": ["snapshot_begin"]},
          "as_of": {"$ref": "#/components/schemas/Instant"}
        }
      },
      "Customer": {
        "type": "object", "additionalProperties": false, "required": ["type", "customer_id", "score"],
        "properties": {
          "type": {"enum": ["customer"]},
          "customer_id": {"type": "string", "minLength": 1},
          "score": {"$ref": "#/components/schemas/Score"}
        }
      },
      "SnapshotEnd": {
        "type": "object", "additionalProperties": false, "required": ["type", "cursor", "customers"],
        "properties": {
          "type": {"enum": ["snapshot_end"]},
          "cursor": {"$ref": "#/components/schemas/Cursor"},
          "customers": {"$ref": "#/components/schemas/Count"}
        }
      },
      "Score": {
        "type": "object", "additionalProperties": false,
        "required": ["tier", "tier_by_rules", "since", "risk_band", "lifecycle", "follow_up",
                     "follow_up_due_at", "override", "churn_risk", "p_alive", "value_index"],
        "properties": {
          "tier": {"type": "string"},
          "tier_by_rules": {"type": "string", "description": "Before an override."},
          "since": {"$ref": "#/components/schemas/InstantOrNull"},
          "risk_band": {"$ref": "#/components/schemas/Band"},
          "lifecycle": {"$ref": "#/components/schemas/Stage"},
          "follow_up": {"$ref": "#/components/schemas/FollowUp"},
          "follow_up_due_at": {"$ref": "#/components/schemas/InstantOrNull"},
          "override": {"$ref": "#/components/schemas/Override"},
          "churn_risk": {"$ref": "#/components/schemas/Probability"},
          "p_alive": {"$ref": "#/components/schemas/Probability"},
          "value_index": {"type": ["number", "null"], "minimum": 0, "maximum": 100}
        }
      },
      "Changes": {
        "type": "object", "additionalProperties": false,
        "description": "Only what differs. from is null for a customer who came, to for one erased.",
        "properties": {
          "tier": {"$ref": "#/components/schemas/TierChange"},
          "tier_by_rules": {"$ref": "#/components/schemas/TierChange"},
          "risk_band": {
            "type": "object", "additionalProperties": false, "required": ["from", "to"],
            "properties": {"from": {"$ref": "#/components/schemas/Band"},
                           "to": {"$ref": "#/components/schemas/Band"}}},
          "lifecycle": {
            "type": "object", "additionalProperties": false, "required": ["from", "to"],
            "properties": {"from": {"$ref": "#/components/schemas/StageOrNull"},
                           "to": {"$ref": "#/components/schemas/StageOrNull"}}},
          "follow_up": {
            "type": "object", "additionalProperties": false, "required": ["from", "to"],
            "properties": {"from": {"$ref": "#/components/schemas/FollowUpOrNull"},
                           "to": {"$ref": "#/components/schemas/FollowUpOrNull"}}},
          "override": {
            "type": "object", "additionalProperties": false, "required": ["from", "to"],
            "properties": {"from": {"$ref": "#/components/schemas/Override"},
                           "to": {"$ref": "#/components/schemas/Override"}}}
        }
      },
      "TierChange": {
        "type": "object", "additionalProperties": false, "required": ["from", "to"],
        "properties": {"from": {"type": ["string", "null"]}, "to": {"type": ["string", "null"]}}
      },
)json"
                                   R"json(      "Change": {
        "type": "object", "additionalProperties": false,
        "required": ["type", "customer_id", "at", "cause", "changes", "score", "seq"],
        "properties": {
          "type": {"enum": ["change"]},
          "customer_id": {"type": "string", "minLength": 1},
          "at": {"$ref": "#/components/schemas/Instant"},
          "cause": {"enum": ["event", "time", "override"]},
          "changes": {"$ref": "#/components/schemas/Changes"},
          "score": {"$ref": "#/components/schemas/Score"},
          "seq": {"$ref": "#/components/schemas/Seq"},
          "conflated": {"type": "integer", "minimum": 2},
          "cursor": {"$ref": "#/components/schemas/Cursor"}
        }
      },
      "Enter": {
        "type": "object", "additionalProperties": false,
        "required": ["type", "customer_id", "at", "cause", "changes", "score", "seq"],
        "properties": {
          "type": {"enum": ["enter"]},
          "customer_id": {"type": "string", "minLength": 1},
          "at": {"$ref": "#/components/schemas/Instant"},
          "cause": {"enum": ["event", "time", "override"]},
          "changes": {"$ref": "#/components/schemas/Changes"},
          "score": {"$ref": "#/components/schemas/Score"},
          "seq": {"$ref": "#/components/schemas/Seq"},
          "conflated": {"type": "integer", "minimum": 2},
          "cursor": {"$ref": "#/components/schemas/Cursor"}
        }
      },
      "Leave": {
        "type": "object", "additionalProperties": false,
        "required": ["type", "customer_id", "at", "cause", "changes", "score", "seq"],
        "properties": {
          "type": {"enum": ["leave"]},
          "customer_id": {"type": "string", "minLength": 1},
          "at": {"$ref": "#/components/schemas/Instant"},
          "cause": {"enum": ["event", "time", "override"]},
          "changes": {"$ref": "#/components/schemas/Changes"},
          "score": {"oneOf": [{"type": "null"}, {"$ref": "#/components/schemas/Score"}],
                    "description": "null: erased."},
          "seq": {"$ref": "#/components/schemas/Seq"},
          "conflated": {"type": "integer", "minimum": 2},
          "cursor": {"$ref": "#/components/schemas/Cursor"}
        }
      },
      "Stats": {
        "type": "object", "additionalProperties": false,
        "required": ["type", "customers", "tiers", "risk_bands", "lifecycle", "follow_up", "pending",
                     "seq", "as_of"],
        "properties": {
          "type": {"enum": ["stats"]},
          "customers": {"$ref": "#/components/schemas/Count"},
          "tiers": {"$ref": "#/components/schemas/Counts"},
          "risk_bands": {"$ref": "#/components/schemas/Counts"},
          "lifecycle": {"$ref": "#/components/schemas/Counts"},
          "follow_up": {"$ref": "#/components/schemas/Counts"},
          "pending": {"type": "integer", "minimum": 0,
                      "description": "Customers not counted yet: not looked at since the start."},
          "seq": {"$ref": "#/components/schemas/Seq"},
          "as_of": {"$ref": "#/components/schemas/Instant"}
        }
      },
      "Heartbeat": {
        "type": "object", "additionalProperties": false,
        "required": ["type", "cursor", "seq", "as_of"],
        "properties": {
          "type": {"enum": ["heartbeat"]},
          "cursor": {"$ref": "#/components/schemas/Cursor"},
          "seq": {"$ref": "#/components/schemas/Seq"},
          "as_of": {"$ref": "#/components/schemas/Instant"}
        }
      }
    })json";

}  // namespace

std::string_view asyncapi_schemas() {
    return kText;
}

}  // namespace patron::endpoints
