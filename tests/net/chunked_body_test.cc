#include "server/net/chunked_body.h"

#include <random>
#include <string>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <gtest/gtest.h>

namespace patron::net {
namespace {

namespace http = boost::beast::http;

std::string chunked(const std::string& payload, std::mt19937& random) {
    std::string out;
    for (std::size_t at = 0; at < payload.size();) {
        const std::size_t n = std::min<std::size_t>(payload.size() - at, 1 + random() % 50);
        char size[16];
        std::snprintf(size, sizeof size, random() % 2 == 0 ? "%zx" : "%04zX", n);
        out += std::string(size) + "\r\n" + payload.substr(at, n) + "\r\n";
        at += n;
    }
    return out + "0\r\n\r\n";
}

// The plain reference: Beast's own decoder, which accepts a superset of our grammar.
std::string by_beast(const std::string& raw) {
    http::request_parser<http::string_body> parser;
    parser.eager(true);
    const std::string message = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + raw;
    boost::system::error_code error;
    parser.put(boost::asio::buffer(message), error);
    EXPECT_FALSE(error) << error.message();
    EXPECT_TRUE(parser.is_done());
    return parser.get().body();
}

TEST(ChunkedBody, DecodesInPlaceWhatBeastDecodesHoweverItIsSplit) {
    const unsigned seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    for (int round = 0; round < 500; ++round) {
        std::string payload(random() % 300, '\0');
        for (char& c : payload) {
            c = static_cast<char>(random());
        }
        const std::string raw = chunked(payload, random);
        ASSERT_EQ(by_beast(raw), payload);

        std::string bytes = raw + "NEXT";
        ChunkedBody body(payload.size());
        const char* at = bytes.data();
        char* to = bytes.data();
        auto state = ChunkedBody::State::NeedMore;
        while (state == ChunkedBody::State::NeedMore) {
            const auto left = static_cast<std::size_t>(bytes.data() + bytes.size() - at);
            ASSERT_GT(left, 0U);
            state = body.decode(at, at + std::min<std::size_t>(left, 1 + random() % 20), to);
        }
        ASSERT_EQ(state, ChunkedBody::State::Complete);
        EXPECT_EQ(bytes.substr(0, static_cast<std::size_t>(to - bytes.data())), payload);
        EXPECT_EQ(std::string(at), "NEXT");
    }
}

TEST(ChunkedBody, RefusesBeforeItDecodesTooMuch) {
    std::string bytes = "5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n";
    ChunkedBody body(5);
    const char* at = bytes.data();
    char* to = bytes.data();
    EXPECT_EQ(body.decode(at, at + bytes.size(), to), ChunkedBody::State::TooLarge);
    EXPECT_EQ(bytes.substr(0, static_cast<std::size_t>(to - bytes.data())), "hello");
}

}  // namespace
}  // namespace patron::net
