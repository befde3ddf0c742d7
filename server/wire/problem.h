#pragma once
// A fault as a whole HTTP answer: the one place where store::FaultCode becomes a status and a code.
//
// Shapes     application/problem+json (RFC 9457): type, title, status, detail, code and, where the
//            fault has them, field and index.
// Bounds     texts are cut at kProblemTextBytesMax; whatever bytes they hold, what leaves is valid
//            JSON in valid UTF-8 (bytes that are not become U+FFFD).
// Errors     none; a fault that clears by itself carries Retry-After, a 426 the WebSocket version to use.
// Threads    pure.
// Source     RFC 9457 (problem details), RFC 9110 section 15 (statuses), RFC 8470 (425).

#include <cstddef>
#include <string>
#include <string_view>

#include "server/wire/byte_writer.h"
#include "server/wire/http_reply.h"
#include "store/result.h"

namespace patron::wire {

inline constexpr std::size_t kProblemTextBytesMax = 1024;
inline constexpr std::string_view kProblemContentType = "application/problem+json";

// What a kind of fault is called on the wire.
struct ProblemKind {
    int status = 0;
    std::string_view code;   // stable, snake_case
    std::string_view title;  // for people
};

ProblemKind problem_kind(store::FaultCode code);

struct ExtraHeader {
    std::string_view name;
    std::string_view value;
};

void write_problem(ByteWriter& out, ReplyOptions options, const store::Fault& fault);
// With one field more, such as Allow beside a 405.
void write_problem(
    ByteWriter& out, ReplyOptions options, const store::Fault& fault, ExtraHeader extra
);
std::string problem_bytes(ReplyOptions options, const store::Fault& fault);

}  // namespace patron::wire
