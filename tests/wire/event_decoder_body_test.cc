// The request as a whole: which items count, which are left out, what is bounded and kept.

#include <array>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "server/wire/event_decoder.h"
#include "store/limits.h"

namespace patron::wire {
namespace {

namespace limits = store::limits;
using scoring::Money;
using store::FaultCode;

constexpr scoring::Instant kNow{1'800'000'000'000};
constexpr std::array<std::string_view, 1> kTiers{"member"};

const scoring::CurrencyTable& currencies() {
    static const scoring::CurrencyTable table;
    return table;
}

store::Result<DecodedEvents> decode(
    std::string_view body, BodyForm form = BodyForm::Json, OnError on_error = OnError::Reject
) {
    EventDecoder decoder;
    return decoder.decode(body, form, {currencies(), kNow, kTiers, on_error});
}

store::Fault fault_of(std::string_view body, BodyForm form = BodyForm::Json) {
    auto decoded = decode(body, form);
    EXPECT_FALSE(decoded) << body;
    return decoded ? store::Fault{} : decoded.error();
}

// `{"type":<type>,"customer":"C1",<members>}`
std::string event(std::string_view type, std::string_view members = {}) {
    return R"({"type":")" + std::string(type) + R"(","customer":"C1")" +
           (members.empty() ? "" : ",") + std::string(members) + "}";
}

std::string order(std::string_view members) {
    return event("order", R"("id":"e1","order_id":"O1",)" + std::string(members));
}

TEST(EventDecoderBody, RejectsAllBecauseOfOne) {
    const std::string good = event("visit");
    const store::Fault fault =
        fault_of("[" + good + "," + event("visti") + "," + event("visat") + "]");
    EXPECT_EQ(fault.code, FaultCode::UnknownType);
    EXPECT_EQ(fault.index, 1);
    const store::Fault line = fault_of(good + "\n\n" + event("visti") + "\n", BodyForm::Ndjson);
    EXPECT_EQ(line.code, FaultCode::UnknownType);
    EXPECT_EQ(line.index, 1);
    EXPECT_EQ(decode("[]")->batch.events.size(), 0U);
    EXPECT_EQ(decode(" [ " + good + " , " + good + " ] ")->batch.events.size(), 2U);
}

TEST(EventDecoderBody, SkipsOnlyTheBadItemsOfAnArray) {
    const std::string good = event("visit");
    const std::string body = "[7," + good + ",{\"type\":\"x\"},[[1],{}]," + good + "," +
                             event("visit", R"("z":{"a":[1,2]})") + "," + good + ",null]";
    const auto decoded = decode(body, BodyForm::Json, OnError::Skip);
    ASSERT_TRUE(decoded) << decoded.error().detail;
    EXPECT_EQ(decoded->index, (std::vector<std::uint32_t>{1, 4, 6}));
    EXPECT_EQ(decoded->batch.events.size(), 3U);
    EXPECT_EQ(decoded->rejected_count, 5U);
    std::vector<std::int64_t> rejected;
    for (const auto& fault : decoded->rejected) {
        rejected.push_back(fault.index);
    }
    EXPECT_EQ(rejected, (std::vector<std::int64_t>{0, 2, 3, 5, 7}));
}

TEST(EventDecoderBody, SkipsOnlyTheBadLines) {
    const std::string good = event("visit");
    const std::string body = good + "\r\n{\"type\":\"visit\n\n" +
                             "{\"type\":\"visit\",\"customer\":\"\xC0\"}\n" + "[" + good + "]\n" +
                             good + good + "\n" + "]\n" + good + "\n \t\n" + good;
    const auto decoded = decode(body, BodyForm::Ndjson, OnError::Skip);
    ASSERT_TRUE(decoded) << decoded.error().detail;
    EXPECT_EQ(decoded->index, (std::vector<std::uint32_t>{0, 6, 7}));
    ASSERT_EQ(decoded->rejected.size(), 5U);
    const FaultCode codes[] = {
        FaultCode::BadJson,
        FaultCode::BadUtf8,
        FaultCode::WrongType,
        FaultCode::BadJson,
        FaultCode::BadJson
    };
    for (std::size_t i = 0; i < 5; ++i) {
        EXPECT_EQ(decoded->rejected[i].code, codes[i]) << i;
        EXPECT_EQ(decoded->rejected[i].index, static_cast<std::int64_t>(i) + 1);
    }
    EXPECT_EQ(decode("", BodyForm::Ndjson)->batch.events.size(), 0U);
    EXPECT_EQ(decode("\n\n", BodyForm::Ndjson)->batch.events.size(), 0U);
}

TEST(EventDecoderBody, BoundsWhatItListsAndWhatItTakes) {
    std::string body;
    for (std::size_t i = 0; i < limits::kRejectedListedMax + 5; ++i) {
        body += "{}\n";
    }
    const auto decoded = decode(body, BodyForm::Ndjson, OnError::Skip);
    ASSERT_TRUE(decoded);
    EXPECT_EQ(decoded->rejected.size(), limits::kRejectedListedMax);
    EXPECT_EQ(decoded->rejected_count, limits::kRejectedListedMax + 5);

    std::string lines;
    std::string array = "[";
    for (std::size_t i = 0; i <= limits::kEventsPerRequestMax; ++i) {
        lines += "{}\n";
        array += "{},";
    }
    array.back() = ']';
    EXPECT_EQ(decode(lines, BodyForm::Ndjson, OnError::Skip).error().code, FaultCode::TooManyItems);
    EXPECT_EQ(decode(array, BodyForm::Json, OnError::Skip).error().code, FaultCode::TooManyItems);
    const std::string large(limits::kBodyBytesMax + 1, ' ');
    EXPECT_EQ(fault_of(large).code, FaultCode::BodyTooLarge);
}

TEST(EventDecoderBody, KeepsNothingFromOneBodyToTheNext) {
    EventDecoder decoder;
    const DecodeContext context{currencies(), kNow, kTiers, OnError::Reject};
    std::string large = "[";
    while (large.size() < 3 * EventReader::kKeptBytesMax) {
        large += event("visit", R"("channel":"\u0061")") + ",";
    }
    large.back() = ']';
    const std::string small = order(R"("amount":"1.5")");
    for (int round = 0; round < 3; ++round) {
        EXPECT_TRUE(decoder.decode(large, BodyForm::Json, context));
        const auto decoded = decoder.decode(small, BodyForm::Json, context);
        ASSERT_TRUE(decoded);
        EXPECT_EQ(std::get<store::Order>(decoded->batch.events[0].body).amount, Money{150});
        EXPECT_FALSE(decoder.decode("{\"type\":", BodyForm::Json, context));
        EXPECT_FALSE(decoder.decode("", BodyForm::Json, context));
    }
}

}  // namespace
}  // namespace patron::wire
