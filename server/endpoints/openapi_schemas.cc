#include "server/endpoints/openapi.h"

namespace patron::endpoints {

namespace {

constexpr std::string_view kText = R"json({
      "Problem": {
        "type": "object", "additionalProperties": false,
        "required": ["type", "title", "status", "detail", "code"],
        "properties": {
          "type": {"type": "string"},
          "title": {"type": "string"},
          "status": {"type": "integer", "minimum": 400, "maximum": 599},
          "detail": {"type": "string"},
          "code": {"type": "string"},
          "field": {"type": "string"},
          "index": {"type": "integer", "minimum": 0}
        }
      },
      "InstantOrNull": {"type": ["string", "null"], "format": "date-time"},
      "Probability": {"type": ["number", "null"], "minimum": 0, "maximum": 1},
      "Seq": {"type": "integer", "minimum": 0},
      "Count": {"type": "integer", "minimum": 0},
      "Counts": {"type": "object", "additionalProperties": {"$ref": "#/components/schemas/Count"}},
      "Hash": {"type": "string", "minLength": 16, "maxLength": 16,
               "description": "Of what the log says: silence alone does not move it."},
      "Stage": {"enum": ["prospect", "new", "active", "at_risk", "dormant", "churned", "won_back"]},
      "FollowUp": {"enum": ["none", "planned", "due", "over_contacted", "do_not_contact"]},
      "Gap": {
        "oneOf": [
          {"type": "null"},
          {"type": "object", "additionalProperties": false, "required": ["feature", "missing", "by"],
           "properties": {
             "feature": {"type": "string"},
             "missing": {"type": "number", "minimum": 0,
                         "description": "In the feature's unit; money in decimals. Rounded up."},
             "by": {"$ref": "#/components/schemas/InstantOrNull"}}}
        ]
      },
      "Score": {
        "allOf": [{"$ref": "#/components/schemas/ScorePart"}],
        "required": ["customer_id", "tier", "tier_by_rules", "tier_label", "since", "valid_until",
                     "next_tier", "gap_to_next", "required_to_keep", "service_level", "value_index",
                     "churn_risk", "risk_band", "p_alive", "lifecycle", "clv", "follow_up_due_at",
                     "next_transition_at", "override", "policy", "seq", "as_of"]
      },
      "ScorePart": {
        "type": "object", "additionalProperties": false,
        "properties": {
          "customer_id": {"type": "string"},
          "tier": {"type": "string"},
          "tier_by_rules": {"type": "string", "description": "Before an override."},
          "tier_label": {"type": "object", "additionalProperties": false, "required": ["en", "zh"],
                         "properties": {"en": {"type": "string"}, "zh": {"type": "string"}}},
          "since": {"$ref": "#/components/schemas/InstantOrNull"},
          "valid_until": {"$ref": "#/components/schemas/InstantOrNull"},
          "next_tier": {"type": ["string", "null"], "description": "Above tier_by_rules."},
          "gap_to_next": {"$ref": "#/components/schemas/Gap"},
          "required_to_keep": {"$ref": "#/components/schemas/Gap"},
          "service_level": {"type": "string"},
          "value_index": {"type": ["number", "null"], "minimum": 0, "maximum": 100},
          "churn_risk": {"$ref": "#/components/schemas/Probability"},
          "risk_band": {"enum": ["low", "medium", "high", null]},
          "p_alive": {"$ref": "#/components/schemas/Probability"},
          "lifecycle": {"$ref": "#/components/schemas/Stage"},
          "clv": {"type": ["number", "null"]},
          "follow_up_due_at": {"$ref": "#/components/schemas/InstantOrNull"},
          "next_transition_at": {"$ref": "#/components/schemas/InstantOrNull"},
          "override": {"$ref": "#/components/schemas/OverrideInForce"},
          "policy": {"type": "string"},
          "seq": {"$ref": "#/components/schemas/Seq"},
          "as_of": {"type": "string", "format": "date-time"}
        }
      },
      "OverrideInForce": {
        "oneOf": [
          {"type": "null"},
          {"type": "object", "additionalProperties": false, "required": ["mode", "tier", "until"],
           "properties": {
             "mode": {"enum": ["pin", "floor", "ceiling"]},
             "tier": {"type": "string"},
             "until": {"$ref": "#/components/schemas/InstantOrNull"}}}
        ]
      },
      "Portrait": {
        "type": "object", "additionalProperties": false,
        "required": ["customer_id", "score", "features", "signals", "attributes", "override",
                     "data_completeness", "need_type", "follow_up", "horizon_days",
                     "purchase_probability", "expected_purchases", "policy", "seq", "as_of"],
        "properties": {
          "customer_id": {"type": "string"},
          "score": {"$ref": "#/components/schemas/Score"},
          "features": {"$ref": "#/components/schemas/Features"},
          "signals": {"type": "object", "additionalProperties": {
            "type": ["number", "null"], "minimum": -1, "maximum": 1}},
          "attributes": {"$ref": "#/components/schemas/Attributes"},
          "override": {"$ref": "#/components/schemas/OverrideDetails"},
          "data_completeness": {"type": "number", "minimum": 0, "maximum": 1},
          "need_type": {"enum": ["product", "service", "mixed", null]},
          "follow_up": {"$ref": "#/components/schemas/FollowUp"},
          "horizon_days": {"type": "number", "minimum": 0},
          "purchase_probability": {"$ref": "#/components/schemas/Probability"},
          "expected_purchases": {"type": ["number", "null"], "minimum": 0},
          "policy": {"type": "string"},
          "seq": {"$ref": "#/components/schemas/Seq"},
          "as_of": {"type": "string", "format": "date-time"}
        }
      },
      "Features": {
        "type": "object", "additionalProperties": false,
        "patternProperties": {"^(spend|orders|return_rate)_[0-9]+d$": {"type": "number"}},
        "properties": {
          "spend_lifetime": {"type": "number"},
          "orders_lifetime": {"type": "integer"},
          "return_rate_lifetime": {"type": "number"},
          "average_order_value": {"type": "number"},
          "purchase_days": {"type": "integer"},
          "x": {"type": "integer"},
          "t_x_days": {"type": "number"},
          "order_interval_days": {"type": "number"},
          "contribution_365d": {"type": "number"},
          "cost_to_serve_365d": {"type": "number"},
          "recency_days": {"type": "number"},
          "tenure_days": {"type": "number"},
          "recency_whole_days": {"type": "number"},
          "tenure_whole_days": {"type": "number"},
          "nps_last": {"type": "number"},
          "csat_last": {"type": "number"},
          "csat_ewma": {"type": "number"},
          "review_score": {"type": "number"},
          "feedback_sentiment": {"type": "number"},
          "open_tickets": {"type": "integer"},
          "oldest_open_hours": {"type": "number"},
          "first_response_hours": {"type": "number"},
          "referrals_made": {"type": "integer"},
          "referrals_converted": {"type": "integer"},
          "trainings_completed": {"type": "integer"},
          "activity": {"type": "number"},
          "complaint_load": {"type": "number"},
          "contact_pressure": {"type": "number"},
          "influence": {"type": "number"},
          "strategic": {"type": "number"},
          "expert_score": {"type": "number"},
          "rfm_r": {"type": "number"},
          "rfm_f": {"type": "number"},
          "rfm_m": {"type": "number"},
          "value_index": {"type": "number"},
          "p_alive": {"type": "number"},
          "purchase_probability": {"type": "number"},
          "T_days": {"type": "number", "minimum": 0},
          "rfm": {"type": "object", "additionalProperties": false,
            "required": ["r", "f", "m", "class"],
            "properties": {
              "r": {"type": "integer", "minimum": 1, "maximum": 5},
              "f": {"type": "integer", "minimum": 1, "maximum": 5},
              "m": {"type": "integer", "minimum": 1, "maximum": 5},
              "class": {"enum": ["low_value", "general", "potential", "high_value"]}}}
        }
      },
      "Attributes": {
        "type": "object", "additionalProperties": false, "required": ["do_not_contact"],
        "properties": {
          "customer_since": {"type": "string", "format": "date-time"},
          "influence": {"type": "number", "minimum": 0, "maximum": 100},
          "strategic": {"enum": ["none", "potential", "key"]},
          "expert_score": {"type": "number", "minimum": 0, "maximum": 100},
          "preferred_channel": {"type": "string"},
          "do_not_contact": {"type": "boolean"},
          "region": {"type": "string"},
          "industry": {"type": "string"},
          "owner": {"type": "string"},
          "birthday": {"type": "string", "format": "date"},
          "tags": {"type": "array", "items": {"type": "string"}}
        }
      },
      "OverrideDetails": {
        "oneOf": [
          {"type": "null"},
          {"type": "object", "additionalProperties": false,
           "required": ["mode", "tier", "in_force", "at", "until", "reason", "by"],
           "properties": {
             "mode": {"enum": ["pin", "floor", "ceiling"]},
             "tier": {"type": "string"},
             "in_force": {"type": "boolean"},
             "at": {"type": "string", "format": "date-time"},
             "until": {"$ref": "#/components/schemas/InstantOrNull"},
             "reason": {"type": "string"},
             "by": {"type": "string"}}}
        ]
      },
      "Stats": {
        "type": "object", "additionalProperties": false,
        "required": ["customers", "tiers", "risk_bands", "lifecycle", "follow_up", "by",
                     "value_at_risk", "churn_risk", "policy", "seq", "as_of"],
        "patternProperties": {"^spend_[0-9]+d_at_risk$": {"type": "number"}},
        "properties": {
          "customers": {"$ref": "#/components/schemas/Count"},
          "tiers": {"$ref": "#/components/schemas/Counts"},
          "risk_bands": {"$ref": "#/components/schemas/Counts"},
          "lifecycle": {"$ref": "#/components/schemas/Counts"},
          "follow_up": {"$ref": "#/components/schemas/Counts"},
          "by": {"type": "array", "items": {
            "type": "object", "additionalProperties": false,
            "required": ["tier", "risk_band", "lifecycle", "customers"],
            "properties": {
              "tier": {"type": "string"},
              "risk_band": {"enum": ["none", "low", "medium", "high"]},
              "lifecycle": {"$ref": "#/components/schemas/Stage"},
              "customers": {"type": "integer", "minimum": 1}}}},
          "value_at_risk": {"type": ["number", "null"]},
          "churn_risk": {
            "type": "object", "additionalProperties": false, "required": ["customers", "mean", "sum"],
            "properties": {
              "customers": {"$ref": "#/components/schemas/Count"},
              "mean": {"type": ["number", "null"]},
              "sum": {"type": "number", "description": "How many are expected to leave."}}},
          "state_hash": {"$ref": "#/components/schemas/Hash"},
          "facts_hash": {"$ref": "#/components/schemas/Hash"},
          "policy": {"type": "string"},
          "seq": {"$ref": "#/components/schemas/Seq"},
          "as_of": {"type": "string", "format": "date-time"}
        }
      },
      "Event": {
        "type": "object", "required": ["type", "customer"],
        "description": "The envelope; each type has fields of its own.",
        "properties": {
          "id": {"type": "string"},
          "type": {"enum": ["order", "refund", "visit", "ticket_opened", "ticket_first_response",
            "ticket_resolved", "complaint", "review", "survey", "feedback", "referral", "follow_up",
            "training", "profile", "override", "churn_confirmed", "erase"]},
          "customer": {"type": "string"},
          "at": {"type": ["string", "integer"]},
          "source": {"type": "string"}
        }
      },
      "IngestReply": {
        "type": "object", "additionalProperties": false,
        "required": ["accepted", "duplicates", "seq", "rejected_count", "rejected"],
        "properties": {
          "accepted": {"$ref": "#/components/schemas/Count"},
          "duplicates": {"$ref": "#/components/schemas/Count"},
          "seq": {"$ref": "#/components/schemas/Seq"},
          "rejected_count": {"$ref": "#/components/schemas/Count"},
          "rejected": {"type": "array", "items": {
            "type": "object", "additionalProperties": false,
            "required": ["index", "code", "field", "detail"],
            "properties": {
              "index": {"type": "integer", "minimum": 0},
              "code": {"type": "string"},
              "field": {"type": ["string", "null"]},
              "detail": {"type": "string"}}}},
          "scores": {"type": "object",
                     "additionalProperties": {"$ref": "#/components/schemas/Score"}}
        }
      },
      "Scores": {
        "type": "object", "additionalProperties": false,
        "required": ["scores", "policy", "seq", "as_of"],
        "properties": {
          "scores": {"type": "array", "items": {"oneOf": [
            {"type": "null"}, {"$ref": "#/components/schemas/ScorePart"}]}},
          "policy": {"type": "string"},
          "seq": {"$ref": "#/components/schemas/Seq"},
          "as_of": {"type": "string", "format": "date-time"}
        }
      },
      "CustomerPage": {
        "type": "object", "additionalProperties": false,
        "required": ["customers", "next_cursor", "policy", "seq", "as_of"],
        "properties": {
          "customers": {"type": "array", "items": {"$ref": "#/components/schemas/Score"}},
          "next_cursor": {"type": ["string", "null"]},
          "policy": {"type": "string"},
          "seq": {"$ref": "#/components/schemas/Seq"},
          "as_of": {"type": "string", "format": "date-time"}
        }
      },
      "WriteReply": {
        "type": "object", "additionalProperties": false, "required": ["customer_id", "seq", "score"],
        "properties": {
          "customer_id": {"type": "string"},
          "seq": {"$ref": "#/components/schemas/Seq"},
          "score": {"oneOf": [{"type": "null"}, {"$ref": "#/components/schemas/Score"}]}
        }
      },
      "EraseReply": {
        "type": "object", "additionalProperties": false,
        "required": ["customer_id", "seq", "score", "purge"],
        "properties": {
          "customer_id": {"type": "string"},
          "seq": {"$ref": "#/components/schemas/Seq"},
          "score": {"oneOf": [{"type": "null"}, {"$ref": "#/components/schemas/Score"}]},
          "purge": {
            "type": "object", "additionalProperties": false, "required": ["pending", "due"],
            "description": "Until when log and snapshots still hold what was erased.",
            "properties": {
              "pending": {"type": "boolean"},
              "due": {"$ref": "#/components/schemas/InstantOrNull"}}}
        }
      },
      "Snapshot": {
        "type": "object", "additionalProperties": false,
        "required": ["name", "from_seq", "seq", "customers", "bytes", "made_at"],
        "properties": {
          "name": {"type": "string"},
          "from_seq": {"$ref": "#/components/schemas/Seq"},
          "seq": {"$ref": "#/components/schemas/Seq"},
          "customers": {"$ref": "#/components/schemas/Count"},
          "bytes": {"$ref": "#/components/schemas/Count"},
          "made_at": {"type": "string", "format": "date-time"}
        }
      },
      "Backup": {
        "type": "object", "additionalProperties": false,
        "required": ["directory", "seq", "bytes", "snapshot"],
        "properties": {
          "directory": {"type": "string", "description": "Where the server made it."},
          "seq": {"$ref": "#/components/schemas/Seq"},
          "bytes": {"$ref": "#/components/schemas/Count"},
          "snapshot": {"$ref": "#/components/schemas/Snapshot"}
        }
      },
      "Livez": {"type": "object", "additionalProperties": false, "required": ["status"],
                "properties": {"status": {"enum": ["alive"]}}},
      "Readyz": {
        "type": "object", "additionalProperties": false, "required": ["status"],
        "properties": {
          "status": {"enum": ["ready"]},
          "checks": {"type": "array", "items": {
            "type": "object", "additionalProperties": false, "required": ["name", "ok", "detail"],
            "properties": {"name": {"type": "string"}, "ok": {"type": "boolean"},
                           "detail": {"type": "string"}}}}
        }
      },
      "Healthz": {
        "type": "object", "additionalProperties": false,
        "required": ["status", "ready", "customers", "seq", "log", "durable", "durability",
                     "last_snapshot_seq"],
        "properties": {
          "status": {"enum": ["ok"]},
          "ready": {"type": "boolean"},
          "customers": {"$ref": "#/components/schemas/Count"},
          "seq": {"$ref": "#/components/schemas/Seq"},
          "log": {"type": "string"},
          "durable": {"type": "boolean",
                      "description": "Whether what was acknowledged survives the process."},
          "durability": {"enum": ["fsync", "interval", "none"]},
          "last_snapshot_seq": {"type": ["integer", "null"], "minimum": 0}
        }
      },
      "Version": {
        "type": "object", "additionalProperties": false,
        "required": ["name", "version", "commit", "build_type", "compiler", "policy"],
        "properties": {
          "name": {"enum": ["patron"]},
          "version": {"type": "string"},
          "commit": {"type": "string"},
          "build_type": {"type": "string"},
          "compiler": {"type": "string"},
          "policy": {"type": "string"}
        }
      }
    })json";

}  // namespace

std::string_view openapi_schemas() {
    return kText;
}

}  // namespace patron::endpoints
