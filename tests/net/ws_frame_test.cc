#include "server/net/ws_frame.h"

#include <string>

#include <gtest/gtest.h>

#include "server/net/ws_handshake.h"
#include "tests/net/ws_client_frames.h"

namespace patron::net {
namespace {

std::string header_of(WsOpcode opcode, std::uint64_t bytes, bool fin = true) {
    wire::ByteWriter out(1);
    append_frame_header(out, opcode, bytes, fin);
    return std::string(out.view());
}

TEST(WsFrame, WritesTheShortestLength) {
    const auto hex = [](std::initializer_list<unsigned> bytes) {
        std::string text;
        for (const unsigned byte : bytes) {
            text += static_cast<char>(byte);
        }
        return text;
    };
    EXPECT_EQ(header_of(WsOpcode::Text, 0), hex({0x81, 0}));
    EXPECT_EQ(header_of(WsOpcode::Text, 125), hex({0x81, 125}));
    EXPECT_EQ(header_of(WsOpcode::Text, 126), hex({0x81, 126, 0, 126}));
    EXPECT_EQ(header_of(WsOpcode::Binary, 65'535), hex({0x82, 126, 0xFF, 0xFF}));
    EXPECT_EQ(header_of(WsOpcode::Text, 65'536), hex({0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0}));
    EXPECT_EQ(
        header_of(WsOpcode::Text, 0x0102030405060708), hex({0x81, 127, 1, 2, 3, 4, 5, 6, 7, 8})
    );
    EXPECT_EQ(header_of(WsOpcode::Text, 1, false), hex({0x01, 1}));
    EXPECT_EQ(header_of(WsOpcode::Continuation, 1), hex({0x80, 1}));
}

TEST(WsFrame, WritesTextAndPong) {
    wire::ByteWriter out;
    append_text_frame(out, "Hello");  // the example of RFC 6455 section 5.7
    append_pong_frame(out, "Hello");
    EXPECT_EQ(out.view(), "\x81\x05Hello\x8A\x05Hello");
}

std::string close_of(std::uint16_t code, std::string_view reason) {
    wire::ByteWriter out;
    append_close_frame(out, code, reason);
    return std::string(out.view());
}

TEST(WsFrame, CutsAReasonBetweenCharacters) {
    EXPECT_EQ(close_of(1013, "slow"), "\x88\x06\x03\xF5slow");
    EXPECT_EQ(close_of(ws_close::kNoStatus, ""), std::string("\x88\x00", 2));
    const std::string fits(123, 'a');
    EXPECT_EQ(close_of(1000, fits), "\x88\x7D\x03\xE8" + fits);
    EXPECT_EQ(close_of(1000, fits + "a"), "\x88\x7D\x03\xE8" + fits);
    const std::string euro = "\xE2\x82\xAC";
    EXPECT_EQ(close_of(1000, fits.substr(3) + euro), "\x88\x7D\x03\xE8" + fits.substr(3) + euro);
    EXPECT_EQ(close_of(1000, fits.substr(2) + euro), "\x88\x7B\x03\xE8" + fits.substr(2));
    EXPECT_EQ(close_of(1000, fits.substr(1) + euro), "\x88\x7C\x03\xE8" + fits.substr(1));
    EXPECT_EQ(close_of(1000, fits + euro), "\x88\x7D\x03\xE8" + fits);
}

TEST(WsHandshake, GivesTheAnswerOfTheStandard) {
    // RFC 6455 section 1.3.
    EXPECT_EQ(websocket_accept("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    wire::ByteWriter out(1);
    append_switching_protocols(out, "dGhlIHNhbXBsZSBub25jZQ==");
    EXPECT_EQ(
        out.view(),
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
    );
}

}  // namespace
}  // namespace patron::net
