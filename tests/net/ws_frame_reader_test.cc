#include "server/net/ws_frame_reader.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/net/read_frames.h"
#include "tests/net/ws_client_frames.h"

namespace patron::net {
namespace {

Events one(Seen seen) {
    return {std::move(seen)};
}

TEST(WsFrameReader, ReadsMessagesOfEveryFormOfLength) {
    for (const std::size_t size : {0U, 1U, 125U, 126U, 127U, 128U, 65'535U, 65'536U}) {
        const std::string payload(size, '*');
        EXPECT_EQ(read(client_frame(kFinalText, payload), 65'536), one(message(true, size)));
        EXPECT_EQ(read(client_frame(kFinalBinary, payload), 65'536), one(message(false, size)));
    }
}

TEST(WsFrameReader, DeliversPingsAndPongsWithTheirPayload) {
    std::string bytes;
    for (int i = 0; i < 128; ++i) {
        bytes += static_cast<char>(2 * i);
    }
    for (const std::size_t size : {0U, 1U, 5U, 125U}) {
        const std::string payload = bytes.substr(0, size);
        EXPECT_EQ(read(client_frame(kPing, payload)), one(told(WsEvent::Ping, payload)));
        EXPECT_EQ(read(client_frame(kPong, payload)), one(told(WsEvent::Pong, payload)));
    }
    std::string ten;
    Events expected;
    for (int i = 0; i < 10; ++i) {
        ten += client_frame(kPing, std::to_string(i));
        expected.push_back(told(WsEvent::Ping, std::to_string(i)));
    }
    EXPECT_EQ(read(ten), expected);
}

TEST(WsFrameReader, RefusesControlFramesOverTheirBoundOrInFragments) {
    for (const unsigned control : {kPing, kPong, kClose}) {
        EXPECT_EQ(read(client_frame(control, std::string(126, 'x'))), one(broken(1002)));
        EXPECT_EQ(read(client_header(control, 65'536)), one(broken(1002)));
        EXPECT_EQ(read(client_frame(control & 0x0FU, "x")), one(broken(1002)));
    }
}

TEST(WsFrameReader, RefusesEveryReservedBit) {
    for (const unsigned first : {kFinalText, kFinalBinary, kClose, kPing, kPong}) {
        for (unsigned bits = 0x10; bits <= 0x70; bits += 0x10) {
            EXPECT_EQ(read(client_frame(first | bits, "x")), one(broken(1002))) << first << bits;
        }
    }
    const std::string start = client_frame(kText, "x");
    EXPECT_EQ(read(start + client_frame(kLast | 0x40U, "x")), one(broken(1002)));
}

TEST(WsFrameReader, RefusesEveryReservedOpcode) {
    const std::string before = client_frame(kFinalText, "before");
    for (const unsigned opcode : {3U, 4U, 5U, 6U, 7U, 11U, 12U, 13U, 14U, 15U}) {
        EXPECT_EQ(read(client_frame(0x80U | opcode, "")), one(broken(1002)));
        EXPECT_EQ(read(client_frame(opcode, "x")), one(broken(1002)));
        EXPECT_EQ(
            read(before + client_frame(0x80U | opcode, "x") + client_frame(kPing, "")),
            (Events{message(true, 6), broken(1002)})
        );
    }
}

TEST(WsFrameReader, RefusesFramesWithoutMask) {
    using std::string_literals::operator""s;
    for (const std::string& bytes :
         {"\x81\x00"s, "\x81\x01x"s, "\x89\x00"s, "\x88\x02\x03\xE8"s, "\x82\x7F"s}) {
        EXPECT_EQ(read(bytes), one(broken(1002)));
    }
}

TEST(WsFrameReader, ReadsEveryMask) {
    for (const unsigned byte : {0x00U, 0x01U, 0x7FU, 0x80U, 0xFFU}) {
        const std::array<unsigned char, 4> mask = {
            static_cast<unsigned char>(byte), 0, static_cast<unsigned char>(~byte), 0x55
        };
        const std::string text = "\xCE\xBA\xE1\xBD\xB9\xCF\x83 and more";
        EXPECT_EQ(read(client_frame(kFinalText, text, mask)), one(message(true, text.size())));
        EXPECT_EQ(read(client_frame(kPing, text, mask)), one(told(WsEvent::Ping, text)));
    }
}

TEST(WsFrameReader, RefusesLengthsThatCouldBeShorter) {
    for (const std::size_t size : {0U, 1U, 125U}) {
        const std::string payload(size, 'x');
        EXPECT_EQ(
            read(client_frame(kFinalText, payload, kSampleMask, LengthForm::Two)), one(broken(1002))
        );
    }
    for (const std::size_t size : {0U, 125U, 126U, 65'535U}) {
        EXPECT_EQ(
            read(client_header(kFinalText, size, kSampleMask, LengthForm::Eight), 65'536),
            one(broken(1002))
        );
    }
    const std::uint64_t top = std::uint64_t{1} << 63U;
    EXPECT_EQ(read(client_header(kFinalBinary, top)), one(broken(1002)));
    EXPECT_EQ(read(client_header(kFinalBinary, top | 5U)), one(broken(1002)));
    EXPECT_EQ(read(client_header(kFinalBinary, top - 1)), one(broken(1009)));
}

TEST(WsFrameReader, JoinsFragments) {
    EXPECT_EQ(read(client_frame(kText, "ab") + client_frame(kLast, "cde")), one(message(true, 5)));
    EXPECT_EQ(
        read(client_frame(kText, "") + client_frame(kMore, "") + client_frame(kLast, "")),
        one(message(true, 0))
    );
    std::string many = client_frame(kBinary, "\xFF");
    for (int i = 0; i < 99; ++i) {
        many += client_frame(kMore, "\xFF\xFE");
    }
    EXPECT_EQ(read(many), Events{});
    EXPECT_EQ(read(many + client_frame(kLast, "")), one(message(false, 199)));
}

TEST(WsFrameReader, DeliversControlFramesBetweenFragments) {
    const std::string bytes = client_frame(kText, "\xE2\x82") + client_frame(kPing, "p") +
                              client_frame(kMore, "\xAC") + client_frame(kPong, "") +
                              client_frame(kLast, "!") + client_frame(kFinalBinary, "\xFF");
    const Events expected = {
        told(WsEvent::Ping, "p"), told(WsEvent::Pong, ""), message(true, 4), message(false, 1)
    };
    EXPECT_EQ(read(bytes), expected);
    const std::string closing =
        client_frame(kText, "x") + client_frame(kClose, close_payload(1000));
    EXPECT_EQ(read(closing), one(told(WsEvent::Close, "", 1000)));
}

TEST(WsFrameReader, RefusesFragmentsOutOfOrder) {
    EXPECT_EQ(read(client_frame(kLast, "x")), one(broken(1002)));
    EXPECT_EQ(read(client_frame(kMore, "x")), one(broken(1002)));
    EXPECT_EQ(read(client_frame(kText, "x") + client_frame(kFinalText, "x")), one(broken(1002)));
    EXPECT_EQ(read(client_frame(kText, "x") + client_frame(kBinary, "x")), one(broken(1002)));
    EXPECT_EQ(
        read(client_frame(kText, "x") + client_frame(kLast, "y") + client_frame(kLast, "z")),
        (Events{message(true, 2), broken(1002)})
    );
}

// After the Autobahn suite's family 6 and Kuhn's UTF-8 stress test.
const std::vector<std::string>& good_texts() {
    static const std::vector<std::string> texts = {
        "",
        std::string(1, '\0'),
        "Hello-\xC2\xB5@\xC3\x9F\xC3\xB6\xC3\xA4\xC3\xBC\xC3\xA0\xC3\xA1-UTF-8!!",
        "\xCE\xBA\xE1\xBD\xB9\xCF\x83\xCE\xBC\xCE\xB5",
        "\xC2\x80",
        "\xDF\xBF",
        "\xE0\xA0\x80",
        "\xED\x9F\xBF",
        "\xEE\x80\x80",
        "\xEF\xBF\xBD",
        "\xEF\xBF\xBE",
        "\xEF\xBF\xBF",
        "\xF0\x90\x80\x80",
        "\xF4\x8F\xBF\xBF",
        "\xF4\x8F\xBF\xBE",
        std::string(600, 'a') + "\xF0\x9F\x98\x80" + std::string(600, 'b'),
    };
    return texts;
}

const std::vector<std::string>& bad_texts() {
    static const std::vector<std::string> texts = {
        "\x80",
        "\xBF",
        "\x80\xBF\x80",
        "\xC0\x20",
        "\xE0\x20",
        "\xF0\x20",
        "\xF8\x88\x80\x80\x80",
        "\xFC\x84\x80\x80\x80\x80",
        "\xFE",
        "\xFF",
        "\xFE\xFE\xFF\xFF",
        "\xC0\x80",
        "\xC0\xAF",
        "\xC1\xBF",
        "\xE0\x80\x80",
        "\xE0\x80\xAF",
        "\xE0\x9F\xBF",
        "\xF0\x80\x80\xAF",
        "\xF0\x8F\xBF\xBF",
        "\xED\xA0\x80",
        "\xED\xAD\xBF",
        "\xED\xAE\x80",
        "\xED\xBF\xBF",
        "\xED\xA0\x80\xED\xB0\x80",
        "\xF4\x90\x80\x80",
        "\xF5\x80\x80\x80",
        "\xF7\xBF\xBF\xBF",
        "\xCE\xBA\xE1\xBD\xB9\xCF\x83\xCE\xBC\xCE\xB5\xED\xA0\x80"
        "edited",
        std::string(600, 'a') + "\xC0" + std::string(600, 'b'),
    };
    return texts;
}

// Cut in the middle of a character: fine for as long as more may come.
const std::vector<std::string>& cut_texts() {
    static const std::vector<std::string> texts = {
        "\xC2",
        "\xE0\xA0",
        "\xE2",
        "\xE2\x82",
        "\xED\x9F",
        "\xF0",
        "\xF0\x9F",
        "\xF0\x9F\x98",
        "\xF4\x8F",
        "abc\xF4\x8F\xBF",
        std::string(599, 'a') + "\xE2\x82",
    };
    return texts;
}

TEST(WsFrameReader, AcceptsUtf8HoweverItIsFragmented) {
    for (const std::string& text : good_texts()) {
        EXPECT_EQ(read(client_frame(kFinalText, text)), one(message(true, text.size())));
        for (std::size_t i = 0; i <= std::min<std::size_t>(text.size(), 20); ++i) {
            const std::string bytes = client_frame(kText, text.substr(0, i)) +
                                      client_frame(kPing, "") + client_frame(kLast, text.substr(i));
            EXPECT_EQ(read(bytes), (Events{told(WsEvent::Ping, ""), message(true, text.size())}));
        }
        EXPECT_EQ(read(client_frame(kClose, close_payload(1000, text.substr(0, 100)))).size(), 1U);
    }
}

TEST(WsFrameReader, RefusesWhatIsNotUtf8InTextOnly) {
    for (const std::string& text : bad_texts()) {
        EXPECT_EQ(read(client_frame(kFinalText, text)), one(broken(1007)));
        EXPECT_EQ(read(client_frame(kFinalText, "x" + text + "\xE2\x82\xAC")), one(broken(1007)));
        EXPECT_EQ(read(client_frame(kFinalBinary, text)), one(message(false, text.size())));
        EXPECT_EQ(read(client_frame(kPing, text.substr(0, 99))).front().event, WsEvent::Ping);
        std::string bytes = client_frame(kText, "");
        for (const char c : text) {
            bytes += client_frame(kMore, std::string(1, c));
        }
        EXPECT_EQ(read(bytes), one(broken(1007)));
    }
}

TEST(WsFrameReader, ACutCharacterIsRefusedAtTheEndOfItsMessageOnly) {
    for (const std::string& text : cut_texts()) {
        EXPECT_EQ(read(client_frame(kFinalText, text)), one(broken(1007)));
        EXPECT_EQ(read(client_frame(kText, text)), Events{});
        EXPECT_EQ(read(client_frame(kText, text) + client_frame(kLast, "")), one(broken(1007)));
        EXPECT_EQ(
            read(client_frame(kText, text) + client_frame(kPing, "")), one(told(WsEvent::Ping, ""))
        );
        EXPECT_EQ(read(client_frame(kText, text) + client_frame(kMore, "x")), one(broken(1007)));
        EXPECT_EQ(read(client_frame(kFinalBinary, text)), one(message(false, text.size())));
    }
}

TEST(WsFrameReader, BadTextIsRefusedBeforeItsFrameIsComplete) {
    // Each ends in the byte after which no continuation can be right; a long frame was promised.
    for (const std::string& text : std::vector<std::string>{
             "\x80",
             "\xC0",
             "\xC1",
             "\xE0\x80",
             "\xE0\x9F",
             "\xED\xA0",
             "\xED\xBF",
             "\xF0\x80",
             "\xF0\x8F",
             "\xF4\x90",
             "\xF5",
             "\xFE",
             "\xFF",
             "\xE2\x82x",
             "\xF0\x9F\x98x",
             "\xC2x"
         }) {
        for (const std::string& before : {std::string(), std::string("a"), std::string(37, 'a')}) {
            const std::string bytes =
                client_header(kFinalText, 1000) + masked(before + text, kSampleMask);
            EXPECT_EQ(read(bytes), one(broken(1007)));
            EXPECT_EQ(read(std::string_view(bytes).substr(0, bytes.size() - 1)), Events{});
        }
    }
}

TEST(WsFrameReader, ReadsCloseFrames) {
    EXPECT_EQ(read(client_frame(kClose, "")), one(told(WsEvent::Close, "", ws_close::kNoStatus)));
    EXPECT_EQ(read(client_frame(kClose, "\x03")), one(broken(1002)));
    // Half a code, in a place where a whole one stood before.
    const std::string before = close_payload(1000);
    EXPECT_EQ(
        read(client_frame(kPing, before) + client_frame(kClose, "\x03")),
        (Events{told(WsEvent::Ping, before), broken(1002)})
    );
    const std::string reason(123, 'r');
    EXPECT_EQ(
        read(client_frame(kClose, close_payload(1000, reason))),
        one(told(WsEvent::Close, reason, 1000))
    );
    EXPECT_EQ(read(client_frame(kClose, close_payload(1000, "\xCE\xBA\xE1"))), one(broken(1007)));
    EXPECT_EQ(read(client_frame(kClose, close_payload(999, "\xFF"))), one(broken(1002)));
}

TEST(WsFrameReader, KnowsWhichCloseCodesMayBeSent) {
    for (unsigned code = 0; code <= 65'535; ++code) {
        const bool allowed = (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
                             (code >= 3000 && code <= 4999);
        const Events expected =
            one(allowed ? told(WsEvent::Close, "", static_cast<std::uint16_t>(code)) : broken(1002)
            );
        ASSERT_EQ(feed({client_frame(kClose, close_payload(code))}, kMessageMax), expected) << code;
    }
}

TEST(WsFrameReader, ReadsNothingBehindItsEnd) {
    const std::string behind =
        client_frame(kPing, "late") + "garbage" + client_frame(kFinalText, "late");
    EXPECT_EQ(
        read(client_frame(kClose, close_payload(1001, "bye")) + behind),
        one(told(WsEvent::Close, "bye", 1001))
    );
    EXPECT_EQ(read(client_frame(kClose, "") + behind), one(told(WsEvent::Close, "", 1005)));
    EXPECT_EQ(read(client_frame(kClose, "x") + behind), one(broken(1002)));
    EXPECT_EQ(read(client_frame(kFinalText, "\xFF") + behind), one(broken(1007)));
    EXPECT_EQ(read(client_header(kFinalText, kMessageMax + 1) + behind), one(broken(1009)));
}

TEST(WsFrameReader, TheBoundOfAMessageCountsAllItsFragments) {
    const std::string full(kMessageMax, 'x');
    EXPECT_EQ(read(client_frame(kFinalText, full)), one(message(true, kMessageMax)));
    EXPECT_EQ(read(client_frame(kFinalText, full + "x")), one(broken(1009)));
    EXPECT_EQ(read(client_header(kFinalBinary, kMessageMax + 1)), one(broken(1009)));
    const std::string almost =
        client_frame(kBinary, full.substr(1)) + client_frame(kPing, full.substr(0, 125));
    const Seen ping = told(WsEvent::Ping, full.substr(0, 125));
    EXPECT_EQ(read(almost + client_frame(kLast, "x")), (Events{ping, message(false, kMessageMax)}));
    EXPECT_EQ(read(almost + client_frame(kLast, "xx")), (Events{ping, broken(1009)}));
    EXPECT_EQ(
        read(client_frame(kFinalText, full) + client_frame(kFinalText, full)),
        (Events{message(true, kMessageMax), message(true, kMessageMax)})
    );
    std::string small;
    for (std::size_t i = 0; i < kMessageMax; ++i) {
        small += client_frame(i == 0 ? kText : kMore, "x");
    }
    EXPECT_EQ(
        feed({small + client_frame(kLast, "")}, kMessageMax), one(message(true, kMessageMax))
    );
    EXPECT_EQ(feed({small + client_frame(kLast, "x")}, kMessageMax), one(broken(1009)));
}

}  // namespace
}  // namespace patron::net
