#include "tools/patron/event_stream.h"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace patron::tools {
namespace {

using std::chrono::milliseconds;

struct Heard {
    std::vector<std::string> data;
    std::vector<std::string> ids;  // when the data came
    bool operator==(const Heard&) const = default;
};

Heard listen(EventStreamReader& reader, const std::vector<std::string_view>& pieces) {
    Heard heard;
    for (const std::string_view piece : pieces) {
        EXPECT_TRUE(reader.read(piece, [&](std::string_view data) {
            heard.data.emplace_back(data);
            heard.ids.push_back(reader.last_event_id());
            return true;
        }));
    }
    return heard;
}

Heard listen(std::string_view text) {
    EventStreamReader reader;
    return listen(reader, {text});
}

using Texts = std::vector<std::string>;

TEST(EventStreamReader, TakesOneEventAfterTheOther) {
    const Heard heard = listen("id: a:1\ndata: one\n\nid: a:2\ndata: two\n\n");
    EXPECT_EQ(heard.data, (Texts{"one", "two"}));
    EXPECT_EQ(heard.ids, (Texts{"a:1", "a:2"}));
}

TEST(EventStreamReader, HearsTheSameHoweverTheBytesAreCut) {
    const std::string text =
        "\xEF\xBB\xBFretry: 250\r\n\r\n: hello\rdata: one\r\rid: x:1\r\ndata: "
        "two\r\ndata:three\r\n\r\n"
        "event: change\ndata\ndata:  four\nid:\n\nid: x:2\n: beat\n\ndata: {\"a\":\"b:c\"}\n\n\n"
        "data: unfinished\n";
    const Heard whole = listen(text);
    EXPECT_EQ(whole.data, (Texts{"one", "two\nthree", "\n four", "{\"a\":\"b:c\"}"}));
    EXPECT_EQ(whole.ids, (Texts{"", "x:1", "", "x:2"}));
    const std::string_view all = text;
    for (std::size_t i = 0; i <= text.size(); ++i) {
        EventStreamReader in_two;
        EXPECT_EQ(listen(in_two, {all.substr(0, i), all.substr(i)}), whole) << i;
        EXPECT_EQ(in_two.retry(), milliseconds(250));
        for (std::size_t j = i; j <= text.size(); ++j) {
            EventStreamReader in_three;
            const auto middle = all.substr(i, j - i);
            ASSERT_EQ(listen(in_three, {all.substr(0, i), middle, all.substr(j)}), whole)
                << i << ' ' << j;
        }
    }
    EventStreamReader byte_by_byte;
    std::vector<std::string_view> bytes;
    for (std::size_t i = 0; i < all.size(); ++i) {
        bytes.push_back(all.substr(i, 1));
    }
    EXPECT_EQ(listen(byte_by_byte, bytes), whole);
}

TEST(EventStreamReader, PassesOverCommentsAndUnknownFields) {
    const Heard heard =
        listen(": comment\n:\nfoo: bar\nevent: x\ndatas: no\n\ndata:\n\ndata: y\n\n");
    EXPECT_EQ(heard.data, (Texts{"", "y"}));
}

TEST(EventStreamReader, KeepsTheIdOfWholeEventsOnly) {
    EventStreamReader reader("old:7");
    EXPECT_EQ(reader.last_event_id(), "old:7");
    listen(reader, {"data: one\n\n"});
    EXPECT_EQ(reader.last_event_id(), "old:7");
    listen(reader, {"id: new:1\ndata: cut off"});
    EXPECT_EQ(reader.last_event_id(), "old:7");
    listen(reader, {" here\n\n"});
    EXPECT_EQ(reader.last_event_id(), "new:1");
    listen(reader, {"id: new:2\n\n"});
    EXPECT_EQ(reader.last_event_id(), "new:2") << "without data too";
    listen(reader, {std::string_view("id: a\0b\n\n", 9)});
    EXPECT_EQ(reader.last_event_id(), "new:2") << "an id with a zero byte is none";
}

TEST(EventStreamReader, ReadsRetryOnlyFromDigits) {
    EventStreamReader reader;
    EXPECT_FALSE(reader.retry().has_value());
    listen(reader, {"retry: 3s\nretry: -1\nretry:\nretry: 99999999999999\n\n"});
    EXPECT_FALSE(reader.retry().has_value());
    listen(reader, {"retry: 3000\n"});
    EXPECT_EQ(reader.retry(), milliseconds(3000));
}

TEST(EventStreamReader, StopsWhereItsListenerHasEnough) {
    EventStreamReader reader;
    int heard = 0;
    EXPECT_TRUE(reader.read("id: 1\ndata: a\n\nid: 2\ndata: b\n\n", [&](std::string_view) {
        ++heard;
        return false;
    }));
    EXPECT_EQ(heard, 1);
    EXPECT_EQ(reader.last_event_id(), "1");
}

TEST(EventStreamReader, BoundsLinesAndEvents) {
    const auto nothing = [](std::string_view) {
        return true;
    };
    const std::string largest(kEventBytesMax, 'x');
    EventStreamReader line;
    EXPECT_TRUE(line.read(largest, nothing));
    EXPECT_TRUE(line.read("\n", nothing)) << "an unknown field, but as long as may be";
    EXPECT_TRUE(line.read(largest, nothing));
    EXPECT_FALSE(line.read("x", nothing));
    EXPECT_FALSE(line.read("\n\n", nothing)) << "broken for good";

    const std::string half = "data: " + std::string(kEventBytesMax / 2, 'x') + "\n";
    EventStreamReader event;
    EXPECT_TRUE(event.read(half, nothing));
    EXPECT_FALSE(event.read(half, nothing)) << "with the line break between them it is too much";
    EventStreamReader two;
    EXPECT_TRUE(two.read(half + "\n" + half + "\n", nothing));
}

}  // namespace
}  // namespace patron::tools
