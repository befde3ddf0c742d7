#include "server/endpoints/stream.h"

#include <gtest/gtest.h>

#include "tests/endpoints/test_api.h"

namespace patron::testing {
namespace {

using endpoints::Method;

constexpr const char* kKey = "dGhlIHNhbXBsZSBub25jZQ==";

TEST(Stream, BeginsWithWhatWasAskedFor) {
    TestApi api;
    const auto plain = api.subscribe({.target = "/v1/stream"});
    EXPECT_EQ(plain->policy, &api.store().policy());
    const auto asked = api.subscribe(
        {.target = "/v1/stream?tier=gold&snapshot=true",
         .last_event_id = "0000000000000003:4",
         .websocket = {{kKey, "13"}}}
    );
    EXPECT_EQ(asked->filter.tiers, 0b100U);
    EXPECT_TRUE(asked->snapshot);
    EXPECT_EQ(asked->cursor->offset, 4U);
    EXPECT_NE(asked->group, plain->group);
}

TEST(Stream, RefusesABadParameter) {
    TestApi api;
    const HttpAnswer answer = api.get("/v1/stream?tier=diamond");
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(code_of(answer), "bad_parameter");
    EXPECT_EQ(text_of(body_of(answer), "field"), "tier");
    EXPECT_EQ(api.run({.target = "/v1/stream", .last_event_id = "x"}).status, 400);
}

TEST(Stream, RefusesAnotherWebSocketVersion) {
    TestApi api;
    for (const char* version : {"", "8", "14", "13, 8", "013"}) {
        const HttpAnswer answer = api.run({.target = "/v1/stream", .websocket = {{kKey, version}}});
        EXPECT_EQ(answer.status, 426) << version;
        EXPECT_EQ(code_of(answer), "websocket_version");
        EXPECT_EQ(answer.header("sec-websocket-version"), "13");
        EXPECT_EQ(answer.header("upgrade"), "websocket");
    }
}

TEST(Stream, RefusesAKeyThatIsNotSixteenBytes) {
    TestApi api;
    for (const char* key :
         {"",
          "dGhlIHNhbXBsZSBub25jZQ=",
          "dGhlIHNhbXBsZSBub25jZQ",
          "dGhlIHNhbXBsZSBub25jZQ===",
          "dGhlIHNhbXBsZSBub25jZQA=",
          "dGhlIHNhbXBsZSBub25j-_==",
          "dGhlIHNhbXBsZSBub25j Q=="}) {
        const HttpAnswer answer = api.run({.target = "/v1/stream", .websocket = {{key, "13"}}});
        EXPECT_EQ(answer.status, 400) << key;
        EXPECT_EQ(text_of(body_of(answer), "field"), "Sec-WebSocket-Key") << key;
    }
    EXPECT_NE(
        api.subscribe({.target = "/v1/stream", .websocket = {{"abcdefghijKLMNOP0189+/==", "13"}}}),
        nullptr
    );
}

TEST(Stream, HeadSaysWhatWouldCome) {
    TestApi api;
    const HttpAnswer answer = api.run({.method = Method::Head, .target = "/v1/stream"});
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.header("content-type"), "text/event-stream");
    EXPECT_EQ(answer.header("content-length"), "");
    EXPECT_EQ(api.run({.method = Method::Head, .target = "/v1/stream?x=1"}).status, 400);
    EXPECT_EQ(api.post("/v1/stream", "").status, 405);
}

}  // namespace
}  // namespace patron::testing
