#include "server/net/request_parser.h"

#include <cstring>

#include "store/limits.h"

namespace patron::net {

namespace {

// Room beside a chunked body for the framing of chunks not decoded yet.
constexpr std::size_t kFramingBytes = 4096;

// A line end that waits for a CR LF to follow would otherwise wait until the deadline.
bool has_bare_line_feed(std::string_view bytes, std::size_t from) {
    for (std::size_t at = bytes.find('\n', from); at != bytes.npos; at = bytes.find('\n', at + 1)) {
        if (at == 0 || bytes[at - 1] != '\r') {
            return true;
        }
    }
    return false;
}

}  // namespace

ParseState RequestParser::parse(char* bytes, std::size_t& size, ParsedRequest& out) {
    head_is_fresh_ = stage_ == Stage::Head;
    if (head_is_fresh_) {
        const ParseState state = parse_head({bytes, size}, out.request);
        if (state != ParseState::Complete) {
            return state;
        }
    }
    if (stage_ == Stage::Chunked) {
        return parse_chunks(bytes, size, out);
    }
    const auto length = static_cast<std::size_t>(head_.content_length);
    if (size - head_.head_bytes < length) {
        return ParseState::NeedMore;
    }
    return complete(bytes, length, head_.head_bytes + length, out);
}

ParseState RequestParser::parse_head(std::string_view view, endpoints::Request& request) {
    if (still_no_end(view)) {
        return wait_for_head(view);
    }
    if (!last_head_.match(view, request, head_)) {
        switch (read_head(view, request, head_, refusal_)) {
            case HeadState::Incomplete:
                return wait_for_head(view);
            case HeadState::Refused:
                return ParseState::Refused;
            case HeadState::Complete:
                last_head_.remember(view, request, head_);
                break;
        }
    }
    if (head_.content_length > body_bytes_max_) {
        return refuse(store::FaultCode::BodyTooLarge, "the body is larger than this server takes");
    }
    stage_ = head_.chunked ? Stage::Chunked : Stage::Length;
    continue_due_ = head_.expects_continue && (head_.chunked || head_.content_length > 0);
    return ParseState::Complete;
}

// After a first look at an incomplete header only its end is worth a second one.
bool RequestParser::still_no_end(std::string_view view) const {
    if (scanned_ == 0 || view.size() >= store::limits::kHeaderBytesMax) {
        return false;
    }
    const std::size_t from = scanned_ > 3 ? scanned_ - 3 : 0;
    return view.find("\r\n\r\n", from) == std::string_view::npos;
}

ParseState RequestParser::wait_for_head(std::string_view view) {
    if (has_bare_line_feed(view, scanned_)) {
        return refuse(store::FaultCode::BadRequest, "header lines must end in CR LF");
    }
    scanned_ = view.size();
    return ParseState::NeedMore;
}

ParseState RequestParser::parse_chunks(char* bytes, std::size_t& size, ParsedRequest& out) {
    char* body = bytes + head_.head_bytes;
    char* to = body + payload_bytes_;
    const char* raw = to;
    const ChunkedBody::State state = chunks_.decode(raw, bytes + size, to);
    payload_bytes_ = static_cast<std::size_t>(to - body);
    switch (state) {
        case ChunkedBody::State::NeedMore:
            // Everything raw was consumed: what follows goes right behind the payload.
            size = head_.head_bytes + payload_bytes_;
            continue_due_ = continue_due_ && payload_bytes_ == 0;
            return ParseState::NeedMore;
        case ChunkedBody::State::Bad:
            return refuse(
                store::FaultCode::BadRequest,
                "the chunked body is malformed, or has extensions or trailers"
            );
        case ChunkedBody::State::TooLarge:
            return refuse(
                store::FaultCode::BodyTooLarge, "the body is larger than this server takes"
            );
        case ChunkedBody::State::Complete:
            break;
    }
    return complete(bytes, payload_bytes_, static_cast<std::size_t>(raw - bytes), out);
}

ParseState RequestParser::complete(
    const char* bytes, std::size_t body_bytes, std::size_t used, ParsedRequest& out
) {
    if (!head_is_fresh_) {
        out.request = {};
        const std::string_view head(bytes, head_.head_bytes);
        if (!last_head_.match(head, out.request, head_)) {
            read_head(head, out.request, head_, refusal_);
        }
    }
    out.request.body = {bytes + head_.head_bytes, body_bytes};
    out.request.reply = {
        .keep_alive = head_.keep_alive,
        .head_only = out.request.method == endpoints::Method::Head,
    };
    out.used = used;
    out.announce_keep_alive = head_.keep_alive && !head_.http_1_1;
    continue_due_ = false;
    return ParseState::Complete;
}

ParseState RequestParser::refuse(store::FaultCode code, const char* detail) {
    refusal_ = {code, detail};
    return ParseState::Refused;
}

void RequestParser::reset() {
    chunks_ = ChunkedBody(body_bytes_max_);
    scanned_ = 0;
    payload_bytes_ = 0;
    stage_ = Stage::Head;
    continue_due_ = false;
}

bool RequestParser::take_continue() {
    const bool due = continue_due_;
    continue_due_ = false;
    return due;
}

std::size_t RequestParser::message_bytes_max() const {
    switch (stage_) {
        case Stage::Head:
            return store::limits::kHeaderBytesMax;
        case Stage::Length:
            return head_.head_bytes + static_cast<std::size_t>(head_.content_length);
        case Stage::Chunked:
            return head_.head_bytes + body_bytes_max_ + kFramingBytes;
    }
    return 0;
}

}  // namespace patron::net
