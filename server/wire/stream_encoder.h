#pragma once
// The messages of the live stream as JSON, the same for both doors; framing is net's.
//
// Shapes     one object, one line:
//   {"type":"hello","cursor":"e:o","seq":N,"as_of":"...","policy":"default@1","heartbeat_ms":15000}
//   {"type":"resumed", as hello}
//   {"type":"gap","reason":"unknown_epoch|expired|slow", as hello}       a snapshot follows
//   {"type":"snapshot_begin","as_of":"..."}                              until its end no cursor is told
//   {"type":"customer","customer_id":"C","score":{...}}
//   {"type":"snapshot_end","cursor":"e:o","customers":N}
//   {"type":"change|enter|leave","cursor":"e:o","customer_id":"C","at":"...","cause":"event|time|override",
//    "changes":{"tier":{"from":"gold","to":"silver"},...},"score":{...},"seq":N,"conflated":3}
//   {"type":"stats","customers":N,"tiers":{...},"risk_bands":{...},"lifecycle":{...},"follow_up":{...},
//    "pending":N,"seq":N,"as_of":"..."}
//   {"type":"heartbeat","cursor":"e:o","seq":N,"as_of":"..."}
//   changes: tier, tier_by_rules, risk_band, lifecycle, follow_up, override; only those that differ; `from` is
//   null for a customer who came, `to` null for one erased, whose score is null.
//   score: tier, tier_by_rules, since, risk_band, lifecycle, follow_up, follow_up_due_at, override,
//   churn_risk, p_alive, value_index.
//   cursor is left out of changes inside a snapshot; conflated (how many changes are in this one) is left
//   out when it is 1.
// Units      as in score_encoder.h. AsyncAPI: asyncapi.h.
// Threads    pure.

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "server/wire/byte_writer.h"
#include "server/wire/policy_texts.h"
#include "store/change.h"

namespace patron::wire {

struct StreamPosition {
    std::uint64_t epoch = 0;
    std::uint64_t offset = 0;
    std::uint64_t seq = 0;
    scoring::Instant as_of;
};

enum class ChangeVerb : std::uint8_t { Change, Enter, Leave };
enum class GapReason : std::uint8_t { UnknownEpoch, Expired, Slow };

// `"<epoch>:<offset>"` without quotes; the id of an SSE event.
void append_cursor(ByteWriter& out, std::uint64_t epoch, std::uint64_t offset);

void append_hello(ByteWriter& out, const PolicyTexts& texts, const StreamPosition& where);
void append_resumed(ByteWriter& out, const PolicyTexts& texts, const StreamPosition& where);
void append_gap(
    ByteWriter& out, const PolicyTexts& texts, const StreamPosition& where, GapReason reason
);
void append_snapshot_begin(ByteWriter& out, scoring::Instant as_of);
void append_picture_row(ByteWriter& out, const PolicyTexts& texts, const store::PictureRow& row);
void append_snapshot_end(ByteWriter& out, const StreamPosition& where, std::uint64_t customers);
void append_heartbeat(ByteWriter& out, const StreamPosition& where);
void append_counts(ByteWriter& out, const PolicyTexts& texts, const store::LiveCounts& counts);

// In two parts, so that one text serves all subscribers: what differs between them comes first.
//   {"type":"change"                               append_change_verb
//   ,"customer_id":...,"seq":N,"cursor":"e:o"}      append_change_tail; the place of members is free
void append_change_verb(ByteWriter& out, ChangeVerb verb);
void append_change_tail(
    ByteWriter& out,
    const PolicyTexts& texts,
    const store::Change& change,
    std::optional<std::pair<std::uint64_t, std::uint64_t>> cursor,  // epoch, offset
    std::uint64_t conflated = 1
);

}  // namespace patron::wire
