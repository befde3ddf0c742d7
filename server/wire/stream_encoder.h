#pragma once
// The messages of the live stream that are not about one customer, as JSON, the same for both doors;
// framing is net's. Those about one customer: change_encoder.h.
//
// Shapes     one object, one line:
//   {"type":"hello","cursor":"e:o","seq":N,"as_of":"...","policy":"default@1","heartbeat_ms":15000}
//   {"type":"resumed", as hello}
//   {"type":"gap","reason":"unknown_epoch|expired|slow", as hello}       a snapshot follows
//   {"type":"snapshot_begin","as_of":"..."}                              until its end no cursor is told
//   {"type":"snapshot_end","cursor":"e:o","customers":N}
//   {"type":"stats","customers":N,"tiers":{...},"risk_bands":{...},"lifecycle":{...},"follow_up":{...},
//    "pending":N,"seq":N,"as_of":"..."}
//   {"type":"heartbeat","cursor":"e:o","seq":N,"as_of":"..."}
// Units      as in score_encoder.h. AsyncAPI: asyncapi.h.
// Threads    pure.

#include <cstdint>

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

enum class GapReason : std::uint8_t { UnknownEpoch, Expired, Slow };

// "<epoch in 16 hex digits>:<offset>", without quotes; the id of an SSE event.
void append_cursor(ByteWriter& out, std::uint64_t epoch, std::uint64_t offset);

void append_hello(ByteWriter& out, const PolicyTexts& texts, const StreamPosition& where);
void append_resumed(ByteWriter& out, const PolicyTexts& texts, const StreamPosition& where);
void append_gap(
    ByteWriter& out, const PolicyTexts& texts, const StreamPosition& where, GapReason reason
);
void append_snapshot_begin(ByteWriter& out, scoring::Instant as_of);
void append_snapshot_end(ByteWriter& out, const StreamPosition& where, std::uint64_t customers);
void append_heartbeat(ByteWriter& out, const StreamPosition& where);
void append_counts(ByteWriter& out, const PolicyTexts& texts, const store::LiveCounts& counts);

}  // namespace patron::wire
