#include "bench/e2e/batch_reads.h"

#include "bench/e2e/fixed_digits.h"
#include "bench/e2e/redis_answers.h"

namespace patron::bench {
namespace {

constexpr std::string_view kHttpItem = R"("C00000000",)";
constexpr std::string_view kBodyStart = R"({"ids":[)";
constexpr std::string_view kRedisItem = "$9\r\nC00000000\r\n";
constexpr std::string_view kScore = R"({"customer_id":")";

std::string repeated(std::string_view item, std::uint32_t count) {
    std::string text;
    for (std::uint32_t i = 0; i < count; ++i) {
        text += item;
    }
    return text;
}

std::string http_request(std::uint32_t ids) {
    std::string body = std::string(kBodyStart) + repeated(kHttpItem, ids);
    body.pop_back();
    body += "]}";
    return "POST /v1/scores HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
           "Content-Length: " +
           std::to_string(body.size()) + "\r\n\r\n" + body;
}

// Writes random ids over the places of `count` items that begin at `at`.
void put_random_ids(char* at, std::string_view item, ReadOptions options, Random& random) {
    at += item.find(kIdPlace);
    for (std::uint32_t i = 0; i < options.per_write; ++i, at += item.size()) {
        put_id(at, random.below(options.customers));
    }
}

std::size_t first_http_item(std::string_view request) {
    return request.find(kBodyStart) + kBodyStart.size();
}

bool are_about(std::string_view body, std::string_view request, std::uint32_t ids) {
    std::size_t id_at = first_http_item(request) + kHttpItem.find(kIdPlace);
    for (std::uint32_t i = 0; i < ids; ++i, id_at += kHttpItem.size()) {
        const std::size_t found = body.find(kScore);
        if (found == std::string_view::npos) {
            return false;
        }
        body.remove_prefix(found + kScore.size());
        if (!body.starts_with(request.substr(id_at, kIdBytes))) {
            return false;
        }
    }
    return body.find(kScore) == std::string_view::npos;
}

}  // namespace

Batch HttpBatchReads::next(std::string& bytes) {
    if (bytes.empty()) {
        bytes = http_request(options_.per_write);
    }
    put_random_ids(bytes.data() + first_http_item(bytes), kHttpItem, options_, random_);
    return {1, options_.per_write};
}

Taken HttpBatchReads::take(std::string_view input, const Asked& asked) {
    const HttpAnswer answer = answers_.take(input);
    if (answer.bytes == 0) {
        return {};
    }
    return {answer.bytes, answer.status == 200 && are_about(answer.body, asked.batch, asked.units)};
}

Batch RedisBatchReads::next(std::string& bytes) {
    const std::string head = "*" + std::to_string(options_.per_write + 1) + "\r\n$4\r\nMGET\r\n";
    if (bytes.empty()) {
        bytes = head + repeated(kRedisItem, options_.per_write);
    }
    put_random_ids(bytes.data() + head.size(), kRedisItem, options_, random_);
    return {1, options_.per_write};
}

Taken RedisBatchReads::take(std::string_view input, const Asked& asked) {
    const RedisStrings answer = take_redis_strings(input);
    const std::size_t expected = std::size_t{asked.units} * options_.value_bytes;
    return {answer.bytes, answer.strings == asked.units && answer.text_bytes == expected};
}

}  // namespace patron::bench
