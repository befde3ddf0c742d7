#include "server/wire/problem.h"

#include <cstdint>

namespace patron::wire {

namespace {

using store::FaultCode;

// Length of the valid UTF-8 sequence at the start of `text` (RFC 3629), 0 if there is none.
std::size_t utf8_sequence(std::string_view text) {
    const auto byte = [text](std::size_t i) {
        return static_cast<std::uint8_t>(text[i]);
    };
    const std::uint8_t lead = byte(0);
    if (lead < 0x80) {
        return 1;
    }
    const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || text.size() < length) {
        return 0;
    }
    // Overlong forms, surrogates and values past U+10FFFF all show in the second byte.
    const std::uint8_t low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    const std::uint8_t high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (byte(1) < low || byte(1) > high) {
        return 0;
    }
    for (std::size_t i = 2; i < length; ++i) {
        if ((byte(i) & 0xC0) != 0x80) {
            return 0;
        }
    }
    return length;
}

void append_ascii(ByteWriter& out, char c) {
    constexpr std::string_view kHex = "0123456789abcdef";
    const auto byte = static_cast<std::uint8_t>(c);
    if (c == '"' || c == '\\') {
        out.append('\\');
        out.append(c);
    } else if (byte < 0x20 || byte == 0x7F) {
        out.append("\\u00");
        out.append(kHex[byte >> 4]);
        out.append(kHex[byte & 15]);
    } else {
        out.append(c);
    }
}

// A position at most `limit` that does not stand inside a UTF-8 sequence.
std::string_view cut(std::string_view text, std::size_t limit) {
    if (text.size() <= limit) {
        return text;
    }
    std::size_t end = limit;
    while (end > limit - 3 && (static_cast<std::uint8_t>(text[end]) & 0xC0) == 0x80) {
        --end;
    }
    return text.substr(0, end);
}

void append_string(ByteWriter& out, std::string_view text) {
    text = cut(text, kProblemTextBytesMax);
    out.append('"');
    while (!text.empty()) {
        const std::size_t length = utf8_sequence(text);
        if (length == 0) {
            out.append("\xEF\xBF\xBD");
            text.remove_prefix(1);
            continue;
        }
        if (length == 1) {
            append_ascii(out, text[0]);
        } else {
            out.append(text.substr(0, length));
        }
        text.remove_prefix(length);
    }
    out.append('"');
}

void append_body(ByteWriter& out, const ProblemKind& kind, const store::Fault& fault) {
    out.append(R"({"type":"/problems/)");
    out.append(kind.code);
    out.append(R"(","title":)");
    append_string(out, kind.title);
    out.append(R"(,"status":)");
    out.append_int(kind.status);
    out.append(R"(,"detail":)");
    append_string(out, fault.detail);
    out.append(R"(,"code":)");
    append_string(out, kind.code);
    if (!fault.field.empty()) {
        out.append(R"(,"field":)");
        append_string(out, fault.field);
    }
    if (fault.index != store::kNoIndex) {
        out.append(R"(,"index":)");
        out.append_int(fault.index);
    }
    out.append('}');
}

bool clears_by_itself(FaultCode code) {
    return code == FaultCode::QueueFull || code == FaultCode::NotReady ||
           code == FaultCode::Stopping || code == FaultCode::TooManyConnections ||
           code == FaultCode::KeyInFlight || code == FaultCode::NoDescriptors ||
           code == FaultCode::TooManyStreams || code == FaultCode::TooManyClientStreams;
}

}  // namespace

