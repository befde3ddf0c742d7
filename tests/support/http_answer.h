#pragma once
// The bytes of one HTTP answer, taken apart: what a client would see.
//
// Shapes     one whole answer; header names in lower case.
// Errors     nothing for bytes that are no answer, or whose length does not fit the body.
// Threads    values.

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace patron::testing {

struct HttpAnswer {
    int status = 0;
    std::map<std::string, std::string> headers;
    std::string body;

    // "" where the header is not there.
    std::string header(std::string_view name) const;
};

// A body of a HEAD's answer is not there though its length is said; an event stream has no length.
enum class BodyIs : bool { There, LeftOut };

std::optional<HttpAnswer> parse_http_answer(std::string_view bytes, BodyIs body = BodyIs::There);

}  // namespace patron::testing
