#include "server/net/repeated_head.h"

#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "store/limits.h"

namespace patron::net {
namespace {

using endpoints::Request;

const std::vector<std::string>& starts() {
    static const std::vector<std::string> kStarts{
        "GET /v1/customers/C00000042/score",
        "GET /v1/customers/a-much-longer-id-than-others/score?at=1&min_seq=%20?",
        "GET /",
        "GET /?",
        "HEAD /livez",
        "POST /v1/scores?",
        "DELETE /v1/customers/%C3%A9/override",
    };
    return kStarts;
}

const std::vector<std::string>& rests() {
    static const std::vector<std::string> kRests{
        " HTTP/1.1\r\nHost: a\r\n\r\n",
        " HTTP/1.1\r\nHost: localhost:8080\r\nUser-Agent: curl/7\r\nAccept: */*\r\n\r\n",
        " HTTP/1.1\r\nHost: b\r\nConnection: close\r\nIf-None-Match: \"e\"\r\n\r\n",
        " HTTP/1.1\r\nHost: b\r\nContent-Type: application/json\r\nContent-Length: 12\r\n"
        "Idempotency-Key: k 1\r\nAuthorization: Bearer x\r\nIf-Match: *\r\nAccept:\r\n\r\n",
        " HTTP/1.1\r\nHost: b\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n",
        " HTTP/1.1\r\nHost: b\r\nConnection: upgrade\r\nUpgrade: websocket\r\nLast-Event-ID: 7\r\n"
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n",
        " HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
    };
    return kRests;
}

bool same(std::string_view a, std::string_view b) {
    return a.data() == b.data() && a.size() == b.size();
}

void expect_same(const Request& a, const Request& b) {
    EXPECT_EQ(a.method, b.method);
    EXPECT_TRUE(same(a.target, b.target));
    EXPECT_TRUE(same(a.path, b.path));
    EXPECT_TRUE(same(a.query, b.query));
    EXPECT_TRUE(same(a.content_type, b.content_type));
    EXPECT_TRUE(same(a.accept, b.accept));
    EXPECT_TRUE(same(a.if_none_match, b.if_none_match));
    EXPECT_TRUE(same(a.if_match, b.if_match));
    EXPECT_TRUE(same(a.idempotency_key, b.idempotency_key));
    EXPECT_TRUE(same(a.authorization, b.authorization));
    EXPECT_TRUE(same(a.last_event_id, b.last_event_id));
    EXPECT_TRUE(same(a.websocket_key, b.websocket_key));
    EXPECT_TRUE(same(a.websocket_version, b.websocket_version));
    EXPECT_EQ(a.wants_websocket, b.wants_websocket);
}

void expect_same(const RequestHead& a, const RequestHead& b) {
    EXPECT_EQ(a.head_bytes, b.head_bytes);
    EXPECT_EQ(a.content_length, b.content_length);
    EXPECT_EQ(a.has_content_length, b.has_content_length);
    EXPECT_EQ(a.chunked, b.chunked);
    EXPECT_EQ(a.expects_continue, b.expects_continue);
    EXPECT_EQ(a.http_1_1, b.http_1_1);
    EXPECT_EQ(a.keep_alive, b.keep_alive);
}

// Whether `last` knows the header of `message`; then it says what read_head says.
bool matches(const RepeatedHead& last, std::string_view message) {
    Request request;
    RequestHead head;
    if (!last.match(message, request, head)) {
        return false;
    }
    Request wanted;
    RequestHead wanted_head;
    Refusal refusal;
    EXPECT_EQ(read_head(message, wanted, wanted_head, refusal), HeadState::Complete) << message;
    expect_same(request, wanted);
    expect_same(head, wanted_head);
    return true;
}

RepeatedHead after(std::string_view message) {
    RepeatedHead last;
    Request request;
    RequestHead head;
    Refusal refusal;
    EXPECT_EQ(read_head(message, request, head, refusal), HeadState::Complete) << message;
    last.remember(message, request, head);
    return last;
}

std::string_view method_of(std::string_view start) {
    return start.substr(0, start.find(' '));
}

TEST(RepeatedHead, IsKnownBehindEveryTargetOfItsMethodAndNowhereElse) {
    for (const std::string& start : starts()) {
        for (const std::string& rest : rests()) {
            const RepeatedHead last = after(start + rest);
            for (const std::string& other_start : starts()) {
                for (const std::string& other_rest : rests()) {
                    const bool known =
                        method_of(start) == method_of(other_start) && rest == other_rest;
                    const std::string message = other_start + other_rest;
                    EXPECT_EQ(matches(last, message + "GET / H"), known) << message;
                    EXPECT_FALSE(
                        matches(last, std::string_view(message).substr(0, message.size() - 1))
                    );
                }
            }
        }
    }
}

TEST(RepeatedHead, AgreesWithTheParserOnBrokenCopies) {
    const std::uint64_t seed = std::random_device{}();
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    const auto below = [&](std::size_t n) {
        return static_cast<std::size_t>(random() % n);
    };
    std::size_t known = 0;
    for (int round = 0; round < 20'000; ++round) {
        const std::string& rest = rests()[below(rests().size())];
        const std::string message = starts()[below(starts().size())] + rest;
        const RepeatedHead last = after(message);
        std::string broken = message;
        for (std::size_t change = below(3); change != 0; --change) {
            const std::size_t at = below(broken.size() - rest.size() / 2);
            const auto byte = static_cast<char>(below(256));
            below(2) == 0 ? broken.replace(at, 1, 1, byte) : broken.insert(at, 1, byte);
        }
        known += matches(last, broken) ? 1 : 0;
    }
    EXPECT_GT(known, 5'000U);
}

TEST(RepeatedHead, LeavesLongHeadersToTheParser) {
    const std::string rest =
        " HTTP/1.1\r\nHost: a\r\nCookie: " + std::string(2'000, 'c') + "\r\n\r\n";
    EXPECT_FALSE(matches(after("GET /livez" + rest), "GET /livez" + rest));
    const std::string brief = " HTTP/1.1\r\nHost: a\r\n\r\n";
    const RepeatedHead last = after("GET /livez" + brief);
    const auto with_target = [&](std::size_t bytes) {
        return "GET /" + std::string(bytes - 1, 't') + brief;
    };
    EXPECT_TRUE(matches(last, with_target(kTargetBytesMax)));
    EXPECT_FALSE(matches(last, with_target(kTargetBytesMax + 1)));
}

}  // namespace
}  // namespace patron::net
