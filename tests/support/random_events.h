#pragma once
// Store events made at random from a seed, rich in coincidences: few customers, few orders, equal
// instants, events sent twice, ids that differ in their last byte only.
//
// Range      events a decoder would pass; some of them are refused by the store's state (refunds,
// tiers). Owns       strings live in the batch an event is made in. Threads    one maker per
// thread.

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "store/event.h"

namespace patron::store {

// Appends an event whose strings are copied into the batch.
Event& add_event(
    EventBatch& batch, std::string_view customer, std::string_view id, Instant at, EventBody body
);
Event& add_copy(EventBatch& batch, const Event& event);
EventBatch copy_batch(const EventBatch& batch);

// Ids of 1 to 128 bytes; many share all but their last bytes.
std::vector<std::string> customer_ids(std::size_t count);

struct EventWishes {
    std::size_t customers = 12;
    std::vector<std::string> tiers{"t0", "t1"};
    double duplicates = 0.1;  // chance to send something again
    double refused = 0.05;    // chance of an unknown tier or order
    double erased = 0.01;
    bool ahead = true;  // some instants lie up to five minutes ahead of `now`
    std::int64_t late_ms_max = 400 * scoring::kDayMs;
};

class EventMaker {
  public:
    EventMaker(std::uint64_t seed, EventWishes wishes);

    // Appends `count` events; most of their instants lie shortly before `now`.
    void add(EventBatch& batch, std::size_t count, Instant now);

    const std::vector<std::string>& customers() const { return customers_; }
    std::int64_t whole(std::int64_t low, std::int64_t high);  // both included
    bool chance(double probability);
    std::mt19937_64& bits() { return random_; }

  private:
    Instant instant(Instant now);
    std::string_view order_id();
    EventBody body(Instant now);
    EventBody voice();
    EventBody profile(Instant now);
    EventBody override_by(Instant now);

    std::mt19937_64 random_;
    EventWishes wishes_;
    std::vector<std::string> customers_;
    std::vector<std::string> orders_;
    EventBatch sent_;  // some of what was made, to be sent again
    std::uint64_t next_id_ = 0;
};

}  // namespace patron::store
