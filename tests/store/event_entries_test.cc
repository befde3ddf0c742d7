#include "store/event_entries.h"

#include <set>
#include <vector>

#include <gtest/gtest.h>

namespace patron::store {
namespace {

using scoring::EntryFlag;
using scoring::EntryKind;
using scoring::LedgerEntry;

constexpr Instant kAt{1'234};

std::vector<LedgerEntry> entries(EventBody body) {
    Event event{"somebody", "the-id", {99}, std::move(body)};
    const EntryList list = entries_of(event, kAt);
    return {list.entries.begin(), list.entries.begin() + static_cast<std::ptrdiff_t>(list.size)};
}

// One entry of this kind and value, at the instant given and not the event's own.
void expect_one(EventBody body, EntryKind kind, std::int64_t value, std::string_view key) {
    const auto list = entries(std::move(body));
    ASSERT_EQ(list.size(), 1u);
    EXPECT_EQ(list[0].at, kAt);
    EXPECT_EQ(list[0].kind(), kind);
    EXPECT_EQ(list[0].value, value);
    EXPECT_EQ(list[0].key(), reference_key(key));
}

std::int64_t number(double value) {
    return std::bit_cast<std::int64_t>(value);
}

TEST(EntriesOf, AnOrderIsItsGrossAmountUnderItsOrderId) {
    expect_one(Order{"o1", Money{500}, {}, {}}, EntryKind::Order, 500, "o1");
    EXPECT_EQ(entries(Order{"o1", {}, {}, OrderKind::Service})[0].flag(), EntryFlag::Service);
    EXPECT_EQ(entries(Order{"o1", {}, {}, OrderKind::Product})[0].flag(), EntryFlag::Product);
    EXPECT_EQ(entries(Order{"o1", {}, {}, OrderKind::Unknown})[0].flag(), EntryFlag::None);
}

TEST(EntriesOf, AMarginIsASecondEntry) {
    const auto list = entries(Order{"o1", Money{500}, Money{-20}, {}});
    ASSERT_EQ(list.size(), 2u);
    EXPECT_EQ(list[1].kind(), EntryKind::Margin);
    EXPECT_EQ(list[1].value, -20);
    EXPECT_EQ(list[1].key(), list[0].key());
}

TEST(EntriesOf, ARefundIsItsAmountOrTheRest) {
    expect_one(Refund{"o1", Money{70}}, EntryKind::Refund, 70, "o1");
    expect_one(Refund{"o1", std::nullopt}, EntryKind::RefundRest, 0, "o1");
}

TEST(EntriesOf, ATicketIsItsPhaseAndItsCost) {
    expect_one(Ticket{TicketPhase::Opened, "t", 4, {}}, EntryKind::TicketOpened, 4, "t");
    expect_one(
        Ticket{TicketPhase::FirstResponse, "t", 0, {}}, EntryKind::TicketFirstResponse, 0, "t"
    );
    const auto list = entries(Ticket{TicketPhase::Resolved, "t", 0, Money{900}});
    ASSERT_EQ(list.size(), 2u);
    EXPECT_EQ(list[0].kind(), EntryKind::TicketResolved);
    EXPECT_EQ(list[1].kind(), EntryKind::Cost);
    EXPECT_EQ(list[1].value, 900);
}

TEST(EntriesOf, VoicesCarryTheirNumberUnderTheEventsId) {
    expect_one(Complaint{3}, EntryKind::Complaint, 3, "the-id");
    expect_one(Review{5, true}, EntryKind::Review, 5, "the-id");
    expect_one(Survey{SurveyKind::Nps, 9, {}}, EntryKind::Nps, number(9), "the-id");
    expect_one(Survey{SurveyKind::Csat, 4.5, {}}, EntryKind::Csat, number(4.5), "the-id");
    expect_one(Survey{SurveyKind::Research, -1, {}}, EntryKind::Research, number(-1), "the-id");
    expect_one(Feedback{-0.25}, EntryKind::Feedback, number(-0.25), "the-id");
    expect_one(Referral{"x", false}, EntryKind::ReferralMade, 1, "the-id");
    expect_one(Referral{"x", true}, EntryKind::ReferralConverted, 1, "the-id");
    expect_one(Training{false}, EntryKind::TrainingStarted, 1, "the-id");
    expect_one(Training{true}, EntryKind::TrainingCompleted, 1, "the-id");
    expect_one(ChurnConfirmed{ChurnReason::Price}, EntryKind::ChurnConfirmed, 2, "the-id");
    expect_one(FollowUp{}, EntryKind::FollowUp, 1, "the-id");
    EXPECT_EQ(entries(FollowUp{Money{30}})[1].kind(), EntryKind::Cost);
}

TEST(EntriesOf, VisitsProfilesOverridesAndErasuresLeaveNone) {
    EXPECT_TRUE(entries(Visit{}).empty());
    EXPECT_TRUE(entries(std::make_unique<Profile>()).empty());
    EXPECT_TRUE(entries(std::make_unique<Override>()).empty());
    EXPECT_TRUE(entries(Erase{}).empty());
}

TEST(ReferenceKey, FitsFortyEightBitsAndIsZeroForNoId) {
    EXPECT_EQ(reference_key(""), 0u);
    std::set<std::uint64_t> keys;
    for (int i = 0; i < 10'000; ++i) {
        keys.insert(reference_key("order-" + std::to_string(i)));
    }
    EXPECT_EQ(keys.size(), 10'000u);
    EXPECT_LE(*keys.rbegin(), LedgerEntry::kKeyMask);
}

}  // namespace
}  // namespace patron::store
