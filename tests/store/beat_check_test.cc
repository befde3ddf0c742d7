#include "store/beat_check.h"

#include <algorithm>
#include <memory>
#include <numeric>

#include <gtest/gtest.h>

#include "store/limits.h"
#include "tests/support/random_events.h"
#include "tests/support/test_store.h"

namespace patron::store {
namespace {

using Codes = std::vector<std::pair<std::uint32_t, FaultCode>>;

class BeatCheckTest : public testing::Test {
  protected:
    void add(std::string_view customer, std::string_view id, EventBody body) {
        add_event(batch_, customer, id, kTestNow, std::move(body));
    }

    // What the check says of the events added so far; they stay in `events_`.
    Codes check() {
        for (; fresh_ > 0; --fresh_) {
            partition_->take_back_id();
        }
        events_.clear();
        mine_.resize(batch_.events.size());
        std::iota(mine_.begin(), mine_.end(), 0u);
        for (const Event& event : batch_.events) {
            const std::uint64_t hash = customer_hash(event.customer, kTestHashSeed);
            const auto place = static_cast<std::uint32_t>(events_.size());
            events_.push_back({&event, hash, hash_bytes(event.id, hash), 0, place, Outcome::Pending}
            );
        }
        Codes codes;
        for (auto& [i, fault] : BeatCheck(*partition_, policy_->policy).run(events_, mine_, true)) {
            EXPECT_EQ(fault.index, i);
            EXPECT_EQ(events_[i].outcome, Outcome::Refused);
            codes.emplace_back(i, fault.code);
        }
        fresh_ = std::ranges::count_if(events_, [](const BeatEvent& e) {
            return e.outcome == Outcome::Pending && !e.event->id.empty();
        });
        return codes;
    }

    // Applies what passes, and begins another beat.
    void apply() {
        check();
        partition_->settle_ids();
        fresh_ = 0;
        partition_->apply(events_, mine_, {*policy_, kTestNow});
        batch_ = {};
    }

    std::size_t duplicates() const {
        return static_cast<std::size_t>(std::count_if(events_.begin(), events_.end(), [](auto& e) {
            return e.outcome == Outcome::Duplicate;
        }));
    }

    void bounds(std::size_t customers, std::size_t window) {
        partition_ =
            std::make_unique<Partition>(Partition::Bounds{customers, window, kTestHashSeed});
    }

