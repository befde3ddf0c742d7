#include "server/wire/json_string.h"

#include <string>

#include <boost/json.hpp>
#include <gtest/gtest.h>

namespace patron::wire {
namespace {

std::string read_back(std::string_view text) {
    return std::string(boost::json::parse(json_string(text)).as_string());
}

TEST(JsonString, PlainTextIsQuotedAndNothingElse) {
    EXPECT_EQ(json_string(""), R"("")");
    EXPECT_EQ(json_string("customer-42"), R"("customer-42")");
    EXPECT_EQ(json_string("客户"), "\"客户\"");
}

TEST(JsonString, EscapesWhatWouldEndOrBreakIt) {
    EXPECT_EQ(json_string("a\"b"), R"("a\"b")");
    EXPECT_EQ(json_string("a\\b"), R"("a\\b")");
    EXPECT_EQ(json_string("a\nb\x7F"), R"("a\u000ab\u007f")");
}

// The look at eight bytes at a time must see an escape wherever it stands.
TEST(JsonString, EveryByteAtEveryPlaceReadsBack) {
    for (std::size_t size = 1; size <= 18; ++size) {
        for (std::size_t place = 0; place < size; ++place) {
            for (int c = 0; c < 0x80; ++c) {
                std::string text(size, 'x');
                text[place] = static_cast<char>(c);
                ASSERT_EQ(read_back(text), text) << size << ' ' << place << ' ' << c;
            }
        }
    }
}

TEST(JsonString, AppendsBehindWhatIsThere) {
    ByteWriter out(2);
    out.append("[");
    append_json_string(out, "a\"");
    EXPECT_EQ(out.view(), R"(["a\"")");
}

}  // namespace
}  // namespace patron::wire
