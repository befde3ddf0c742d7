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

RedisStrings take_redis_strings(std::string_view input) {
    const std::size_t end = input.find("\r\n");
    if (end == std::string_view::npos) {
        return {};
    }
    std::uint32_t count = 0;
    const auto parsed = std::from_chars(input.data() + 1, input.data() + end, count);
    if (input.front() != '*' || parsed.ec != std::errc()) {
        return {input.size(), 0, 0};
    }
    RedisStrings all{end + kLineEndBytes, 0, 0};
    for (std::uint32_t i = 0; i < count; ++i) {
        const std::string_view rest = input.substr(all.bytes);
        const RedisAnswer one = rest.empty() ? RedisAnswer{} : take_redis_answer(rest);
        if (one.bytes == 0) {
            return {};
        }
        all.bytes += one.bytes;
        all.strings += static_cast<std::uint32_t>(one.kind == '$' && !one.absent);
        all.text_bytes += one.text.size();
    }
    return all;
}

}  // namespace patron::bench
