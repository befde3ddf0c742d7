#include "server/wire/http_reply.h"

namespace patron::wire {

namespace {

// Digits are right-aligned in this place: the spaces before them are optional whitespace of the
// field, so the length is patched in without moving the body.
constexpr std::string_view kLengthPlace = "          ";

// The head of almost every answer, whole.
constexpr std::string_view kJson = "application/json";
constexpr std::string_view kJsonHead =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length:           \r\n";
constexpr std::size_t kJsonLengthAt = kJsonHead.size() - 2 - kLengthPlace.size();
constexpr std::string_view kTaggedJsonHead =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length:           \r\n"
    "ETag: \"0000000000000000\"\r\n\r\n";
static_assert(kTaggedJsonHead.starts_with(kJsonHead));
constexpr std::size_t kTagDigitsAt = kTaggedJsonHead.find('"') + 1;

bool has_length(int status) {
    return status >= 200 && status != 204 && status != 304;
}

}  // namespace

// One line per value.
// clang-format off
std::string_view reason_phrase(int status) {
    switch (status) {
        case 100: return "Continue";
        case 200: return "OK";
        case 201: return "Created";
        case 202: return "Accepted";
        case 204: return "No Content";
        case 206: return "Partial Content";
        case 301: return "Moved Permanently";
        case 302: return "Found";
        case 303: return "See Other";
        case 304: return "Not Modified";
        case 307: return "Temporary Redirect";
        case 308: return "Permanent Redirect";
        case 400: return "Bad Request";
        case 401: return "Unauthorized";
        case 403: return "Forbidden";
        case 404: return "Not Found";
        case 405: return "Method Not Allowed";
        case 406: return "Not Acceptable";
        case 408: return "Request Timeout";
        case 409: return "Conflict";
        case 410: return "Gone";
        case 412: return "Precondition Failed";
        case 413: return "Content Too Large";
        case 414: return "URI Too Long";
        case 415: return "Unsupported Media Type";
        case 417: return "Expectation Failed";
        case 422: return "Unprocessable Content";
        case 425: return "Too Early";
        case 426: return "Upgrade Required";
        case 428: return "Precondition Required";
        case 429: return "Too Many Requests";
        case 431: return "Request Header Fields Too Large";
        case 500: return "Internal Server Error";
        case 501: return "Not Implemented";
        case 503: return "Service Unavailable";
        case 505: return "HTTP Version Not Supported";
        case 507: return "Insufficient Storage";
        default: return "Unknown";
    }
}
// clang-format on

void HttpReply::begin(int status, std::string_view content_type) {
    if (status == 200 && content_type == kJson) [[likely]] {
        length_at_ = out_.size() + kJsonLengthAt;
        out_.append(kJsonHead);
    } else {
        begin_any(status, content_type, has_length(status));
    }
    end_connection_part();
}

void HttpReply::end_connection_part() {
    if (!options_.keep_alive) {
        out_.append("Connection: close\r\n");
    } else if (options_.announce_keep_alive) {
        out_.append("Connection: keep-alive\r\n");
    }
}

std::size_t HttpReply::begin_tagged_json() {
    const std::size_t start = out_.size();
    if (!options_.keep_alive || options_.announce_keep_alive) [[unlikely]] {
        begin(200, kJson);
        const std::size_t tag_at = out_.size();
        out_.append(kTaggedJsonHead.substr(kJsonHead.size()));
        body_at_ = out_.size();
        return tag_at + (kTagDigitsAt - kJsonHead.size());
    }
    out_.append(kTaggedJsonHead);
    length_at_ = start + kJsonLengthAt;
    body_at_ = out_.size();
    return start + kTagDigitsAt;
}

void HttpReply::begin_endless(int status, std::string_view content_type) {
    begin_any(status, content_type, false);
    end_connection_part();
}

void HttpReply::begin_any(int status, std::string_view content_type, bool with_length) {
    out_.append("HTTP/1.1 ");
    out_.append_int(status);
    out_.append(' ');
    out_.append(reason_phrase(status));
    out_.append("\r\n");
    if (!content_type.empty()) {
        header("Content-Type", content_type);
    }
    if (with_length) {
        out_.append("Content-Length: ");
        length_at_ = out_.size();
        out_.append(kLengthPlace);
        out_.append("\r\n");
    }
}

void HttpReply::header(std::string_view name, std::string_view value) {
    out_.append(name);
    out_.append(": ");
    out_.append(value);
    out_.append("\r\n");
}

ByteWriter& HttpReply::body() {
    out_.append("\r\n");
    body_at_ = out_.size();
    return out_;
}

void HttpReply::finish() {
    if (length_at_ != 0) {
        std::size_t length = out_.size() - body_at_;
        char* at = out_.data() + length_at_ + kLengthPlace.size();
        do {
            *--at = static_cast<char>('0' + length % 10);
            length /= 10;
        } while (length != 0);
    }
    if (options_.head_only || length_at_ == 0) {
        out_.truncate(body_at_);
    }
}

}  // namespace patron::wire
