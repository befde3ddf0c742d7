#include "tools/patron/event_batch.h"

#include <gtest/gtest.h>

#include "server/start_error.h"
#include "tools/patron/http_client.h"

namespace patron::tools {
namespace {

TEST(IngestAnswer, IsRead) {
    const auto answer = read_ingest_answer(
        R"({"accepted":3,"duplicates":1,"seq":9,"rejected":[{"index":2,"code":"bad","field":"at","detail":"no"}]})"
    );
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->accepted, 3U);
    EXPECT_EQ(answer->duplicates, 1U);
    ASSERT_EQ(answer->rejected.size(), 1U);
    EXPECT_EQ(answer->rejected[0].index, 2U);
    EXPECT_EQ(answer->rejected[0].refusal.reason, "bad");
    EXPECT_EQ(answer->rejected[0].refusal.detail, "no");
}

TEST(IngestAnswer, ThatIsNoneIsNotTakenForOne) {
    for (const char* body :
         {"",
          "{}",
          "[]",
          "<html>",
          R"({"accepted":1,"duplicates":0})",
          R"({"accepted":-1,"duplicates":0,"rejected":[]})",
          R"({"accepted":1,"duplicates":0,"rejected":[{"code":"x"}]})"}) {
        EXPECT_FALSE(read_ingest_answer(body).has_value()) << body;
    }
}

TEST(ProblemDetail, IsFoundOrTheBodyShown) {
    EXPECT_EQ(problem_detail(R"({"title":"t","detail":"what is wrong"})"), "what is wrong");
    EXPECT_EQ(problem_detail("<html>"), "<html>");
    EXPECT_EQ(problem_detail(std::string(1000, 'x')).size(), 200U);
}

TEST(SentBatch, GivesItsLinesBack) {
    const SentBatch batch{"{1}\n{22}\n", {0, 4}, {7, 8}};
    EXPECT_EQ(batch.line(0), "{1}");
    EXPECT_EQ(batch.line(1), "{22}");
}

TEST(ServerUrl, IsTakenApart) {
    const ServerUrl plain = parse_server_url("http://127.0.0.1:8080");
    EXPECT_EQ(plain.host, "127.0.0.1");
    EXPECT_EQ(plain.port, "8080");
    EXPECT_EQ(plain.prefix, "");
    const ServerUrl six = parse_server_url("http://[::1]:81/shop/");
    EXPECT_EQ(six.host, "::1");
    EXPECT_EQ(six.prefix, "/shop");
    EXPECT_EQ(six.text(), "http://[::1]:81/shop");
    EXPECT_EQ(parse_server_url("http://example.org/").port, "80");
}

TEST(ServerUrl, ThatIsNoneIsRefused) {
    for (const char* url :
         {"",
          "localhost",
          "https://a:1",
          "http://",
          "http://:80",
          "http://a:",
          "http://a:0",
          "http://a:x",
          "http://a:65536",
          "http://[::1",
          "http://[::1]8"}) {
        EXPECT_THROW(parse_server_url(url), server::StartError) << url;
    }
}

}  // namespace
}  // namespace patron::tools
