#pragma once
// Which events of a beat count, found before anything is logged or applied: duplicates, and what can
// only be refused with the store's state in hand (refunds without or above their order, customers or
// ledgers at their bounds, tiers the policy does not name).
//
// Order      events are looked at in order, each seeing those before it in the same beat (an erasure
//            too); an event found wrong has no effect on the later ones. Ids of events that count are
//            fresh in the partition's window: settle them, or take them back.
// Errors     one Fault an event: UnknownOrder, RefundExceedsOrder, HistoryFull, StoreFull, UnknownTier.
// Choices    a refund of an unknown order is taken when it says its amount (its order may still come);
//            without an amount there is nothing to take the rest of.
// Threads    one per partition and beat.

#include <cstdint>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "store/partition.h"

namespace patron::store {

// Whether a beat with such an event needs more than the search for duplicates.
bool needs_check(const Event& event);

class BeatCheck {
  public:
    BeatCheck(Partition& partition, const scoring::Policy& policy)
        : partition_(partition), policy_(policy) {}

    // Marks duplicates, and refused events when `refusing`, with the index into `events` and the fault
    // of each.
    std::vector<std::pair<std::uint32_t, Fault>> run(
        std::span<BeatEvent> events, std::span<const std::uint32_t> mine, bool refusing
    );

  private:
    // A customer as the events looked at so far leave it.
    struct SoFar {
        bool there = false;
        std::uint32_t erasures = 0;  // in this beat; after one, what the partition keeps is past
        std::size_t entries = 0;     // at most
    };
    struct OrderSums {
        std::int64_t gross = 0;
        std::int64_t refunded = 0;
        bool known = false;
        bool nothing_left = false;  // the rest was refunded
        std::int64_t left() const { return nothing_left ? 0 : gross - refunded; }
    };

    std::optional<Fault> look_at(const BeatEvent& event);
    SoFar& customer(const BeatEvent& event);
    std::optional<Fault> room_for(const SoFar& customer) const;
    void erase(SoFar& customer);
    void take(const BeatEvent& event, SoFar& customer);
    std::optional<Fault> fault_of(const BeatEvent& event, const Refund& refund);
    std::optional<Fault> fault_of(const Override& by) const;
    OrderSums& order(const BeatEvent& event, std::string_view order_id);

    Partition& partition_;
    const scoring::Policy& policy_;
    std::unordered_map<std::uint64_t, SoFar> customers_;   // by hash
    std::unordered_map<std::uint64_t, OrderSums> orders_;  // by customer, its erasures and order
    std::int64_t created_ = 0;                             // less the erased
};

}  // namespace patron::store
