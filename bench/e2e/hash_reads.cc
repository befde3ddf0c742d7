#include "bench/e2e/hash_reads.h"

#include <algorithm>
#include <array>
#include <numeric>

#include "bench/e2e/fixed_digits.h"
#include "bench/e2e/redis_answers.h"

namespace patron::bench {
namespace {

struct Member {
    std::string_view name;
    std::string_view value;
};

// What a score says beyond the customer's id; what is null in most scores is left out.
constexpr std::array<Member, 14> kMembers{{
    {"tier", "silver"},
    {"tier_by_rules", "silver"},
    {"since", "2025-11-18T11:39:13.464Z"},
    {"valid_until", "2026-12-01T07:19:07.537Z"},
    {"next_tier", "gold"},
    {"service_level", "C"},
    {"churn_risk", "0.79166"},
    {"risk_band", "medium"},
    {"p_alive", "0.53130"},
    {"lifecycle", "at_risk"},
    {"follow_up_due_at", "2026-01-02T11:39:13.464Z"},
    {"next_transition_at", "2026-12-01T07:19:07.537Z"},
    {"policy", "default@1"},
    {"seq", "60183"},
}};

constexpr std::size_t kValueBytes = std::accumulate(
    kMembers.begin(),
    kMembers.end(),
    std::size_t{0},
    [](std::size_t sum, const Member& m) { return sum + m.value.size(); }
);

void append_string(std::string& to, std::string_view text) {
    to.append("$").append(std::to_string(text.size())).append("\r\n").append(text).append("\r\n");
}

std::string command(std::string_view name, bool with_values) {
    const std::size_t words = 2 + kMembers.size() * (with_values ? 2 : 1);
    std::string text = "*" + std::to_string(words) + "\r\n";
    append_string(text, name);
    append_string(text, kIdPlace);
    for (const Member& member : kMembers) {
        append_string(text, member.name);
        if (with_values) {
            append_string(text, member.value);
        }
    }
    return text;
}

}  // namespace

RedisHashReads::RedisHashReads(ReadOptions options, std::uint64_t seed)
    : options_(options), random_(seed), command_(command("HMGET", false)) {}

Batch RedisHashReads::next(std::string& bytes) {
    if (bytes.empty()) {
        for (std::uint32_t i = 0; i < options_.per_write; ++i) {
            bytes += command_;
        }
    }
    char* id = bytes.data() + command_.find(kIdPlace);
    for (std::uint32_t i = 0; i < options_.per_write; ++i, id += command_.size()) {
        put_id(id, random_.below(options_.customers));
    }
    return {options_.per_write, options_.per_write};
}

Taken RedisHashReads::take(std::string_view input, const Asked& /*asked*/) {
    const RedisStrings answer = take_redis_strings(input);
    return {answer.bytes, answer.strings == kMembers.size() && answer.text_bytes == kValueBytes};
}

RedisHashes::RedisHashes(ReadOptions options)
    : options_(options), command_(command("HSET", true)), id_at_(command_.find(kIdPlace)) {}

Batch RedisHashes::next(std::string& bytes) {
    bytes.clear();
    const std::uint32_t count = std::min(options_.per_write, options_.customers - done_);
    for (std::uint32_t i = 0; i < count; ++i) {
        put_id(command_.data() + id_at_, done_ + i);
        bytes += command_;
    }
    done_ += count;
    return {count, count};
}

Taken RedisHashes::take(std::string_view input, const Asked& /*asked*/) {
    const RedisAnswer answer = take_redis_answer(input);
    return {answer.bytes, answer.kind == ':' && answer.text == std::to_string(kMembers.size())};
}

}  // namespace patron::bench
