#pragma once
// Where and why a text is not one JSON document: the second, slow and complete look that every
// refused request gets, so that a syntax error is never hidden behind a complaint about content.
//
// Shapes     RFC 8259 without a byte order mark; one document with white space around it.
// Range      containers nested at most limits::kJsonDepthMax deep; exponents that an int holds.
// Errors     BadUtf8 or BadJson; the detail is a sentence with the byte offset, counted from 0.
// Threads    pure.
// Cost       one pass, no tree; for error paths and as the reference of the fast path.

#include <cstddef>
#include <optional>
#include <string_view>

#include "store/result.h"

namespace patron::wire {

std::optional<store::Fault> find_json_flaw(std::string_view text);

// Offset of the first byte that does not belong to valid UTF-8.
std::optional<std::size_t> find_invalid_utf8(std::string_view text);

}  // namespace patron::wire
