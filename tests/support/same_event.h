#pragma once
// Equality of events, field by field.
//
// Threads    pure.

#include "store/event.h"

namespace patron::store {

bool same_event(const Event& a, const Event& b);

}  // namespace patron::store
