#include "server/endpoints/score_reply.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include "server/wire/hex_digits.h"
#include "server/wire/score_encoder.h"
#include "store/check.h"

namespace patron::endpoints {
namespace {

constexpr std::string_view kTagName = "ETag";
constexpr std::size_t kTagBytes = 18;

std::string_view trim(std::string_view text) {
    constexpr std::string_view kSpace = " \t";
    const std::size_t begin = std::min(text.find_first_not_of(kSpace), text.size());
    const std::size_t end = text.find_last_not_of(kSpace);
    return end == std::string_view::npos ? std::string_view() : text.substr(begin, end + 1 - begin);
}

__extension__ using Wide = unsigned __int128;

std::uint64_t load(const char* at) {
    std::uint64_t word;
    std::memcpy(&word, at, sizeof(word));
    return word;
}

std::uint64_t fold(std::uint64_t a, std::uint64_t b) {
    const Wide product = static_cast<Wide>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

// Nobody gains by two bodies of one tag but who is served a stale one of his own, so this need not
// withstand an attacker. Four chains, so that one multiplication does not wait for the other. Source: the
// multiply and fold of wyhash (Wang Yi).
std::uint64_t hash_of(std::string_view body) {
    constexpr std::uint64_t kFirst = 0xa076'1d64'78bd'642f;
    constexpr std::uint64_t kSecond = 0xe703'7ed1'a0b4'28db;
    constexpr std::size_t kLanes = 4;
    constexpr std::size_t kLaneBytes = 16;
    constexpr std::size_t kStep = kLanes * kLaneBytes;
    PATRON_CHECK(body.size() >= kStep);  // a score is always longer
    std::array<std::uint64_t, kLanes> lanes{kSecond, kSecond + 1, kSecond + 2, kSecond + 3};
    const auto add = [&](const char* at) {
        for (std::size_t i = 0; i < kLanes; ++i) {
            const char* const part = at + i * kLaneBytes;
            lanes[i] = fold(load(part) ^ kFirst, load(part + 8) ^ lanes[i]);
        }
    };
    const char* const last = body.data() + body.size() - kStep;
    for (const char* at = body.data(); at < last; at += kStep) {
        add(at);
    }
    add(last);  // what it shares with the step before counts twice
    const std::uint64_t both =
        fold(lanes[0] ^ kFirst, lanes[1]) ^ fold(lanes[2] ^ kFirst, lanes[3]);
    return fold(both ^ body.size(), kSecond);
}

void write_not_modified(wire::ByteWriter& out, wire::ReplyOptions options, std::string_view tag) {
    wire::HttpReply reply(out, options);
    reply.begin(304, "");
    reply.header(kTagName, tag);
    reply.body();
    reply.finish();
}

}  // namespace

bool names_tag(std::string_view if_none_match, std::string_view tag) {
    if (trim(if_none_match) == "*") {
        return true;
    }
    while (!if_none_match.empty()) {
        const std::size_t end = std::min(if_none_match.find(','), if_none_match.size());
        std::string_view named = trim(if_none_match.substr(0, end));
        // If-None-Match compares weakly (RFC 9110, 13.1.2): a proxy may have weakened the tag.
        if (named.starts_with("W/")) {
            named.remove_prefix(2);
        }
        if (named == tag) {
            return true;
        }
        if_none_match.remove_prefix(std::min(end + 1, if_none_match.size()));
    }
    return false;
}

void write_score_reply(
    wire::ByteWriter& out,
    wire::ReplyOptions options,
    const wire::PolicyTexts& texts,
    std::string_view id,
    const store::Reading& reading,
    std::string_view if_none_match
) {
    const std::size_t start = out.size();
    wire::HttpReply reply(out, options);
    const std::size_t digits_at = reply.begin_tagged_json();
    const std::size_t body_at = out.size();
    const std::size_t moving_at = wire::append_score(out, texts, id, reading);
    wire::put_hex(out.data() + digits_at, hash_of({out.data() + body_at, moving_at - body_at}));
    if (!if_none_match.empty()) [[unlikely]] {
        std::array<char, kTagBytes> tag;
        std::copy_n(out.data() + digits_at - 1, tag.size(), tag.data());  // with its quotes
        const std::string_view made(tag.data(), tag.size());
        if (names_tag(if_none_match, made)) {
            out.truncate(start);
            write_not_modified(out, options, made);
            return;
        }
    }
    reply.finish();
}

}  // namespace patron::endpoints
