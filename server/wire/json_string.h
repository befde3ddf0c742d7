#pragma once
// Text as a JSON string: quoted and escaped.
//
// Range      valid UTF-8, as everything the decoders let in is; quotes, backslashes and control
//            characters may occur.
// Errors     none.
// Threads    pure.
// Cost       one look at eight bytes at a time and one copy where nothing needs an escape.

#include <cstddef>
#include <string>
#include <string_view>

#include "server/wire/byte_writer.h"

namespace patron::wire {

// What a text may grow to: each byte as \u00XX, and the quotes.
constexpr std::size_t json_string_bytes_max(std::size_t text_bytes) {
    return 6 * text_bytes + 2;
}

// Writes at most json_string_bytes_max(text.size()) bytes to `at`; answers the end.
char* put_json_string(char* at, std::string_view text);

void append_json_string(ByteWriter& out, std::string_view text);

std::string json_string(std::string_view text);

}  // namespace patron::wire
