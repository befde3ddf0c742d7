// The quick way over an NDJSON body finds what the slow one finds line by line.

#include "server/wire/line_reader.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "server/wire/event_decoder.h"
#include "server/wire/event_encoder.h"
#include "tests/support/same_event.h"
#include "tests/support/seed.h"
#include "tests/wire/random_event.h"

namespace patron::wire {
namespace {

constexpr scoring::Instant kNow{1'800'000'000'000};
constexpr std::array<std::string_view, 3> kTiers{"member", "gold", "platinum"};

const scoring::CurrencyTable& currencies() {
    static const scoring::CurrencyTable table;
    return table;
}

store::Result<DecodedEvents> decode(std::string_view body, BodyForm form) {
    EventDecoder decoder;
    return decoder.decode(body, form, {currencies(), kNow, kTiers, OnError::Skip});
}

bool is_blank(std::string_view line) {
    return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

// As most clients write it: one line, now and then a space or a carriage return.
std::string plain_line(Random& random) {
    store::EventBatch batch;
    add_random_event(random, batch, kNow, kTiers);
    ByteWriter out;
    write_event(out, batch.events.back(), currencies());
    return std::string(out.view());
}

// A few bytes changed, but none into the end of a line.
void damage(Random& random, std::string& line) {
    constexpr std::string_view kBytes = "\"\\{}[]:,0-.eEtn /\f\x1a\x7f\x80\xC3";
    for (auto left = 1 + pick(random, 2); left > 0 && !line.empty(); --left) {
        const std::size_t at = pick(random, line.size());
        switch (pick(random, 3)) {
            case 0:
                line[at] = kBytes[pick(random, kBytes.size())];
                break;
            case 1:
                line.erase(at, 1 + pick(random, 3));
                break;
            default:
                line.insert(at, 1, kBytes[pick(random, kBytes.size())]);
        }
    }
    // An array is a document, but no line.
    const std::size_t first = line.find_first_not_of(" \t\r");
    line.insert(0, first != std::string::npos && line[first] == '[' ? "x" : "");
}

std::vector<std::string> random_lines(Random& random, std::size_t count, std::uint64_t one_in) {
    std::vector<std::string> lines;
    for (std::size_t i = 0; i < count; ++i) {
        std::string line = plain_line(random);
        switch (pick(random, one_in)) {
            case 0:
                line = respell(random, line);
                std::ranges::replace(line, '\n', ' ');
                break;
            case 1:
                damage(random, line);
                break;
            case 2:
                line.resize(pick(random, line.size()));
                break;
            case 3:
                line = std::string(pick(random, 3), ' ') + (pick(random, 2) == 0 ? "\r" : "\t");
                break;
            default:
                break;
        }
        lines.push_back(std::move(line));
    }
    return lines;
}

std::string joined(const std::vector<std::string>& lines, std::string_view end) {
    std::string body;
    for (const std::string& line : lines) {
        body += line;
        body += end;
    }
    return body;
}

// Each line on its own, by the reader of whole documents.
void expect_as_alone(const std::vector<std::string>& lines, const DecodedEvents& found) {
    std::uint32_t item = 0;
    std::size_t event = 0;
    std::size_t refused = 0;
    for (const std::string& line : lines) {
        if (is_blank(line)) {
            continue;
        }
        const auto alone = decode(line, BodyForm::Json);
        if (alone && !alone->batch.events.empty()) {
            ASSERT_LT(event, found.batch.events.size()) << line;
            ASSERT_EQ(found.index[event], item) << line;
            ASSERT_TRUE(same_event(found.batch.events[event], alone->batch.events[0])) << line;
            ++event;
        } else {
            const store::Fault fault = alone ? alone->rejected.at(0) : alone.error();
            ASSERT_LT(refused, found.rejected.size()) << line;
            const store::Fault& told = found.rejected[refused];
            ASSERT_EQ(told.index, item) << line;
            ASSERT_EQ(told.code, fault.code) << line;
            ASSERT_EQ(told.field, fault.field) << line;
            ++refused;
        }
        ++item;
    }
    EXPECT_EQ(event, found.batch.events.size());
    EXPECT_EQ(refused, found.rejected_count);
}

TEST(LineReader, FindsWhatEveryLineHoldsAlone) {
    Random random(test_seed(1));
    std::size_t accepted = 0;
    std::size_t refused = 0;
    for (int round = 0; round < 3'000; ++round) {
        const auto lines = random_lines(random, 1 + pick(random, 12), round % 2 == 0 ? 40 : 6);
        const auto found =
            decode(joined(lines, pick(random, 2) == 0 ? "\n" : "\r\n"), BodyForm::Ndjson);
        ASSERT_TRUE(found);
        ASSERT_NO_FATAL_FAILURE(expect_as_alone(lines, *found)) << joined(lines, "\n");
        accepted += found->batch.events.size();
        refused += found->rejected_count;
    }
    EXPECT_GT(accepted, 10'000U);
    EXPECT_GT(refused, 1'000U);
}

TEST(LineReader, CrossesTheBordersOfItsChunks) {
    Random random(test_seed(1));
    for (int round = 0; round < 12; ++round) {
        auto lines = random_lines(random, 400 + pick(random, 400), 1'000);
        if (round % 3 == 0) {
            const std::string space(LineReader::kChunkBytes - 200 + pick(random, 400), ' ');
            lines[pick(random, lines.size())].insert(1, space);
        }
        const auto found = decode(joined(lines, "\n"), BodyForm::Ndjson);
        ASSERT_TRUE(found);
        ASSERT_NO_FATAL_FAILURE(expect_as_alone(lines, *found));
    }
}

// Lines it is sure of, so that the tests above are known to compare two ways.
TEST(LineReader, ReadsItselfWhatIsPlain) {
    const std::string line =
        R"({"id": "e1","type":"order" ,"customer":"C1","amount":-1.5e3,"public":true,"at":null})";
    const std::string body = line + "\n\n \r\n" + line;
    LineReader reader;
    reader.open(body);
    RawEvent event;
    std::string_view found;
    for (int i = 0; i < 2; ++i) {
        ASSERT_TRUE(reader.next(found));
        EXPECT_EQ(found, line);
        ASSERT_TRUE(reader.read(event));
        EXPECT_EQ(event.text(Field::Id), "e1");
        EXPECT_EQ(event.text(Field::Type), "order");
        EXPECT_EQ(event.text(Field::Amount), "-1.5e3");
        EXPECT_EQ(event.kind(Field::Public), RawKind::True);
        EXPECT_EQ(event.named & ~event.present, bit(Field::At));
    }
    EXPECT_FALSE(reader.next(found));
}

TEST(LineReader, IsNotSureOfTheRest) {
    LineReader reader;
    RawEvent event;
    for (const std::string_view line :
         {R"({})",
          R"([])",
          R"({"id":"e1")",
          R"({"id":"e1",})",
          R"({"id":"e1"} x)",
          R"({"id":"e1"}{})",
          R"({"id":"e1" "type":"visit"})",
          R"({"id":e1})",
          R"({"id":01})",
          R"({"id":})",
          R"({"id"})",
          R"({"id":"e1]})",
          R"({"id":"\u0041"})",
          R"({"id":"e1","id":"e1"})",
          R"({"nobody":1})",
          R"({"tags":["a"]})",
          R"({"id":1]})",
          "{\"id\":\"\xff\"}"}) {
        reader.open(line);
        std::string_view found;
        ASSERT_TRUE(reader.next(found));
        EXPECT_EQ(found, line);
        EXPECT_FALSE(reader.read(event)) << line;
    }
}

}  // namespace
}  // namespace patron::wire
