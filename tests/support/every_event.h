#pragma once
// Events of every kind, with and without everything that is optional, at the ends of their ranges.
//
// Shapes     the same events in the same order for the same `now`; none lies ahead of it.
// Threads    pure.

#include "store/event.h"

namespace patron::store {

EventBatch events_of_every_kind(Instant now);

}  // namespace patron::store
