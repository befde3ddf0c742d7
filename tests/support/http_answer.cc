#include "tests/support/http_answer.h"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace patron::testing {
namespace {

std::optional<std::string_view> take_line(std::string_view& rest) {
    const std::size_t end = rest.find("\r\n");
    if (end == std::string_view::npos) {
        return std::nullopt;
    }
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end + 2);
    return line;
}

bool read_status(std::string_view line, HttpAnswer& out) {
    constexpr std::string_view kVersion = "HTTP/1.1 ";
    if (!line.starts_with(kVersion) || line.size() < kVersion.size() + 5) {
        return false;
    }
    line.remove_prefix(kVersion.size());
    const auto parsed = std::from_chars(line.data(), line.data() + 3, out.status);
    return parsed.ec == std::errc() && parsed.ptr == line.data() + 3 && line[3] == ' ';
}

bool read_header(std::string_view line, HttpAnswer& out) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0) {
        return false;
    }
    std::string name(line.substr(0, colon));
    std::ranges::transform(name, name.begin(), [](unsigned char c) {
        return static_cast<char>(std::tolower(c));
    });
    std::string_view value = line.substr(colon + 1);
    value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
    return out.headers.emplace(std::move(name), value).second;
}

bool length_fits(const HttpAnswer& answer, BodyIs body) {
    const std::string length = answer.header("content-length");
    if (answer.status == 204 || answer.status == 304) {
        return length.empty() && answer.body.empty();
    }
    if (body == BodyIs::LeftOut && answer.header("content-type") == "text/event-stream") {
        return length.empty() && answer.body.empty();
    }
    std::size_t size = 0;
    const auto parsed = std::from_chars(length.data(), length.data() + length.size(), size);
    if (length.empty() || parsed.ec != std::errc()) {
        return false;
    }
    return body == BodyIs::LeftOut ? answer.body.empty() : answer.body.size() == size;
}

}  // namespace

std::string HttpAnswer::header(std::string_view name) const {
    const auto found = headers.find(std::string(name));
    return found == headers.end() ? std::string() : found->second;
}

std::optional<HttpAnswer> parse_http_answer(std::string_view bytes, BodyIs body) {
    HttpAnswer answer;
    const auto status = take_line(bytes);
    if (!status || !read_status(*status, answer)) {
        return std::nullopt;
    }
    while (true) {
        const auto line = take_line(bytes);
        if (!line) {
            return std::nullopt;
        }
        if (line->empty()) {
            break;
        }
        if (!read_header(*line, answer)) {
            return std::nullopt;
        }
    }
    answer.body = bytes;
    return length_fits(answer, body) ? std::optional(answer) : std::nullopt;
}

}  // namespace patron::testing
