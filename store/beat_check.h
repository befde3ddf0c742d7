#pragma once
// What can only be refused with the store's state in hand, found before anything is applied: refunds
// without or above their order, customers or ledgers at their bounds, tiers the policy does not name.
//
// Order      events are looked at in order, each seeing those before it in the same beat; an event found
//            wrong has no effect on the later ones.
// Errors     one Fault an event: UnknownOrder, RefundExceedsOrder, HistoryFull, StoreFull, UnknownTier.
// Choices    a refund of an unknown order is taken when it says its amount (its order may still come);
//            without an amount there is nothing to take the rest of.
// Threads    reads its partition; one per partition and beat.

#include <cstdint>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "store/partition.h"

namespace patron::store {

// Whether a beat with such an event needs the check at all.
bool needs_check(const Event& event);

class BeatCheck {
  public:
    BeatCheck(const Partition& partition, const scoring::Policy& policy)
        : partition_(partition), policy_(policy) {}

    // Faults with the index into `events` of each event refused; `events` are pending ones.
    std::vector<std::pair<std::uint32_t, Fault>>
    run(std::span<const BeatEvent> events, std::span<const std::uint32_t> mine);

  private:
    struct OrderSums {
        std::int64_t gross = 0;
        std::int64_t refunded = 0;
        bool known = false;
    };

    std::optional<Fault> look_at(const BeatEvent& event);
    std::optional<Fault> room_for(const BeatEvent& event);
    std::optional<Fault> refund(const BeatEvent& event, const Refund& refund);
    OrderSums& order(const BeatEvent& event, std::string_view order_id);
    bool duplicate(const BeatEvent& event);

    const Partition& partition_;
    const scoring::Policy& policy_;
    std::unordered_map<std::uint64_t, OrderSums> orders_;      // by customer and order
    std::unordered_map<std::uint64_t, std::uint32_t> added_;   // entries of this beat by customer
    std::unordered_set<std::uint64_t> seen_;                   // event ids of this beat
    std::size_t created_ = 0;
};

}  // namespace patron::store
