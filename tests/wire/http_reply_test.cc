#include "server/wire/http_reply.h"

#include <charconv>
#include <string>

#include <gtest/gtest.h>

namespace patron::wire {
namespace {

std::string reply(int status, std::string_view type, ReplyOptions options, std::string_view body) {
    ByteWriter out(16);
    HttpReply reply(out, options);
    reply.begin(status, type);
    reply.header("ETag", "\"x\"");
    reply.body().append(body);
    reply.finish();
    return std::string(out.view());
}

std::size_t declared_length(std::string_view answer) {
    constexpr std::string_view kName = "Content-Length:";
    const std::size_t at = answer.find(kName);
    EXPECT_NE(at, std::string_view::npos);
    const std::size_t digits = answer.find_first_not_of(' ', at + kName.size());
    std::size_t length = 0;
    std::from_chars(answer.data() + digits, answer.data() + answer.size(), length);
    return length;
}

TEST(HttpReply, WritesOneWholeAnswer) {
    EXPECT_EQ(
        reply(200, "application/json", {}, "{}"),
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length:          2\r\n"
        "ETag: \"x\"\r\n\r\n{}"
    );
}

TEST(HttpReply, TheUsualAnswerIsWrittenLikeAnyOther) {
    const std::string usual = reply(200, "application/json", {}, "{}");
    std::string other = reply(201, "application/jsom", {}, "{}");
    other.replace(other.find("201 Created"), 11, "200 OK").replace(other.find("jsom"), 4, "json");
    EXPECT_EQ(usual, other);
}

TEST(HttpReply, PatchesTheLengthForEveryNumberOfDigits) {
    for (const std::size_t length : {0U, 1U, 9U, 10U, 99U, 100U, 65'535U, 1'000'000U}) {
        for (const std::string_view type : {"text/plain", "application/json"}) {
            const std::string body(length, 'b');
            const std::string answer = reply(200, type, {}, body);
            EXPECT_EQ(declared_length(answer), length);
            EXPECT_TRUE(answer.ends_with("\r\n\r\n" + body));
        }
    }
}

TEST(HttpReply, HeadSaysTheLengthAndSendsNoBody) {
    const std::string answer = reply(200, "text/plain", {.head_only = true}, "hello");
    EXPECT_EQ(declared_length(answer), 5U);
    EXPECT_TRUE(answer.ends_with("\r\n\r\n"));
}

TEST(HttpReply, NoContentAndNotModifiedHaveNeitherLengthNorBody) {
    for (const int status : {204, 304}) {
        const std::string answer = reply(status, "", {}, "stray");
        EXPECT_EQ(answer.find("Content-Length"), std::string::npos);
        EXPECT_TRUE(answer.ends_with("\r\n\r\n"));
    }
}

TEST(HttpReply, ClosingIsSaidAndKeepingIsNot) {
    EXPECT_NE(
        reply(200, "a/b", {.keep_alive = false}, "").find("\r\nConnection: close\r\n"),
        std::string::npos
    );
    EXPECT_EQ(reply(200, "a/b", {}, "").find("Connection"), std::string::npos);
}

TEST(HttpReply, AnswersFollowEachOtherInOneBuffer) {
    ByteWriter out(8);
    for (const std::string_view body : {"one", "three"}) {
        HttpReply reply(out, {});
        reply.begin(200, "a/b");
        reply.body().append(body);
        reply.finish();
    }
    const std::string_view both = out.view();
    const std::size_t second = both.find("HTTP/1.1", 1);
    ASSERT_NE(second, std::string_view::npos);
    EXPECT_EQ(declared_length(both.substr(0, second)), 3U);
    EXPECT_EQ(declared_length(both.substr(second)), 5U);
}

TEST(HttpReply, EveryStatusHasItsReason) {
    EXPECT_EQ(reason_phrase(431), "Request Header Fields Too Large");
    EXPECT_EQ(reason_phrase(507), "Insufficient Storage");
    EXPECT_TRUE(reply(425, "a/b", {}, "").starts_with("HTTP/1.1 425 Too Early\r\n"));
}

TEST(HttpReply, AnEndlessBodyHasNoLengthAndIsNotSentHere) {
    for (const bool keep_alive : {true, false}) {
        ByteWriter out(1);
        HttpReply reply(out, {.keep_alive = keep_alive});
        reply.begin_endless(200, "application/json");
        reply.header("X", "y");
        reply.body().append("left out");
        reply.finish();
        EXPECT_EQ(
            out.view(),
            std::string("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n") +
                (keep_alive ? "" : "Connection: close\r\n") + "X: y\r\n\r\n"
        );
    }
}

}  // namespace
}  // namespace patron::wire
