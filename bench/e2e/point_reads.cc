#include "bench/e2e/point_reads.h"

#include <algorithm>

#include "bench/e2e/fixed_digits.h"
#include "bench/e2e/redis_answers.h"

namespace patron::bench {
namespace {

constexpr std::string_view kHttpRead =
    "GET /v1/customers/C00000000/score HTTP/1.1\r\nHost: localhost\r\n\r\n";
constexpr std::string_view kRedisRead = "*2\r\n$3\r\nGET\r\n$9\r\nC00000000\r\n";
constexpr std::string_view kAnswerStart = R"({"customer_id":")";

constexpr std::size_t id_place(std::string_view request) {
    return request.find(kIdPlace);
}

// The same request `count` times, each for another customer.
Batch ask_for_random(
    std::string& bytes, std::string_view request, ReadOptions options, Random& random
) {
    if (bytes.empty()) {
        for (std::uint32_t i = 0; i < options.per_write; ++i) {
            bytes += request;
        }
    }
    char* id = bytes.data() + id_place(request);
    for (std::uint32_t i = 0; i < options.per_write; ++i, id += request.size()) {
        put_id(id, random.below(options.customers));
    }
    return {options.per_write, options.per_write};
}

bool is_about(std::string_view body, std::string_view id) {
    return body.starts_with(kAnswerStart) && body.substr(kAnswerStart.size()).starts_with(id);
}

}  // namespace

Batch HttpReads::next(std::string& bytes) {
    return ask_for_random(bytes, kHttpRead, options_, random_);
}

Taken HttpReads::take(std::string_view input, const Asked& asked) {
    const HttpAnswer answer = answers_.take(input);
    if (answer.bytes == 0) {
        return {};
    }
    const std::size_t id_at = asked.index * kHttpRead.size() + id_place(kHttpRead);
    const bool right =
        !options_.check_id || is_about(answer.body, asked.batch.substr(id_at, kIdBytes));
    return {answer.bytes, right && answer.status == 200 && !answer.body.empty()};
}

Batch RedisReads::next(std::string& bytes) {
    return ask_for_random(bytes, kRedisRead, options_, random_);
}

Taken RedisReads::take(std::string_view input, const Asked& /*asked*/) {
    const RedisAnswer answer = take_redis_answer(input);
    return {answer.bytes, answer.kind == '$' && answer.text.size() == options_.value_bytes};
}

Batch RedisValues::next(std::string& bytes) {
    bytes.clear();
    const std::uint32_t count = std::min(options_.per_write, options_.customers - done_);
    const std::string value(options_.value_bytes, 'v');
    const std::string length = std::to_string(value.size());
    std::string id(kIdPlace);
    for (std::uint32_t i = 0; i < count; ++i) {
        put_id(id.data(), done_ + i);
        bytes.append("*3\r\n$3\r\nSET\r\n$9\r\n").append(id);
        bytes.append("\r\n$").append(length).append("\r\n").append(value).append("\r\n");
    }
    done_ += count;
    return {count, count};
}

Taken RedisValues::take(std::string_view input, const Asked& /*asked*/) {
    const RedisAnswer answer = take_redis_answer(input);
    return {answer.bytes, answer.kind == '+'};
}

}  // namespace patron::bench
