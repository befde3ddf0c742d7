#include "server/net/request_parser.h"

#include <algorithm>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "store/limits.h"

namespace patron::net {
namespace {

using endpoints::Method;
using store::FaultCode;

constexpr std::size_t kBodyMax = 1000;

// What one message came to, without views.
struct Outcome {
    ParseState state = ParseState::NeedMore;
    FaultCode code = FaultCode::BadRequest;
    Method method = Method::Get;
    std::string target, path, query, body, content_type, accept, if_none_match, if_match, key,
        authorization, last_event_id, websocket_key, websocket_version, rest;
    bool keep_alive = true, head_only = false, announce = false, wants_websocket = false;

    bool operator==(const Outcome&) const = default;
};

void PrintTo(const Outcome& outcome, std::ostream* out) {
    *out << "state " << static_cast<int>(outcome.state) << " code "
         << static_cast<int>(outcome.code) << " target '" << outcome.target << "' body '"
         << outcome.body << "'";
}

Outcome outcome_of(ParseState state, RequestParser& parser, const ParsedRequest& parsed) {
    Outcome outcome;
    outcome.state = state;
    if (state == ParseState::Refused) {
        outcome.code = parser.refusal().code;
    }
    if (state != ParseState::Complete) {
        return outcome;
    }
    const endpoints::Request& request = parsed.request;
    outcome.method = request.method;
    outcome.target = request.target;
    outcome.path = request.path;
    outcome.query = request.query;
    outcome.body = request.body;
    outcome.content_type = request.content_type;
    outcome.accept = request.accept;
    outcome.if_none_match = request.if_none_match;
    outcome.if_match = request.if_match;
    outcome.key = request.idempotency_key;
    outcome.authorization = request.authorization;
    outcome.last_event_id = request.last_event_id;
    outcome.websocket_key = request.websocket_key;
    outcome.websocket_version = request.websocket_version;
    outcome.wants_websocket = request.wants_websocket;
    outcome.keep_alive = request.reply.keep_alive;
    outcome.head_only = request.reply.head_only;
    outcome.announce = request.reply.announce_keep_alive;
    return outcome;
}

// Feeds `pieces` one after the other; every piece moves the message to fresh memory of just its
// size, so that a view that was kept too long is seen by the address sanitizer.
Outcome feed(const std::vector<std::string_view>& pieces, std::size_t body_max = kBodyMax) {
    RequestParser parser(body_max);
    ParsedRequest parsed;
    ParseState state = ParseState::NeedMore;
    std::unique_ptr<char[]> bytes;
    std::size_t size = 0;
    std::string rest;
    for (const std::string_view piece : pieces) {
        if (state != ParseState::NeedMore) {
            rest += piece;
            continue;
        }
        auto grown = std::make_unique<char[]>(size + piece.size());
        std::copy_n(bytes.get(), size, grown.get());
        std::copy(piece.begin(), piece.end(), grown.get() + size);
        bytes = std::move(grown);
        size += piece.size();
        parsed = {};
        state = parser.parse(bytes.get(), size, parsed);
    }
    Outcome outcome = outcome_of(state, parser, parsed);
    if (state == ParseState::Complete) {
        outcome.rest = std::string(bytes.get() + parsed.used, size - parsed.used) + rest;
    }
    return outcome;
}

Outcome whole(std::string_view message, std::size_t body_max = kBodyMax) {
    return feed({message}, body_max);
}

std::vector<std::string_view> every_byte(std::string_view message) {
    std::vector<std::string_view> pieces;
    for (std::size_t i = 0; i < message.size(); ++i) {
        pieces.push_back(message.substr(i, 1));
    }
    return pieces;
}

const std::vector<std::string>& accepted_messages() {
    static const std::vector<std::string> messages = {
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /v1/customers/C42/score?at=1&x=%20 HTTP/1.1\r\nhost: [::1]:80\r\nAccept: a/b\r\n"
        "If-None-Match: \"e\"\r\nIf-Match: *\r\nAuthorization: Bearer x\r\n"
        "idempotency-key:  k 1 \r\n\r\n",
        "HEAD /livez HTTP/1.0\r\n\r\n",
        "GET /livez HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
        "GET /livez HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        "POST /v1/events HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
        "Content-Length: 11\r\n\r\nhello world",
        "POST /v1/events HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
        "PUT /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        "5\r\nhello\r\n006\r\n world\r\n1\r\n\r\r\n0\r\n\r\n",
        "DELETE /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n0\r\n\r\n",
        "OPTIONS /x? HTTP/1.1\r\nHost: a\r\nX-Obs: \xC3\xA9\r\nEmpty:\r\n\r\n",
        "GET /v1/stream HTTP/1.1\r\nHost: a\r\nLAST-EVENT-ID: 1f:7\r\nConnection: keep-alive, "
        "Upgrade\r\n"
        "Upgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        "Sec-WebSocket-Version: 13\r\n\r\n",
    };
    return messages;
}

TEST(RequestParser, ReadsWhatTheEndpointsNeed) {
    const Outcome got = whole(accepted_messages()[1]);
    EXPECT_EQ(got.state, ParseState::Complete);
    EXPECT_EQ(got.method, Method::Get);
    EXPECT_EQ(got.target, "/v1/customers/C42/score?at=1&x=%20");
    EXPECT_EQ(got.path, "/v1/customers/C42/score");
    EXPECT_EQ(got.query, "at=1&x=%20");
    EXPECT_EQ(got.accept, "a/b");
    EXPECT_EQ(got.if_none_match, "\"e\"");
    EXPECT_EQ(got.if_match, "*");
    EXPECT_EQ(got.authorization, "Bearer x");
    EXPECT_EQ(got.key, "k 1");
    EXPECT_TRUE(got.keep_alive);
}

TEST(RequestParser, ReadsWhatOpensAStream) {
    const Outcome got = whole(accepted_messages()[10]);
    EXPECT_EQ(got.last_event_id, "1f:7");
    EXPECT_EQ(got.websocket_key, "dGhlIHNhbXBsZSBub25jZQ==");
    EXPECT_EQ(got.websocket_version, "13");
    EXPECT_TRUE(got.wants_websocket);
    EXPECT_TRUE(got.keep_alive);
    RequestParser parser(kBodyMax);
    ParsedRequest parsed;
    std::string plain = accepted_messages()[0];
    std::size_t size = plain.size();
    ASSERT_EQ(parser.parse(plain.data(), size, parsed), ParseState::Complete);
    EXPECT_EQ(parsed.request.last_event_id.data(), nullptr);
    EXPECT_EQ(parsed.request.websocket_key.data(), nullptr);
}

TEST(RequestParser, OnlyAnUpgradeToWebsocketIsOne) {
    const auto wants = [](std::string_view fields, std::string_view version = "1.1") {
        const Outcome got = whole(
            "GET / HTTP/" + std::string(version) + "\r\nHost: a\r\n" + std::string(fields) + "\r\n"
        );
        EXPECT_EQ(got.state, ParseState::Complete) << fields;
        return got.wants_websocket;
    };
    const std::string upgrade = "Upgrade: websocket\r\n";
    const std::string connection = "Connection: upgrade\r\n";
    EXPECT_TRUE(wants(upgrade + connection));
    EXPECT_TRUE(wants("UPGRADE: WebSocket\r\nconnection: UPGRADE\r\n"));
    EXPECT_TRUE(wants("Upgrade: HTTP/2.0 ,\twebsocket\t\r\nConnection: keep-alive,,upgrade ,x\r\n")
    );
    EXPECT_TRUE(wants("Upgrade: h2c\r\n" + connection + upgrade + "Connection: close\r\n"));
    EXPECT_FALSE(wants(upgrade));
    EXPECT_FALSE(wants(connection));
    EXPECT_FALSE(wants(upgrade + connection, "1.0"));
    EXPECT_FALSE(wants(upgrade + "Connection: keep-alive\r\n"));
    EXPECT_FALSE(wants(upgrade + "Connection: upgraded\r\n"));
    EXPECT_FALSE(wants(upgrade + "Proxy-Connection: upgrade\r\n"));
    EXPECT_FALSE(wants("Upgrade: h2c\r\nHTTP2-Settings: x\r\n" + connection));
    EXPECT_FALSE(wants("Upgrade: websocket2\r\n" + connection));
    EXPECT_FALSE(wants("Upgrade: web socket\r\n" + connection));
    EXPECT_FALSE(wants("Upgrade: websocket/13\r\n" + connection));
    EXPECT_FALSE(wants("Upgrade:\r\n" + connection));
}

TEST(RequestParser, ReadsBodiesOfBothKinds) {
    EXPECT_EQ(whole(accepted_messages()[5]).body, "hello world");
    EXPECT_EQ(whole(accepted_messages()[5]).content_type, "application/json");
    EXPECT_EQ(whole(accepted_messages()[7]).body, "hello world\r");
    EXPECT_EQ(whole(accepted_messages()[8]).body, "");
}

TEST(RequestParser, KnowsWhoKeepsTheConnection) {
    EXPECT_FALSE(whole(accepted_messages()[2]).keep_alive);
    EXPECT_TRUE(whole(accepted_messages()[2]).head_only);
    EXPECT_TRUE(whole(accepted_messages()[3]).keep_alive);
    EXPECT_TRUE(whole(accepted_messages()[3]).announce);
    EXPECT_FALSE(whole(accepted_messages()[4]).keep_alive);
    EXPECT_FALSE(whole(accepted_messages()[4]).announce);
}

TEST(RequestParser, EverySplitPointGivesTheSameAsTheWhole) {
    for (const std::string& message : accepted_messages()) {
        const std::string stream = message + "GET /next";
        const Outcome expected = whole(stream);
        ASSERT_EQ(expected.state, ParseState::Complete) << message;
        EXPECT_EQ(expected.rest, "GET /next");
        EXPECT_EQ(feed(every_byte(stream)), expected) << message;
        for (std::size_t i = 1; i < stream.size(); ++i) {
            const std::string_view view = stream;
            EXPECT_EQ(feed({view.substr(0, i), view.substr(i)}), expected)
                << message << " at " << i;
        }
    }
}

TEST(RequestParser, EveryProperPrefixNeedsMore) {
    for (const std::string& message : accepted_messages()) {
        for (std::size_t i = 1; i < message.size(); ++i) {
            EXPECT_EQ(whole(std::string_view(message).substr(0, i)).state, ParseState::NeedMore)
                << message << " at " << i;
        }
    }
}

struct Refused {
    const char* name;
    std::string message;
    FaultCode code = FaultCode::BadRequest;
};

std::string head(std::string_view fields, std::string_view body = "") {
    return "POST / HTTP/1.1\r\n" + std::string(fields) + "\r\n" + std::string(body);
}

std::string hosted(std::string_view fields, std::string_view body = "") {
    return head("Host: a\r\n" + std::string(fields), body);
}

std::string target(std::string_view text) {
    return "GET " + std::string(text) + " HTTP/1.1\r\nHost: a\r\n\r\n";
}

std::vector<Refused> smuggling_messages() {
    const std::string body = "0\r\n\r\n";
    return {
        {"CL and TE", hosted("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", body)},
        {"TE and CL", hosted("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", body)},
        {"two CL", hosted("Content-Length: 0\r\nContent-Length: 0\r\n")},
        {"CL list", hosted("Content-Length: 0, 0\r\n")},
        {"CL sign", hosted("Content-Length: +0\r\n")},
        {"CL minus", hosted("Content-Length: -1\r\n")},
        {"CL hex", hosted("Content-Length: 0x0\r\n")},
        {"CL empty", hosted("Content-Length:\r\n")},
        {"CL overflow", hosted("Content-Length: 18446744073709551616\r\n")},
        {"two TE", hosted("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", body)},
        {"TE chunked twice", hosted("Transfer-Encoding: chunked, chunked\r\n", body)},
        {"TE gzip chunked", hosted("Transfer-Encoding: gzip, chunked\r\n", body)},
        {"TE chunked identity", hosted("Transfer-Encoding: chunked, identity\r\n", body)},
        {"TE identity", hosted("Transfer-Encoding: identity\r\n")},
        {"TE xchunked", hosted("Transfer-Encoding: xchunked\r\n", body)},
        {"TE quoted", hosted("Transfer-Encoding: \"chunked\"\r\n", body)},
        {"TE parameter", hosted("Transfer-Encoding: chunked;q=1\r\n", body)},
        {"TE comma", hosted("Transfer-Encoding: chunked,\r\n", body)},
        {"TE vertical tab",
         hosted(
             "Transfer-Encoding: \x0b"
             "chunked\r\n",
             body
         )},
        {"TE empty", hosted("Transfer-Encoding:\r\n")},
        {"TE in 1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n" + body},
        {"TE space colon", hosted("Transfer-Encoding : chunked\r\n", body)},
        {"TE folded", hosted("Transfer-Encoding:\r\n chunked\r\n", body)},
        {"folded", hosted("X: a\r\n b\r\n")},
        {"folded empty", hosted("X:\r\n \r\nY: b\r\n")},
        {"first line folded", head(" Host: a\r\n")},
        {"LF lines", "GET / HTTP/1.1\nHost: a\n\n"},
        {"LF in header", "GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n"},
        {"LF LF end", "GET / HTTP/1.1\r\nHost: a\r\n\n"},
        {"CR alone", hosted("X: a\rb\r\n")},
        {"NUL in value", hosted(std::string_view("X: a\0b\r\n", 8))},
        {"NUL in name", hosted(std::string_view("X\0: a\r\n", 7))},
        {"no colon", hosted("Nonsense\r\n")},
        {"empty name", hosted(": a\r\n")},
        {"no host", head("X: a\r\n")},
        {"two hosts", head("Host: a\r\nHost: a\r\n")},
        {"empty host", head("Host:\r\n")},
        {"host with path", head("Host: a/b\r\n")},
        {"host list", head("Host: a, b\r\n")},
        {"host user", head("Host: a@b\r\n")},
        {"two types", hosted("Content-Type: a/b\r\nContent-Type: a/b\r\n")},
        {"two authorizations", hosted("Authorization: a\r\nAuthorization: b\r\n")},
        {"two keys", hosted("Idempotency-Key: a\r\nIdempotency-Key: b\r\n")},
        {"two events", hosted("Last-Event-ID: a:1\r\nLast-Event-ID: a:1\r\n")},
        {"two websocket keys", hosted("Sec-WebSocket-Key: a\r\nSec-WebSocket-Key: a\r\n")},
        {"two websocket versions",
         hosted("Sec-WebSocket-Version: 13\r\nSec-WebSocket-Version: 13\r\n")},
        {"expect other", hosted("Expect: 200-ok\r\n"), FaultCode::ExpectationFailed},
        {"expect twice",
         hosted("Expect: 100-continue\r\nExpect: 100-continue\r\n"),
         FaultCode::ExpectationFailed},
        {"target high byte", target("/\xC3\xA9")},
        {"target fragment", target("/a#b")},
        {"target delete", target("/a\x7f")},
        {"target control", target("/a\x01")},
        {"target absolute", target("http://a/")},
        {"target star", target("*")},
        {"target bare", target("livez")},
        {"target space", target("/a b")},
        {"trace", "TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", FaultCode::MethodNotAllowed},
        {"connect", "CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n", FaultCode::MethodNotAllowed},
        {"patch", "PATCH / HTTP/1.1\r\nHost: a\r\n\r\n", FaultCode::MethodNotAllowed},
        {"lower case", "get / HTTP/1.1\r\nHost: a\r\n\r\n", FaultCode::MethodNotAllowed},
        {"bad method", "G@T / HTTP/1.1\r\nHost: a\r\n\r\n"},
        {"empty line first", "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"},
        {"http/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"},
        {"http/1.2", "GET / HTTP/1.2\r\nHost: a\r\n\r\n"},
        {"http/0.9", "GET /\r\n\r\n"},
        {"http lower", "GET / http/1.1\r\nHost: a\r\n\r\n"},
        {"two spaces", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n"},
        {"tls hello", std::string("\x16\x03\x01\x02\x00\x01", 6) + "\r\n\r\n"},
    };
}

TEST(RequestParser, RefusesEveryFormTwoParsersCouldReadDifferently) {
    for (const Refused& refused : smuggling_messages()) {
        const Outcome got = whole(refused.message);
        EXPECT_EQ(got.state, ParseState::Refused) << refused.name;
        EXPECT_EQ(got.code, refused.code) << refused.name;
        EXPECT_EQ(feed(every_byte(refused.message)), got) << refused.name;
    }
}

TEST(RequestParser, RefusesEveryMalformedChunk) {
    const std::vector<std::pair<const char*, std::string>> bodies = {
        {"extension", "1;a=b\r\nx\r\n0\r\n\r\n"},
        {"last extension", "0;a\r\n\r\n"},
        {"trailer", "0\r\nX: y\r\n\r\n"},
        {"no size", "\r\n\r\n"},
        {"sign", "+1\r\nx\r\n0\r\n\r\n"},
        {"0x", "0x1\r\nx\r\n0\r\n\r\n"},
        {"space", "1 \r\nx\r\n0\r\n\r\n"},
        {"LF", "1\nx\n0\n\n"},
        {"long data", "1\r\nxy\r\n0\r\n\r\n"},
        {"CR only", "1\rx"},
        {"nine digits", "000000001\r\nx\r\n"},
        {"data LF", "1\r\nx\n0\r\n\r\n"},
        {"end LF", "0\r\n\n"},
    };
    for (const auto& [name, body] : bodies) {
        const std::string message = hosted("Transfer-Encoding: chunked\r\n", body);
        const Outcome got = whole(message);
        EXPECT_EQ(got.state, ParseState::Refused) << name;
        EXPECT_EQ(got.code, FaultCode::BadRequest) << name;
        EXPECT_EQ(feed(every_byte(message)), got) << name;
    }
}

TEST(RequestParser, TheHeaderLimitDoesNotDependOnTheSplit) {
    const std::string start = "GET / HTTP/1.1\r\nHost: a\r\nX: ";
    const std::size_t room = store::limits::kHeaderBytesMax - start.size() - 4;
    const std::string fits = start + std::string(room, 'x') + "\r\n\r\n";
    const std::string beyond = start + std::string(room + 1, 'x') + "\r\n\r\n";
    EXPECT_EQ(whole(fits).state, ParseState::Complete);
    EXPECT_EQ(feed(every_byte(fits)), whole(fits));
    EXPECT_EQ(whole(beyond).code, FaultCode::HeaderTooLarge);
    EXPECT_EQ(feed(every_byte(beyond)), whole(beyond));
    std::string many = "GET / HTTP/1.1\r\nHost: a\r\n";
    while (many.size() < 2 * store::limits::kHeaderBytesMax) {
        many += "A: b\r\n";
    }
    EXPECT_EQ(whole(many).code, FaultCode::HeaderTooLarge);
    EXPECT_EQ(feed(every_byte(many)), whole(many));
}

TEST(RequestParser, TheTargetLimitIs4096Bytes) {
    EXPECT_EQ(whole(target("/" + std::string(4095, 'a'))).state, ParseState::Complete);
    const std::string beyond = target("/" + std::string(4096, 'a'));
    EXPECT_EQ(whole(beyond).code, FaultCode::UriTooLong);
    EXPECT_EQ(feed(every_byte(beyond)), whole(beyond));
    const std::string endless = "GET /" + std::string(20'000, 'a');
    EXPECT_EQ(whole(endless).code, FaultCode::UriTooLong);
    EXPECT_EQ(feed(every_byte(endless)), whole(endless));
}

TEST(RequestParser, TheBodyLimitHoldsForBothKinds) {
    const std::string body(kBodyMax, 'b');
    const std::string chunk = "3e8\r\n" + body + "\r\n";
    EXPECT_EQ(whole(hosted("Content-Length: 1000\r\n", body)).body, body);
    EXPECT_EQ(whole(hosted("Content-Length: 1001\r\n")).code, FaultCode::BodyTooLarge);
    const std::string fields = "Transfer-Encoding: chunked\r\n";
    EXPECT_EQ(whole(hosted(fields, chunk + "0\r\n\r\n")).body, body);
    const std::string beyond = hosted(fields, chunk + "1\r\nx\r\n0\r\n\r\n");
    EXPECT_EQ(whole(beyond).code, FaultCode::BodyTooLarge);
    EXPECT_EQ(feed(every_byte(beyond)), whole(beyond));
    EXPECT_EQ(whole(hosted(fields, "ffffffff\r\n")).code, FaultCode::BodyTooLarge);
}

TEST(RequestParser, ContinueIsDueOnceAndOnlyWhileTheBodyIsMissing) {
    std::string message = hosted("Expect: 100-continue\r\nContent-Length: 2\r\n");
    RequestParser parser(kBodyMax);
    ParsedRequest parsed;
    std::size_t size = message.size();
    EXPECT_EQ(parser.parse(message.data(), size, parsed), ParseState::NeedMore);
    EXPECT_TRUE(parser.take_continue());
    EXPECT_FALSE(parser.take_continue());
    message += "ok";
    size = message.size();
    parsed = {};
    EXPECT_EQ(parser.parse(message.data(), size, parsed), ParseState::Complete);
    EXPECT_EQ(parsed.request.body, "ok");
    parser.reset();
    parsed = {};
    EXPECT_EQ(parser.parse(message.data(), size, parsed), ParseState::Complete);
    EXPECT_FALSE(parser.take_continue());
}

TEST(RequestParser, TheNextMessageStartsAfresh) {
    std::string stream;
    for (const std::string& message : accepted_messages()) {
        stream += message;
    }
    RequestParser parser(kBodyMax);
    std::size_t at = 0;
    for (const std::string& message : accepted_messages()) {
        ParsedRequest parsed;
        std::size_t size = stream.size() - at;
        ASSERT_EQ(parser.parse(stream.data() + at, size, parsed), ParseState::Complete);
        EXPECT_EQ(parsed.used, message.size());
        at += parsed.used;
        parser.reset();
    }
    EXPECT_EQ(at, stream.size());
}

}  // namespace
}  // namespace patron::net
