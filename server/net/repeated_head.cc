#include "server/net/repeated_head.h"

#include <algorithm>
#include <cstring>

#include "server/wire/plain_text.h"
#include "store/limits.h"

namespace patron::net {
namespace {

using endpoints::Request;
using wire::bytes_equal_to;
using wire::first_byte;
using wire::kHighBits;
using wire::kLowBits;

constexpr std::array kValues{
    &Request::content_type,
    &Request::accept,
    &Request::if_none_match,
    &Request::if_match,
    &Request::idempotency_key,
    &Request::authorization,
    &Request::last_event_id,
    &Request::websocket_key,
    &Request::websocket_version,
};

// The high bit of each byte that no target has: control characters, space, #, DEL and what is beyond
// ASCII; exact up to and including the first such byte.
std::uint64_t foreign_to_target(std::uint64_t word) {
    const std::uint64_t to_space = (word - kLowBits * 0x21) & ~word & kHighBits;
    return to_space | bytes_equal_to(word, '#') | bytes_equal_to(word, 0x7F) | (word & kHighBits);
}

struct Target {
    std::size_t bytes = 0;
    std::size_t mark = std::string_view::npos;  // of the query
};

// The target that `text` begins with; none if no byte ends it before the last eight.
Target target_of(std::string_view text) {
    Target target;
    for (std::size_t at = 0; at + sizeof(std::uint64_t) <= text.size();
         at += sizeof(std::uint64_t)) {
        std::uint64_t word;
        std::memcpy(&word, text.data() + at, sizeof word);
        const std::uint64_t end = foreign_to_target(word);
        const std::uint64_t mark = bytes_equal_to(word, '?');
        if (mark != 0 && target.mark == std::string_view::npos) [[unlikely]] {
            target.mark = at + first_byte(mark);
        }
        if (end != 0) {
            target.bytes = at + first_byte(end);
            break;
        }
    }
    if (target.mark >= target.bytes) {
        target.mark = std::string_view::npos;
    }
    return target;
}

}  // namespace

bool RepeatedHead::match(std::string_view bytes, Request& request, RequestHead& head) const {
    if (rest_.empty() || !bytes.starts_with(method_)) {
        return false;
    }
    const std::string_view behind = bytes.substr(method_.size());
    const Target target = target_of(behind);
    const std::size_t whole = method_.size() + target.bytes + rest_.size();
    if (target.bytes == 0 || behind.front() != '/' || target.bytes > kTargetBytesMax ||
        whole > store::limits::kHeaderBytesMax || !behind.substr(target.bytes).starts_with(rest_)) {
        return false;
    }
    request.method = method_of_;
    request.target = behind.substr(0, target.bytes);
    request.path = request.target.substr(0, target.mark);
    if (target.mark != std::string_view::npos) {
        request.query = request.target.substr(target.mark + 1);
    }
    request.wants_websocket = wants_websocket_;
    const char* const rest = behind.data() + target.bytes;
    for (std::size_t i = 0; i < values_given_; ++i) {
        request.*values_[i].member = {rest + values_[i].offset, values_[i].size};
    }
    head = head_;
    head.head_bytes = whole;
    return true;
}

void RepeatedHead::remember(
    std::string_view bytes, const Request& request, const RequestHead& head
) {
    const auto target_at = static_cast<std::size_t>(request.target.data() - bytes.data());
    const char* const rest = request.target.data() + request.target.size();
    const std::size_t rest_bytes = head.head_bytes - (target_at + request.target.size());
    rest_.clear();
    if (rest_bytes > kBytesMax) {
        return;
    }
    method_.assign(bytes.substr(0, target_at));
    rest_.assign(rest, rest_bytes);
    method_of_ = request.method;
    wants_websocket_ = request.wants_websocket;
    head_ = head;
    values_given_ = 0;
    for (const auto member : kValues) {
        const std::string_view value = request.*member;
        if (value.data() != nullptr) {
            const auto offset = static_cast<std::uint32_t>(value.data() - rest);
            values_[values_given_++] = {member, offset, static_cast<std::uint32_t>(value.size())};
        }
    }
}

}  // namespace patron::net
