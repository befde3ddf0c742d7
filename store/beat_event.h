#pragma once
// One event on its way through a beat, with what became of it.
//
// Threads    written by the task of the event's partition only.

#include <cstdint>

#include "store/event.h"
#include "store/key_index.h"

namespace patron::store {

enum class Outcome : std::uint8_t { Pending, Applied, Duplicate, Refused };

struct BeatEvent {
    const Event* event = nullptr;
    std::uint64_t hash = 0;      // customer_hash of event->customer
    std::uint64_t id_hash = 0;   // of (customer, event id); only with an event id
    std::uint32_t request = 0;   // index within the beat
    std::uint32_t position = 0;  // index within the request
    Outcome outcome = Outcome::Pending;
};

}  // namespace patron::store
