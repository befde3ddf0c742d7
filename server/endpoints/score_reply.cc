#include "server/endpoints/score_reply.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include "server/endpoints/json_reply.h"
#include "server/wire/hex_digits.h"
#include "server/wire/score_encoder.h"

namespace patron::endpoints {
namespace {

constexpr std::string_view kTagName = "ETag";
constexpr std::string_view kTagPlace = R"("0000000000000000")";
constexpr std::size_t kTagOffset = kTagName.size() + 2;  // behind ": "

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
// withstand an attacker; XXH3 takes 610 instructions for such a body, this less than half. Source:
// the multiply and fold of wyhash (Wang Yi).
std::uint64_t hash_of(std::string_view body) {
    constexpr std::uint64_t kFirst = 0xa076'1d64'78bd'642f;
    constexpr std::uint64_t kSecond = 0xe703'7ed1'a0b4'28db;
    constexpr std::size_t kStep = 16;  // a score is always longer
    const char* at = body.data();
    const char* const last = at + body.size() - kStep;
    std::uint64_t hash = body.size() ^ kSecond;
    for (; at < last; at += kStep) {
        hash = fold(load(at) ^ kFirst, load(at + 8) ^ hash);
    }
    hash = fold(load(last) ^ kFirst, load(last + 8) ^ hash);
    return fold(hash ^ kFirst, kSecond);
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
    reply.begin(200, kJsonType);
    const std::size_t tag_at = out.size() + kTagOffset;
    reply.header(kTagName, kTagPlace);
    wire::ByteWriter& body = reply.body();
    const std::size_t body_at = out.size();
    const std::size_t moving_at = wire::append_score(body, texts, id, reading);
    wire::put_hex(out.data() + tag_at + 1, hash_of({out.data() + body_at, moving_at - body_at}));
    if (!if_none_match.empty()) [[unlikely]] {
        std::array<char, kTagPlace.size()> tag;
        std::copy_n(out.data() + tag_at, tag.size(), tag.data());
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
