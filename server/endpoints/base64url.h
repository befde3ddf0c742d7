#pragma once
// Bytes as base64url without padding, for opaque texts in a query.
//
// Errors     nothing for a text with other characters. Spare bits of the last character are not looked
//            at: whoever wants one spelling only compares it with his own.
// Threads    pure.
// Source     RFC 4648 section 5.

#include <optional>
#include <string>
#include <string_view>

namespace patron::endpoints {

std::string base64url(std::string_view bytes);
std::optional<std::string> from_base64url(std::string_view text);

}  // namespace patron::endpoints