// One line per value; internal is only what lies outside the enumeration.
// clang-format off
ProblemKind problem_kind(FaultCode code) {
    using enum FaultCode;
    switch (code) {
        case BadRequest: return {400, "bad_request", "Malformed request"};
        case BadJson: return {400, "bad_json", "Malformed JSON"};
        case BadUtf8: return {400, "bad_utf8", "Text is not UTF-8"};
        case BodyTooLarge: return {413, "body_too_large", "Body too large"};
        case HeaderTooLarge: return {431, "header_too_large", "Header too large"};
        case UriTooLong: return {414, "uri_too_long", "Target too long"};
        case UnsupportedMediaType:
            return {415, "unsupported_media_type", "Media type not supported"};
        case ExpectationFailed: return {417, "expectation_failed", "Expectation cannot be met"};
        case MethodNotAllowed: return {405, "method_not_allowed", "Method not allowed"};
        case UnknownRoute: return {404, "unknown_route", "No such resource"};
        case RequestTimeout: return {408, "request_timeout", "Request took too long"};
        case BadParameter: return {400, "bad_parameter", "Bad query parameter"};
        case TooManyItems: return {413, "too_many_items", "Too many items"};
        case UnknownType: return {422, "unknown_type", "Unknown event type"};
        case MissingField: return {422, "missing_field", "Field missing"};
        case DuplicateField: return {422, "duplicate_field", "Field given twice"};
        case UnknownField: return {422, "unknown_field", "Unknown field"};
        case WrongType: return {422, "wrong_type", "Wrong type of value"};
        case InvalidValue: return {422, "invalid_value", "Invalid value"};
        case InvalidTime: return {422, "invalid_time", "Invalid instant"};
        case FutureEvent: return {422, "future_event", "Event lies in the future"};
        case AmountPrecision:
            return {422, "amount_precision", "Amount too precise for its currency"};
        case AmountRange: return {422, "amount_range", "Amount out of range"};
        case UnknownCurrency: return {422, "unknown_currency", "Unknown currency"};
        case IdTooLong: return {422, "id_too_long", "Identifier too long"};
        case InvalidId: return {422, "invalid_id", "Invalid identifier"};
        case UnknownTier: return {422, "unknown_tier", "Unknown tier"};
        case UnknownOrder: return {422, "unknown_order", "Unknown order"};
        case RefundExceedsOrder: return {422, "refund_exceeds_order", "Refund exceeds its order"};
        case HistoryFull: return {422, "history_full", "Customer's history is full"};
        case UnknownCustomer: return {404, "unknown_customer", "Unknown customer"};
        case PastNotKept: return {422, "past_not_kept", "That past is not kept"};
        case TooEarly: return {425, "too_early", "Write not visible yet"};
        case QueueFull: return {503, "queue_full", "Too much work is waiting"};
        case StoreFull: return {507, "store_full", "No room for more"};
        case NotReady: return {503, "not_ready", "Server is not ready"};
        case Stopping: return {503, "stopping", "Server is stopping"};
        case TooManyConnections: return {503, "too_many_connections", "Too many connections"};
        case PolicyInvalid: return {422, "policy_invalid", "Policy is not valid"};
        case DiskFull: return {507, "disk_full", "No room on the disk"};
        case DiskFailed: return {503, "disk_failed", "The disk failed"};
        case NoDescriptors: return {503, "no_descriptors", "No free file descriptors"};
        case WritesStopped: return {503, "writes_stopped", "Writes have stopped"};
        case DataDamaged: return {500, "data_damaged", "Stored data is damaged"};
        case DataFolder: return {500, "data_folder", "Data folder cannot be used"};
        case NoDataFolder: return {409, "no_data_folder", "Nothing is kept here"};
        case KeyInFlight: return {409, "idempotency_key_in_flight", "Same request under way"};
        case KeyReused: return {422, "idempotency_key_reused", "Key used for another request"};
        case NameTaken: return {409, "name_taken", "Name is taken"};
        case TooManyStreams: return {503, "too_many_streams", "Too many streams"};
        case TooManyClientStreams:
            return {429, "too_many_client_streams", "Too many streams of one client"};
        case WebSocketVersion: return {426, "websocket_version", "WebSocket version not supported"};
    }
    return {500, "internal", "Internal error"};
}
// clang-format on

void write_problem(
    ByteWriter& out, ReplyOptions options, const store::Fault& fault, ExtraHeader extra
) {
    const ProblemKind kind = problem_kind(fault.code);
    HttpReply reply(out, options);
    reply.begin(kind.status, kProblemContentType);
    if (clears_by_itself(fault.code)) {
        reply.header("Retry-After", "1");
    }
    if (fault.code == FaultCode::WebSocketVersion) {
        // RFC 9110 section 15.5.22, RFC 6455 section 4.4: what to come with instead.
        reply.header("Connection", "Upgrade");
        reply.header("Upgrade", "websocket");
        reply.header("Sec-WebSocket-Version", "13");
    }
    if (!extra.name.empty()) {
        reply.header(extra.name, extra.value);
    }
    append_body(reply.body(), kind, fault);
    reply.finish();
}

void write_problem(ByteWriter& out, ReplyOptions options, const store::Fault& fault) {
    write_problem(out, options, fault, ExtraHeader{});
}

std::string problem_bytes(ReplyOptions options, const store::Fault& fault) {
    ByteWriter out;
    write_problem(out, options, fault);
    return std::string(out.view());
}

}  // namespace patron::wire
