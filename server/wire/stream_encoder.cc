#include "server/wire/stream_encoder.h"

#include <string_view>

#include "server/wire/digits.h"
#include "server/wire/hex_digits.h"
#include "server/wire/instant_text.h"
#include "server/wire/standing_counts.h"
#include "store/limits.h"

namespace patron::wire {
namespace {

std::string_view reason_name(GapReason reason) {
    switch (reason) {
        case GapReason::UnknownEpoch:
            return "unknown_epoch";
        case GapReason::Expired:
            return "expired";
        case GapReason::Slow:
            return "slow";
    }
    return "";
}

void append_seq_and_time(ByteWriter& out, std::uint64_t seq, scoring::Instant as_of) {
    out.append(R"(,"seq":)");
    out.append_uint(seq);
    out.append(R"(,"as_of":")");
    append_instant(out, as_of);
    out.append('"');
}

void append_position(ByteWriter& out, const StreamPosition& where) {
    out.append(R"(,"cursor":")");
    append_cursor(out, where.epoch, where.offset);
    out.append('"');
    append_seq_and_time(out, where.seq, where.as_of);
}

// What a listener needs to know of the server, after `head`.
void append_greeting(
    ByteWriter& out, std::string_view head, const PolicyTexts& texts, const StreamPosition& where
) {
    out.append(head);
    append_position(out, where);
    out.append(R"(,"policy":)");
    out.append(texts.name());
    out.append(R"(,"heartbeat_ms":)");
    out.append_int(store::limits::kStreamHeartbeatMs);
    out.append('}');
}

}  // namespace

void append_cursor(ByteWriter& out, std::uint64_t epoch, std::uint64_t offset) {
    char* const start = out.reserve(kHexDigits + 1 + kUintBytesMax);
    char* at = put_hex(start, epoch);
    *at++ = ':';
    at = put_uint(at, offset);
    out.advance(static_cast<std::size_t>(at - start));
}

void append_hello(ByteWriter& out, const PolicyTexts& texts, const StreamPosition& where) {
    append_greeting(out, R"({"type":"hello")", texts, where);
}

void append_resumed(ByteWriter& out, const PolicyTexts& texts, const StreamPosition& where) {
    append_greeting(out, R"({"type":"resumed")", texts, where);
}

void append_gap(
    ByteWriter& out, const PolicyTexts& texts, const StreamPosition& where, GapReason reason
) {
    out.append(R"({"type":"gap","reason":")");
    out.append(reason_name(reason));
    append_greeting(out, R"(")", texts, where);
}

void append_snapshot_begin(ByteWriter& out, scoring::Instant as_of) {
    out.append(R"({"type":"snapshot_begin","as_of":")");
    append_instant(out, as_of);
    out.append(R"("})");
}

void append_snapshot_end(ByteWriter& out, const StreamPosition& where, std::uint64_t customers) {
    out.append(R"({"type":"snapshot_end","cursor":")");
    append_cursor(out, where.epoch, where.offset);
    out.append(R"(","customers":)");
    out.append_uint(customers);
    out.append('}');
}

void append_heartbeat(ByteWriter& out, const StreamPosition& where) {
    out.append(R"({"type":"heartbeat")");
    append_position(out, where);
    out.append('}');
}

void append_counts(ByteWriter& out, const PolicyTexts& texts, const store::LiveCounts& counts) {
    out.append(R"({"type":"stats","customers":)");
    out.append_uint(counts.customers);
    append_standing_counts(
        out, texts, {counts.tiers, counts.bands, counts.stages, counts.follow_ups}
    );
    out.append(R"(,"pending":)");
    out.append_uint(counts.pending);
    append_seq_and_time(out, counts.seq, counts.as_of);
    out.append('}');
}

}  // namespace patron::wire
