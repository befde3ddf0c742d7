#include <gtest/gtest.h>

#include "tools/load/answer_reader.h"

namespace patron::tools {
namespace {

using State = Answer::State;

std::string answer_text(int status, const std::string& body, const std::string& more = "") {
    return "HTTP/1.1 " + std::to_string(status) +
           " Words\r\nContent-Type: x\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
           more + "\r\n" + body;
}

struct Seen {
    int status;
    std::string body;
    bool closes;
    bool operator==(const Seen&) const = default;
};

// Everything a reader makes of `text` when it comes in pieces of `step` bytes, as a connection feeds it.
std::vector<Seen> read_in_steps(const std::string& text, std::size_t step) {
    AnswerReader reader;
    std::vector<Seen> out;
    std::string buffer;
    for (std::size_t at = 0; at < text.size(); at += step) {
        buffer += text.substr(at, step);
        for (;;) {
            const Answer answer = reader.read(buffer);
            if (answer.state == State::Whole) {
                out.push_back({answer.status, std::string(answer.body), answer.closes});
            }
            buffer.erase(0, answer.used);
            EXPECT_NE(answer.state, State::Garbled) << answer.why;
            if (answer.state != State::Whole) {
                break;
            }
        }
    }
    EXPECT_TRUE(buffer.empty());
    return out;
}

TEST(AnswerReader, ReadsTheSameHoweverItIsCut) {
    const std::string text = answer_text(200, "abc") + answer_text(200, "defg") +
                             answer_text(200, std::string(50, 'x')) + answer_text(404, "") +
                             "HTTP/1.1 304 Not Modified\r\nETag: \"a\"\r\n\r\n" +
                             answer_text(200, std::string(10'000, 'y')) +
                             "HTTP/1.1 100 Continue\r\n\r\n" +
                             answer_text(503, "no", "Connection: close\r\n");
    const std::vector<Seen> expected{
        {200, "abc", false},
        {200, "defg", false},
        {200, std::string(50, 'x'), false},
        {404, "", false},
        {304, "", false},
        {200, "", false},  // too long to keep
        {503, "no", true},
    };
    for (std::size_t step = 1; step < 400; ++step) {
        ASSERT_EQ(read_in_steps(text, step), expected) << step;
    }
    EXPECT_EQ(read_in_steps(text, text.size()), expected);
}

TEST(AnswerReader, TakesALengthInBlanksAndAnyLetters) {
    EXPECT_EQ(
        read_in_steps("HTTP/1.1 200 OK\r\ncontent-LENGTH:        2 \r\n\r\nab", 5),
        (std::vector<Seen>{{200, "ab", false}})
    );
}

TEST(AnswerReader, KnowsThatAnOldServerClosesUnlessItSaysOtherwise) {
    EXPECT_TRUE(read_in_steps("HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\na", 9).front().closes);
    const std::string keeps =
        "HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 1\r\n\r\na";
    EXPECT_FALSE(read_in_steps(keeps, 9).front().closes);
}

TEST(AnswerReader, RefusesWhatItCannotRead) {
    const auto why = [](const std::string& text) {
        const Answer answer = AnswerReader().read(text);
        EXPECT_EQ(answer.state, State::Garbled);
        return std::string(answer.why);
    };
    EXPECT_NE(
        why("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").find("chunked"),
        std::string::npos
    );
    EXPECT_NE(why("HTTP/1.1 200 OK\r\n\r\n").find("Content-Length"), std::string::npos);
    EXPECT_NE(
        why("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n").find("Content-Length"),
        std::string::npos
    );
    EXPECT_EQ(why("SSH-2.0-OpenSSH\r\n\r\n"), "no HTTP/1.1");
    EXPECT_EQ(why("HTTP/1.\r\n\r\n"), "no HTTP/1.1");
    EXPECT_NE(why(std::string(9'000, 'a')).find("head"), std::string::npos);
}

}  // namespace
}  // namespace patron::tools
