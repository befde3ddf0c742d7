#pragma once
// What is kept of a customer's events, one entry of 24 bytes each: facts are a function of these.
//
// Shapes     a ledger is a span of entries in ascending order; the order is total, so equal sets of
//            events give equal ledgers whatever order they came in.
// Units      `at` Unix ms; `value`: minor units for money, the number itself for severities, ratings
//            and counts, the bits of a double for survey scores and sentiments (see make_* below).
// Range      key: 48 bits of the hash of the order or ticket id, of the event id where a last value
//            must be decided between equal instants, else 0.
// Threads    values.

#include <bit>
#include <compare>
#include <cstdint>
#include <span>

#include "scoring/units.h"

namespace patron::scoring {

enum class EntryKind : std::uint8_t {
    Order,       // value: gross amount; key: order
    Margin,      // value: margin of the order; key: order
    Refund,      // value: amount; key: order
    RefundRest,  // everything that is left of the order; key: order
    TicketOpened,
    TicketFirstResponse,
    TicketResolved,
    Cost,  // what serving cost (tickets, follow-ups)
    Complaint,
    Review,
    Nps,
    Csat,
    Research,
    Feedback,
    ReferralMade,
    ReferralConverted,
    FollowUp,
    TrainingStarted,
    TrainingCompleted,
    ChurnConfirmed,
};

enum class EntryFlag : std::uint8_t { None, Product, Service };

struct LedgerEntry {
    Instant at;
    std::int64_t value = 0;
    std::uint64_t tag = 0;  // kind (8 bits), flag (8 bits), key (48 bits)

    EntryKind kind() const { return static_cast<EntryKind>(tag >> 56); }
    EntryFlag flag() const { return static_cast<EntryFlag>((tag >> 48) & 0xff); }
    std::uint64_t key() const { return tag & kKeyMask; }
    double number() const { return std::bit_cast<double>(value); }

    static constexpr std::uint64_t kKeyMask = (std::uint64_t{1} << 48) - 1;

    bool operator==(const LedgerEntry&) const = default;
    // By instant, then kind and key, then value: total.
    std::strong_ordering operator<=>(const LedgerEntry& other) const {
        if (const auto by_at = at <=> other.at; by_at != 0) {
            return by_at;
        }
        if (const auto by_tag = tag <=> other.tag; by_tag != 0) {
            return by_tag;
        }
        return value <=> other.value;
    }
};
static_assert(sizeof(LedgerEntry) == 24);

inline LedgerEntry make_entry(
    EntryKind kind,
    Instant at,
    std::int64_t value,
    std::uint64_t key_hash = 0,
    EntryFlag flag = EntryFlag::None
) {
    return {
        at,
        value,
        (static_cast<std::uint64_t>(kind) << 56) | (static_cast<std::uint64_t>(flag) << 48) |
            (key_hash & LedgerEntry::kKeyMask)
    };
}

using Ledger = std::span<const LedgerEntry>;

}  // namespace patron::scoring
