#pragma once
// The messages of the live stream about one customer, as JSON, the same for both doors.
//
// Shapes     one object, one line:
//   {"type":"customer","customer_id":"C","score":{...}}
//   {"type":"change|enter|leave","customer_id":"C","at":"...","cause":"event|time|override",
//    "changes":{"tier":{"from":"gold","to":"silver"},...},"score":{...},"seq":N,"conflated":3,
//    "cursor":"e:o"}
//   changes: tier, tier_by_rules, risk_band, lifecycle, follow_up, override; only those that differ as they
//   are told; `from` is null for a customer who came, `to` null for one erased, whose score is null.
//   score: tier, tier_by_rules, since, risk_band, lifecycle, follow_up, follow_up_due_at, override,
//   churn_risk, p_alive, value_index.
//   override: {"mode":"pin","tier":"gold"}, or null.
//   cursor is left out of changes inside a snapshot; conflated (how many changes are in this one) is left
//   out when it is 1.
// Units      as in score_encoder.h. AsyncAPI: asyncapi.h.
// Threads    pure.
// Cost       no allocation once `out` is warm.

#include <cstdint>
#include <optional>
#include <utility>

#include "server/wire/byte_writer.h"
#include "server/wire/policy_texts.h"
#include "store/change.h"

namespace patron::wire {

enum class ChangeVerb : std::uint8_t { Change, Enter, Leave };

void append_picture_row(ByteWriter& out, const PolicyTexts& texts, const store::PictureRow& row);

// In two parts, so that one text serves all subscribers: what differs between them comes first.
//   {"type":"change"                               append_change_verb
//   ,"customer_id":...,"seq":N,"cursor":"e:o"}      append_change_tail
void append_change_verb(ByteWriter& out, ChangeVerb verb);
void append_change_tail(
    ByteWriter& out,
    const PolicyTexts& texts,
    const store::Change& change,
    std::optional<std::pair<std::uint64_t, std::uint64_t>> cursor,  // epoch, offset
    std::uint64_t conflated = 1
);

}  // namespace patron::wire
