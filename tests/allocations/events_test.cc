// What events take from the heap: blocks and tables that hold many of them, nothing for each.

#include <array>
#include <cstdint>
#include <future>
#include <memory>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "server/wire/event_decoder.h"
#include "server/wire/policy_presets.h"
#include "store/clock.h"
#include "store/store.h"
#include "tests/allocations/counted_heap.h"

namespace patron {
namespace {

constexpr scoring::Instant kNow{1'772'337'600'000};
constexpr int kCustomers = 500;
constexpr std::array<std::string_view, 1> kTiers{"member"};

// Orders and visits by turns, of customers in a row; ids from `first` on.
std::string lines(int first, int count) {
    std::string body;
    for (int i = first; i < first + count; ++i) {
        const std::string id = std::to_string(1'000'000 + i);
        const std::string head = R"({"id":"e)" + id + R"(","customer":"C)" +
                                 std::to_string(100'000 + i % kCustomers) +
                                 R"(","at":1769904000000,"type":)";
        body += head +
                (i % 2 == 0 ? R"("order","order_id":"o)" + id + R"(","amount":12.50})"
                            : R"("visit","channel":"web"})") +
                "\n";
    }
    return body;
}

class Events : public testing::Test {
  protected:
    wire::DecodedEvents decode(const std::string& body) {
        const scoring::CurrencyTable currencies;
        auto events = decoder_.decode(
            body, wire::BodyForm::Ndjson, {currencies, kNow, kTiers, wire::OnError::Reject}
        );
        EXPECT_TRUE(events);
        return std::move(*events);
    }
    std::uint64_t taken_by_decoding(int count) {
        const std::string body = lines(0, count);
        const std::uint64_t before = heap_blocks_taken();
        const wire::DecodedEvents events = decode(body);
        const std::uint64_t taken = heap_blocks_taken() - before;
        EXPECT_EQ(events.batch.events.size(), static_cast<std::size_t>(count));
        return taken;
    }

    wire::EventDecoder decoder_;
};

TEST_F(Events, AreDecodedIntoBlocksOfMany) {
    taken_by_decoding(100);
    const std::uint64_t few = taken_by_decoding(100);
    EXPECT_GT(few, 0U);  // or nobody counts
    EXPECT_LE(few, 6U);
    // At most 32 bytes of ids an event, in blocks of 16 KiB, and the list of the blocks.
    EXPECT_LE(taken_by_decoding(8'100), few + 8'000 * 32 / 16'384 + 8);
}

TEST_F(Events, OfKnownCustomersAreAppliedWithoutOneForEach) {
    const store::FixedClock clock(kNow);
    store::StoreOptions options;
    options.policy = wire::default_policy(options.schema);
    options.clock = &clock;
    options.partitions = 3;
    options.threads = 1;
    options.log = store::make_memory_only_log();
    const auto store = std::move(*store::Store::open(std::move(options)));
    const auto submit = [&](int first, int count) {
        store::IngestRequest request;
        request.batch = decode(lines(first, count)).batch;
        std::promise<std::uint64_t> told;
        request.done = [&told](store::Result<store::IngestReply> reply) {
            told.set_value(reply ? reply->accepted : 0);
        };
        const std::uint64_t before = heap_blocks_taken();
        EXPECT_FALSE(store->submit(std::move(request)));
        EXPECT_EQ(told.get_future().get(), static_cast<std::uint64_t>(count));
        return heap_blocks_taken() - before;
    };
    constexpr int kBeat = 4'000;
    for (int round = 0; round < 4; ++round) {
        submit(round * kBeat, kBeat);
    }
    EXPECT_LE(submit(4 * kBeat, kBeat), static_cast<std::uint64_t>(kBeat) / 8);
    store->stop();
}

}  // namespace
}  // namespace patron