    std::shared_ptr<const scoring::CompiledPolicy> policy_ = compiled_test_policy();
    std::unique_ptr<Partition> partition_ =
        std::make_unique<Partition>(Partition::Bounds{100, 100, kTestHashSeed});
    EventBatch batch_;
    std::vector<BeatEvent> events_;
    std::vector<std::uint32_t> mine_;
    std::ptrdiff_t fresh_ = 0;  // ids of the last check, not settled yet
};

const Order kOrder{"o", Money{100}, {}, {}};
const Refund kRest{"o", std::nullopt};
Refund refund(std::int64_t minor) {
    return {"o", Money{minor}};
}

std::unique_ptr<Override> pin(std::string_view tier) {
    auto by = std::make_unique<Override>();
    by->mode = OverrideMode::Pin;
    by->tier = tier;
    return by;
}

TEST_F(BeatCheckTest, ARefundOfAnUnknownOrderNeedsItsAmount) {
    add("a", "1", kRest);
    add("a", "2", refund(10));
    EXPECT_EQ(check(), (Codes{{0, FaultCode::UnknownOrder}}));
}

TEST_F(BeatCheckTest, ARefundMayTakeWhatIsLeftAndNoMore) {
    add("a", "1", kOrder);
    add("a", "2", refund(60));
    add("a", "3", refund(41));
    add("a", "4", refund(40));
    add("a", "5", refund(1));
    const Codes expected{{2, FaultCode::RefundExceedsOrder}, {4, FaultCode::RefundExceedsOrder}};
    EXPECT_EQ(check(), expected);
    apply();
    add("a", "6", refund(1));
    EXPECT_EQ(check(), (Codes{{0, FaultCode::RefundExceedsOrder}}));
}

TEST_F(BeatCheckTest, AfterTheRestNothingIsLeftEvenOfALaterOrderOfThatId) {
    add("a", "1", kOrder);
    add("a", "2", kRest);
    add("a", "3", kOrder);
    add("a", "4", refund(1));
    add("a", "5", kRest);
    EXPECT_EQ(check(), (Codes{{3, FaultCode::RefundExceedsOrder}}));
    apply();
    add("a", "6", refund(1));
    EXPECT_EQ(check(), (Codes{{0, FaultCode::RefundExceedsOrder}}));
}

TEST_F(BeatCheckTest, OrdersOfOneCustomerAreNotThoseOfAnother) {
    add("a", "1", kOrder);
    add("b", "2", kRest);
    EXPECT_EQ(check(), (Codes{{1, FaultCode::UnknownOrder}}));
}

TEST_F(BeatCheckTest, AnErasureTakesTheOrdersWithIt) {
    add("a", "1", kOrder);
    apply();
    add("a", "2", Erase{});
    add("a", "3", kRest);
    add("a", "4", kOrder);
    add("a", "5", refund(100));
    add("a", "6", refund(1));
    const Codes expected{{1, FaultCode::UnknownOrder}, {4, FaultCode::RefundExceedsOrder}};
    EXPECT_EQ(check(), expected);
}

TEST_F(BeatCheckTest, ATierMustBeOneOfThePolicy) {
    add("a", "1", pin("gold"));
    add("a", "2", pin("golden"));
    add("a", "3", std::make_unique<Override>());
    EXPECT_EQ(check(), (Codes{{1, FaultCode::UnknownTier}}));
}

TEST_F(BeatCheckTest, DuplicatesAreNoneOfItsBusiness) {
    add("a", "1", kOrder);
    apply();
    add("a", "1", kRest);
    add("a", "2", refund(100));
    add("a", "2", refund(100));
    EXPECT_TRUE(check().empty());
    EXPECT_EQ(duplicates(), 2u);
}

TEST_F(BeatCheckTest, TheIdOfARefusedEventMayComeAgain) {
    add("a", "1", kRest);
    add("a", "1", kOrder);
    EXPECT_EQ(check(), (Codes{{0, FaultCode::UnknownOrder}}));
    EXPECT_EQ(duplicates(), 0u);
}

TEST_F(BeatCheckTest, ABeatThatEmptiesTheWindowAppliesNothingUnchecked) {
    bounds(100, 4);
    add("a", "known", pin("gold"));
    apply();
    for (int i = 0; i < 10; ++i) {
        add("b", "filler" + std::to_string(i), Visit{});
    }
    add("a", "known", pin("no such tier"));
    EXPECT_TRUE(check().empty());
    partition_->settle_ids();
    fresh_ = 0;
    partition_->apply(events_, mine_, {*policy_, kTestNow});
    EXPECT_EQ(events_.back().outcome, Outcome::Duplicate);
}

TEST_F(BeatCheckTest, ThereIsRoomForSoManyCustomers) {
    bounds(2, 100);
    add("a", "1", kOrder);
    add("b", "2", kRest);  // refused: takes no room
    add("b", "3", kOrder);
    add("c", "4", kOrder);
    add("a", "5", kOrder);
    const Codes expected{{1, FaultCode::UnknownOrder}, {3, FaultCode::StoreFull}};
    EXPECT_EQ(check(), expected);
    apply();
    add("c", "6", Visit{});
    add("c", "7", Erase{});  // of nobody: makes no room
    add("c", "8", Visit{});
    add("a", "9", Erase{});
    add("c", "10", Visit{});
    add("d", "11", Visit{});
    const Codes full{
        {0, FaultCode::StoreFull}, {2, FaultCode::StoreFull}, {5, FaultCode::StoreFull}
    };
    EXPECT_EQ(check(), full);
    apply();
    EXPECT_EQ(partition_->customers(), 2u);
    EXPECT_EQ(partition_->room(), 0u);
}

TEST_F(BeatCheckTest, AHistoryEndsAtItsBound) {
    const std::uint32_t most = limits::kEntriesPerCustomerMax / 2;
    for (std::uint32_t i = 0; i <= most; ++i) {
        add("a", "", Complaint{1});
    }
    add("a", "", Erase{});
    add("a", "", Complaint{1});
    EXPECT_EQ(check(), (Codes{{most, FaultCode::HistoryFull}}));
}

TEST(NeedsCheck, HoldsForRefundsAndOverridesOnly) {
    const auto asked = [](EventBody body) {
        return needs_check(Event{"a", "1", kTestNow, std::move(body)});
    };
    EXPECT_TRUE(asked(kRest));
    EXPECT_TRUE(asked(std::make_unique<Override>()));
    EXPECT_FALSE(asked(kOrder));
    EXPECT_FALSE(asked(Visit{}));
    EXPECT_FALSE(asked(Erase{}));
}

}  // namespace
}  // namespace patron::store
