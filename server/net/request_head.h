#pragma once
// Reads the header block of one HTTP request and refuses every form that two parsers could read
// differently.
//
// Shapes     `bytes` starts at the first byte of the request; on Complete the views of `request`
// point
//            into it, and its body and reply are not set yet.
// Bounds     kHeaderBytesMax for the whole block (431), kTargetBytesMax for the target (414).
// Errors     Refused, with the fault; the connection cannot go on after it.
// Threads    pure.
// Cost       one pass, no allocation.
// Source     RFC 9112 sections 2, 3, 6 and 11.2 (request smuggling), RFC 9110 section 10.1.1
// (Expect).

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "server/endpoints/request.h"
#include "store/result.h"

namespace patron::net {

inline constexpr std::size_t kTargetBytesMax = 4096;
inline constexpr std::string_view kAllowedMethods = "GET, HEAD, POST, PUT, DELETE, OPTIONS";

struct Refusal {
    store::FaultCode code = store::FaultCode::BadRequest;
    const char* detail = "";
};

struct RequestHead {
    std::size_t head_bytes = 0;
    std::uint64_t content_length = 0;
    bool has_content_length = false;
    bool chunked = false;
    bool expects_continue = false;
    bool http_1_1 = true;
    bool keep_alive = true;
};

enum class HeadState : std::uint8_t { Incomplete, Complete, Refused };

// `request` must be as new.
HeadState read_head(
    std::string_view bytes, endpoints::Request& request, RequestHead& head, Refusal& refusal
);

}  // namespace patron::net
