#include "server/endpoints/openapi.h"

namespace patron::endpoints {

namespace {

constexpr std::string_view kText = R"json({
    "/v1/events": {
      "post": {
        "operationId": "ingest",
        "summary": "One event, an array of events, or NDJSON; answered once they can be read.",
        "parameters": [
          {"name": "on_error", "in": "query", "schema": {"enum": ["reject", "skip"]},
           "description": "reject (default): one bad item refuses the request; skip: bad items are listed."},
          {"name": "return", "in": "query", "schema": {"enum": ["score"]},
           "description": "Adds the scores of the customers touched, up to 100."},
          {"name": "Idempotency-Key", "in": "header",
           "schema": {"type": "string", "minLength": 1, "maxLength": 255},
           "description": "Visible ASCII. A request answered with 200 is answered so again when it comes again with its key, and not applied again; scores are read anew."}
        ],
        "requestBody": {"required": true, "content": {
          "application/json": {"schema": {"oneOf": [
            {"$ref": "#/components/schemas/Event"},
            {"type": "array", "items": {"$ref": "#/components/schemas/Event"}}]}},
          "application/x-ndjson": {"schema": {"type": "string"}}}},
        "responses": {
          "200": {"description": "Accepted and visible.",
            "headers": {"Idempotency-Replayed": {"schema": {"enum": ["true"]},
              "description": "The request was answered before; its events count once."}},
            "content": {"application/json": {
            "schema": {"$ref": "#/components/schemas/IngestReply"}}}},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/v1/scores": {
      "post": {
        "operationId": "getScores",
        "summary": "The scores of up to 10,000 customers, in order; unknown ones are null.",
        "parameters": [
          {"$ref": "#/components/parameters/at"}, {"$ref": "#/components/parameters/min_seq"}],
        "requestBody": {"required": true, "content": {"application/json": {"schema": {
          "type": "object", "additionalProperties": false, "required": ["ids"],
          "properties": {
            "ids": {"type": "array", "maxItems": 10000, "items": {"type": "string"}},
            "fields": {"type": "array", "items": {"type": "string"},
                       "description": "Members of a score; absent: all."}}}}}},
        "responses": {
          "200": {"description": "The scores.", "content": {"application/json": {
            "schema": {"$ref": "#/components/schemas/Scores"}}}},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/v1/stats": {
      "get": {
        "operationId": "getStats",
        "summary": "Counts of all customers by tier, band and stage, what is at risk, and hashes if asked for.",
        "parameters": [
          {"$ref": "#/components/parameters/at"}, {"$ref": "#/components/parameters/min_seq"},
          {"name": "hashes", "in": "query", "schema": {"type": "boolean", "default": false},
           "description": "Also the hashes of facts and states, which look at every order."}],
        "responses": {
          "200": {"description": "The counts.", "content": {"application/json": {
            "schema": {"$ref": "#/components/schemas/Stats"}}}},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/v1/customers": {
      "get": {
        "operationId": "listCustomers",
        "summary": "Filtered, sorted, page by page.",
        "parameters": [
          {"$ref": "#/components/parameters/tier"}, {"$ref": "#/components/parameters/risk_band"},
          {"$ref": "#/components/parameters/lifecycle"}, {"$ref": "#/components/parameters/follow_up"},
          {"$ref": "#/components/parameters/override"}, {"$ref": "#/components/parameters/service_level"},
          {"$ref": "#/components/parameters/region"}, {"$ref": "#/components/parameters/industry"},
          {"$ref": "#/components/parameters/owner"},
          {"name": "sort", "in": "query", "schema": {"type": "string", "default": "customer_id"},
           "description": "customer_id, churn_risk, value_index, gap, or spend_<N>d of the longest window."},
          {"name": "order", "in": "query", "schema": {"enum": ["asc", "desc"]},
           "description": "Default: asc for customer_id and gap, else desc."},
          {"name": "limit", "in": "query",
           "schema": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100}},
          {"name": "cursor", "in": "query", "schema": {"type": "string"},
           "description": "next_cursor of the page before, with the same sort and order."},
          {"$ref": "#/components/parameters/at"}, {"$ref": "#/components/parameters/min_seq"}],
        "responses": {
          "200": {"description": "A page.", "content": {"application/json": {
            "schema": {"$ref": "#/components/schemas/CustomerPage"}}}},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/v1/customers/{id}": {
      "parameters": [{"$ref": "#/components/parameters/id"}],
      "get": {
        "operationId": "getCustomer",
        "summary": "Everything known about one customer.",
        "parameters": [
          {"$ref": "#/components/parameters/at"}, {"$ref": "#/components/parameters/min_seq"}],
        "responses": {
          "200": {"description": "The portrait.", "content": {"application/json": {
            "schema": {"$ref": "#/components/schemas/Portrait"}}}},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      },
      "delete": {
        "operationId": "eraseCustomer",
        "summary": "Removes the customer and what is kept about it.",
        "responses": {
          "200": {"description": "Erased.", "content": {"application/json": {
            "schema": {"$ref": "#/components/schemas/EraseReply"}}}},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/v1/customers/{id}/score": {
      "parameters": [{"$ref": "#/components/parameters/id"}],
      "get": {
        "operationId": "getScore",
        "summary": "Tier, churn risk and what comes next, at the instant of reading.",
        "parameters": [
          {"$ref": "#/components/parameters/at"}, {"$ref": "#/components/parameters/min_seq"},
          {"name": "fields", "in": "query", "schema": {"type": "string"}, "description":
            "Members wanted, separated by commas; without valid_until, gap_to_next, required_to_keep and next_transition_at the answer waits for no search. No ETag."},
          {"name": "If-None-Match", "in": "header", "schema": {"type": "string"}}],
        "responses": {
          "200": {"description": "The score: every member, or those of fields.",
            "headers": {"ETag": {"schema": {"type": "string"},
              "description": "Of everything but seq and as_of."}},
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ScorePart"}}}},
          "304": {"description": "As the caller has it."},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/v1/customers/{id}/override": {
      "parameters": [{"$ref": "#/components/parameters/id"}],
      "put": {
        "operationId": "putOverride",
        "summary": "The expert's word on the tier.",
        "requestBody": {"required": true, "content": {"application/json": {"schema": {
          "type": "object", "additionalProperties": false, "required": ["mode", "reason", "by"],
          "properties": {
            "mode": {"enum": ["pin", "floor", "ceiling", "clear"]},
            "tier": {"type": "string"},
            "reason": {"type": "string"},
            "by": {"type": "string"},
            "until": {"oneOf": [{"type": "string", "format": "date-time"}, {"type": "integer"},
                                {"type": "null"}]}}}}}},
        "responses": {
          "200": {"description": "In force.", "content": {"application/json": {
            "schema": {"$ref": "#/components/schemas/WriteReply"}}}},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      },
      "delete": {
        "operationId": "clearOverride",
        "summary": "Hands the tier back to the rules.",
        "parameters": [
          {"name": "by", "in": "query", "required": true, "schema": {"type": "string"}},
          {"name": "reason", "in": "query", "required": true, "schema": {"type": "string"}}],
        "responses": {
          "200": {"description": "Cleared.", "content": {"application/json": {
            "schema": {"$ref": "#/components/schemas/WriteReply"}}}},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/v1/snapshots": {
      "post": {
        "operationId": "makeSnapshot",
        "summary": "Writes a snapshot now; answered once it is on the disk.",
        "responses": {
          "200": {"description": "Made.", "content": {"application/json": {
            "schema": {"$ref": "#/components/schemas/Snapshot"}}}},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/v1/backups": {
      "post": {
        "operationId": "makeBackup",
        "summary": "Copies log and snapshot into the folder of backups; answered once it is on the disk.",
        "requestBody": {"required": false, "content": {"application/json": {"schema": {
          "type": "object", "additionalProperties": false,
          "properties": {
            "name": {"type": "string", "minLength": 1, "maxLength": 64,
                     "description": "[A-Za-z0-9._-], not starting with a dot; absent: the time in UTC."}}}}}},
        "responses": {
          "200": {"description": "Made.", "content": {"application/json": {
            "schema": {"$ref": "#/components/schemas/Backup"}}}},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/livez": {
      "get": {
        "operationId": "getLivez",
        "responses": {
          "200": {"description": "The process answers.", "content": {"application/json": {
            "schema": {"$ref": "#/components/schemas/Livez"}}}},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/readyz": {
      "get": {
        "operationId": "getReadyz",
        "parameters": [{"name": "verbose", "in": "query", "allowEmptyValue": true,
                        "schema": {"type": "string"}}],
        "responses": {
          "200": {"description": "Requests may come.", "content": {"application/json": {
            "schema": {"$ref": "#/components/schemas/Readyz"}}}},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/healthz": {
      "get": {
        "operationId": "getHealthz",
        "responses": {
          "200": {"description": "How it is.", "content": {"application/json": {
            "schema": {"$ref": "#/components/schemas/Healthz"}}}},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/metrics": {
      "get": {
        "operationId": "getMetrics",
        "responses": {
          "200": {"description": "Prometheus text format.", "content": {
            "text/plain; version=0.0.4; charset=utf-8": {"schema": {"type": "string"}}}},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/version": {
      "get": {
        "operationId": "getVersion",
        "responses": {
          "200": {"description": "Which Patron this is.", "content": {"application/json": {
            "schema": {"$ref": "#/components/schemas/Version"}}}},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/openapi.json": {
      "get": {
        "operationId": "getOpenApi",
        "responses": {
          "200": {"description": "This document.", "content": {"application/json": {
            "schema": {"type": "object"}}}},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    }
  })json";

}  // namespace

std::string_view openapi_paths() {
    return kText;
}

}  // namespace patron::endpoints
