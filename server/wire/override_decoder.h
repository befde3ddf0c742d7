#pragma once
// The body of an override request, judged by the rules of the override event.
//
// Shapes     {"mode", "tier"?, "reason", "by", "until"?}; the batch holds one event for the
//            customer, acting at the context's `now`.
// Errors     as event_builder.h; the envelope's fields are not known here.
// Owns       the batch owns its bytes.
// Threads    one reader per thread.

#include <string_view>

#include "server/wire/decode_context.h"
#include "server/wire/event_reader.h"
#include "store/event.h"
#include "store/result.h"

namespace patron::wire {

store::Result<store::EventBatch> decode_override(
    EventReader& reader,
    std::string_view body,
    std::string_view customer,
    const DecodeContext& context
);

// Clears the customer's override; `reason` and `by` may not be empty.
store::Result<store::EventBatch> make_override_clear(
    std::string_view customer,
    std::string_view reason,
    std::string_view by,
    const DecodeContext& context
);

}  // namespace patron::wire
