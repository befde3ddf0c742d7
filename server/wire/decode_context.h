#pragma once
// What the decoding of events depends on besides their bytes.
//
// Owns       nothing; what it points to outlives the call.
// Threads    a value.

#include <cstdint>
#include <span>
#include <string_view>

#include "scoring/currency.h"
#include "scoring/units.h"

namespace patron::wire {

enum class OnError : std::uint8_t {
    Reject,  // the first bad item refuses the request
    Skip,    // bad items are listed, the others kept
};

struct DecodeContext {
    const scoring::CurrencyTable& currencies;
    scoring::Instant now;
    std::span<const std::string_view> tier_names;
    OnError on_error = OnError::Reject;
};

}  // namespace patron::wire
