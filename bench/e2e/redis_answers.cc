#include "bench/e2e/redis_answers.h"

#include <charconv>

namespace patron::bench {
namespace {

constexpr std::size_t kLineEndBytes = 2;

RedisAnswer take_string(std::string_view input, std::size_t line_bytes) {
    long length = 0;
    const std::string_view digits = input.substr(1, line_bytes - 1 - kLineEndBytes);
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), length);
    if (parsed.ec != std::errc()) {
        return {input.size(), 0, {}, false};
    }
    if (length < 0) {
        return {line_bytes, '$', {}, true};
    }
    const auto text_bytes = static_cast<std::size_t>(length);
    const std::size_t bytes = line_bytes + text_bytes + kLineEndBytes;
    if (input.size() < bytes) {
        return {};
    }
    return {bytes, '$', input.substr(line_bytes, text_bytes), false};
}

}  // namespace

RedisAnswer take_redis_answer(std::string_view input) {
    const std::size_t end = input.find("\r\n");
    if (end == std::string_view::npos) {
        return {};
    }
    const std::size_t line_bytes = end + kLineEndBytes;
    switch (input.front()) {
        case '$':
            return take_string(input, line_bytes);
        case '+':
        case '-':
        case ':':
            return {line_bytes, input.front(), input.substr(1, end - 1), false};
        default:
            return {input.size(), 0, {}, false};
    }
}

}  // namespace patron::bench
