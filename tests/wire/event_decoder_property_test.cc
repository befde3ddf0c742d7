// What holds for every event and every damaged text.

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "server/wire/event_decoder.h"
#include "server/wire/event_encoder.h"
#include "server/wire/json_flaw.h"
#include "tests/support/same_event.h"
#include "tests/support/seed.h"
#include "tests/wire/random_event.h"

namespace patron::wire {
namespace {

using store::FaultCode;

constexpr scoring::Instant kNow{1'800'000'000'000};
constexpr std::array<std::string_view, 3> kTiers{"member", "gold", "platinum"};

const scoring::CurrencyTable& currencies() {
    static const scoring::CurrencyTable table;
    return table;
}

store::Result<DecodedEvents> decode(
    std::string_view body, BodyForm form, OnError on_error = OnError::Reject
) {
    EventDecoder decoder;
    return decoder.decode(body, form, {currencies(), kNow, kTiers, on_error});
}

// Lines of random events, spelled in all the ways JSON allows.
struct RandomBody {
    store::EventBatch batch;
    std::vector<std::string> lines;

    RandomBody(Random& random, std::size_t events) {
        for (std::size_t i = 0; i < events; ++i) {
            add_random_event(random, batch, kNow, kTiers);
            ByteWriter line;
            write_event(line, batch.events.back(), currencies());
            lines.push_back(respell(random, line.view()));
        }
    }
    std::string joined(std::string_view separator) const {
        std::string text;
        for (const std::string& line : lines) {
            text += (text.empty() ? "" : std::string(separator)) + line;
        }
        return text;
    }
};

TEST(EventDecoderProperty, ReadsAnySpellingOfTheSameEvents) {
    Random random(test_seed(1));
    for (int round = 0; round < 300; ++round) {
        const RandomBody body(random, 1 + pick(random, 20));
        const auto lines = decode(body.joined("\n"), BodyForm::Ndjson);
        const auto array = decode("[" + body.joined(",") + "]", BodyForm::Json);
        ASSERT_TRUE(lines) << lines.error().detail << "\n" << body.joined("\n");
        ASSERT_TRUE(array) << array.error().detail << "\n" << body.joined("\n");
        ASSERT_EQ(lines->batch.events.size(), body.lines.size());
        ASSERT_EQ(array->batch.events.size(), body.lines.size());
        for (std::size_t i = 0; i < body.lines.size(); ++i) {
            ASSERT_TRUE(same_event(lines->batch.events[i], body.batch.events[i])) << body.lines[i];
            ASSERT_TRUE(same_event(array->batch.events[i], body.batch.events[i])) << body.lines[i];
        }
    }
}

void damage(Random& random, std::string& text) {
    constexpr std::string_view kBytes = "\"\\{}[]:,0123456789-+.eEtrufalsn /\n\x80\xC3\xFF";
    for (auto left = 1 + pick(random, 3); left > 0 && !text.empty(); --left) {
        const std::size_t at = pick(random, text.size());
        switch (pick(random, 5)) {
            case 0:
                text[at] = static_cast<char>(random());
                break;
            case 1:
                text[at] = kBytes[pick(random, kBytes.size())];
                break;
            case 2:
                text.erase(at, 1 + pick(random, 4));
                break;
            case 3:
                text.insert(at, 1, kBytes[pick(random, kBytes.size())]);
                break;
            default:
                text.resize(at);
        }
    }
}

// The slow look decides what JSON is: the fast one accepts nothing that it refuses, and calls
// nothing broken that it accepts.
TEST(EventDecoderProperty, AgreesWithTheSlowLookOnDamagedTexts) {
    Random random(test_seed(1));
    EventDecoder decoder;
    std::size_t accepted = 0;
    std::size_t broken = 0;
    for (int round = 0; round < 60'000; ++round) {
        const RandomBody body(random, 1 + pick(random, 2));
        std::string text = body.lines.size() == 1 ? body.lines[0] : "[" + body.joined(",") + "]";
        damage(random, text);
        const OnError on_error = pick(random, 2) == 0 ? OnError::Reject : OnError::Skip;
        const auto decoded =
            decoder.decode(text, BodyForm::Json, {currencies(), kNow, kTiers, on_error});
        const auto flaw = find_json_flaw(text);
        if (flaw) {
            ++broken;
            ASSERT_FALSE(decoded) << text;
            ASSERT_EQ(decoded.error().code, flaw->code) << text;
            ASSERT_EQ(decoded.error().detail, flaw->detail) << text;
        } else if (!decoded) {
            ASSERT_NE(decoded.error().code, FaultCode::BadJson) << text;
            ASSERT_NE(decoded.error().code, FaultCode::BadUtf8) << text;
        } else {
            ++accepted;
        }
    }
    EXPECT_GT(accepted, 1'000U);
    EXPECT_GT(broken, 10'000U);
}

TEST(EventDecoderProperty, ADamagedLineCostsNoOther) {
    Random random(test_seed(1));
    for (int round = 0; round < 2'000; ++round) {
        const RandomBody body(random, 5);
        RandomBody damaged = RandomBody(random, 0);
        damaged.lines = body.lines;
        const std::size_t victim = pick(random, body.lines.size());
        damage(random, damaged.lines[victim]);
        std::string& line = damaged.lines[victim];
        std::replace(line.begin(), line.end(), '\n', ' ');
        line += line.find_first_not_of(" \t\r") == std::string::npos ? "x" : "";
        const auto decoded = decode(damaged.joined("\n"), BodyForm::Ndjson, OnError::Skip);
        ASSERT_TRUE(decoded);
        std::size_t found = 0;
        for (std::size_t i = 0; i < decoded->index.size(); ++i) {
            if (decoded->index[i] != victim) {
                ASSERT_TRUE(
                    same_event(decoded->batch.events[i], body.batch.events[decoded->index[i]])
                );
                ++found;
            }
        }
        ASSERT_EQ(found, 4U) << damaged.joined("\n");
    }
}

}  // namespace
}  // namespace patron::wire
