#pragma once
// Whether an event is what event.h says an event is, looked at once more on the way to the log and back.
//
// Range      instants from 1900 to 2999; texts of at most limits.h's bytes, valid UTF-8; ids without
//            control characters; amounts, grades, scores and shares as event.h gives them.
// Errors     what is wrong, in a few words; nullptr for a sound event.
// Threads    pure.

#include <cstdint>

#include "store/event.h"

namespace patron::store {

inline constexpr Instant kEventInstantMin{-2'208'988'800'000};
inline constexpr Instant kEventInstantMax{32'503'679'999'999};

const char* flaw_of(const Event& event);

}  // namespace patron::store
