#include "server/wire/event_encoder.h"

#include <array>
#include <string>

#include <gtest/gtest.h>

#include "server/wire/event_decoder.h"
#include "tests/support/same_event.h"
#include "tests/support/seed.h"
#include "tests/wire/random_event.h"

namespace patron::wire {
namespace {

constexpr scoring::Instant kNow{1'800'000'000'000};
constexpr std::array<std::string_view, 3> kTiers{"member", "gold", "\xE9\xBB\x84\xE9\x87\x91"};

TEST(WriteEvent, PrintsOneLineOfJson) {
    ByteWriter out;
    store::Event event;
    event.customer = "C\\\"42\"";
    event.id = "e1";
    event.at = scoring::Instant{1'795'270'621'123};
    event.body = store::Order{"O1", {120'050}, scoring::Money{-5}, store::OrderKind::Service};
    write_event(out, event, {});
    EXPECT_EQ(
        out.view(),
        R"({"type":"order","customer":"C\\\"42\"","id":"e1","at":"2026-11-21T14:17:01.123Z",)"
        R"("order_id":"O1","amount":1200.50,"margin":-0.05,"kind":"service"})"
        "\n"
    );
}

TEST(WriteEvent, IsReadBackByTheDecoder) {
    Random random(test_seed(1));
    EventDecoder decoder;
    for (int round = 0; round < 300; ++round) {
        store::EventBatch batch;
        for (auto left = pick(random, 40); left > 0; --left) {
            add_random_event(random, batch, kNow, kTiers);
        }
        const scoring::CurrencyTable currencies{
            {'C', 'N', 'Y'}, static_cast<int>(pick(random, 5)), {}
        };
        ByteWriter out;
        for (const store::Event& event : batch.events) {
            write_event(out, event, currencies);
        }
        const DecodeContext context{currencies, kNow, kTiers, OnError::Reject};
        const auto decoded = decoder.decode(out.view(), BodyForm::Ndjson, context);
        ASSERT_TRUE(decoded) << decoded.error().detail << " item " << decoded.error().index << "\n"
                             << out.view();
        ASSERT_EQ(decoded->batch.events.size(), batch.events.size());
        for (std::size_t i = 0; i < batch.events.size(); ++i) {
            ASSERT_TRUE(same_event(decoded->batch.events[i], batch.events[i])) << i << "\n"
                                                                               << out.view();
        }
    }
}

}  // namespace
}  // namespace patron::wire
