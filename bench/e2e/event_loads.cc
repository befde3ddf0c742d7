#include "bench/e2e/event_loads.h"

#include <charconv>

#include "bench/e2e/redis_answers.h"

namespace patron::bench {
namespace {

constexpr std::string_view kHttpOrder =
    R"({"id":"e00000000000001","type":"order","customer":"C00000000","at":0000000000002,)"
    R"("order_id":"o00000000000001","amount":000.03})"
    "\n";
constexpr std::string_view kHttpVisit =
    R"({"id":"e00000000000001","type":"visit","customer":"C00000000","at":0000000000002,)"
    R"("channel":"web"})"
    "\n";

constexpr std::string_view kRedisOrder =
    "*4\r\n$12\r\nHINCRBYFLOAT\r\n$9\r\nC00000000\r\n$5\r\nspend\r\n$6\r\n000.03\r\n"
    "*4\r\n$4\r\nHSET\r\n$9\r\nC00000000\r\n$15\r\no00000000000001\r\n"
    "$20\r\n0000000000002 000.03\r\n";
constexpr std::string_view kRedisVisit =
    "*4\r\n$12\r\nHINCRBYFLOAT\r\n$9\r\nC00000000\r\n$6\r\nvisits\r\n$1\r\n1\r\n"
    "*4\r\n$4\r\nHSET\r\n$9\r\nC00000000\r\n$13\r\nlast_visit_at\r\n$13\r\n0000000000002\r\n";
constexpr std::uint32_t kRedisCommandsPerFact = 2;

constexpr std::string_view kAccepted = R"({"accepted":)";
constexpr std::string_view kNoDuplicates = R"(,"duplicates":0,)";

// The number of events that the answer says were taken, all of them new; 0 if it says anything
// else.
std::uint32_t accepted_in(std::string_view body) {
    if (!body.starts_with(kAccepted)) {
        return 0;
    }
    std::uint32_t accepted = 0;
    const std::string_view rest = body.substr(kAccepted.size());
    const auto parsed = std::from_chars(rest.data(), rest.data() + rest.size(), accepted);
    const auto digits = static_cast<std::size_t>(parsed.ptr - rest.data());
    return rest.substr(digits).starts_with(kNoDuplicates) ? accepted : 0;
}

std::size_t body_place(std::string_view request) {
    return request.find("\r\n\r\n") + 4;
}

}  // namespace

HttpEvents::HttpEvents(std::unique_ptr<Facts> facts, std::uint32_t per_write)
    : facts_(std::move(facts)), text_(kHttpOrder, kHttpVisit), per_write_(per_write) {}

std::string HttpEvents::request_of(std::uint32_t count) const {
    const std::string body = text_.blank(count, facts_->has_visits());
    return "POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\n"
           "Content-Length: " +
           std::to_string(body.size()) + "\r\n\r\n" + body;
}

Batch HttpEvents::next(std::string& bytes) {
    const std::uint32_t count = facts_->begin_batch(per_write_);
    if (bytes.empty() || count != per_write_) {
        bytes = request_of(count);
    }
    text_.write(bytes.data() + body_place(bytes), count, *facts_);
    return {count == 0 ? 0U : 1U, count};
}

Taken HttpEvents::take(std::string_view input, const Asked& asked) {
    const HttpAnswer answer = answers_.take(input);
    if (answer.bytes == 0) {
        return {};
    }
    const std::uint32_t accepted = answer.status == 200 ? accepted_in(answer.body) : 0;
    return {answer.bytes, accepted != 0 && accepted == asked.units};
}

RedisEvents::RedisEvents(std::unique_ptr<Facts> facts, std::uint32_t per_write)
    : facts_(std::move(facts)), text_(kRedisOrder, kRedisVisit), per_write_(per_write) {}

Batch RedisEvents::next(std::string& bytes) {
    const std::uint32_t count = facts_->begin_batch(per_write_);
    if (bytes.empty() || count != per_write_) {
        bytes = text_.blank(count, facts_->has_visits());
    }
    text_.write(bytes.data(), count, *facts_);
    return {count * kRedisCommandsPerFact, count};
}

Taken RedisEvents::take(std::string_view input, const Asked& asked) {
    const RedisAnswer answer = take_redis_answer(input);
    const char expected = asked.index % kRedisCommandsPerFact == 0 ? '$' : ':';
    return {answer.bytes, answer.kind == expected && !answer.absent};
}

}  // namespace patron::bench
