#pragma once
// Judges one raw event and, if every field is right, appends it to a batch.
//
// Range      what semantics gives each field, and beyond it: a refund's amount is greater than
// zero;
//            costs are not negative; an order id or ticket id has 1 to 64 bytes, `referred` 1 to
//            128; an override's `reason` and `by` are not empty, its `until` lies after its `at`;
//            clearing one takes neither `tier` nor `until`; customer_since is not in the future.
// Units      `at` is kept as given, also when it lies a little ahead of the clock.
// Errors     false, and `fault` names the first one in this order: a field twice, the type, a field
// that
//            the type does not have, a missing field, the envelope's values, the body's values. A
//            refused event leaves no event in the batch, only the bytes of strings already kept.
// Owns       nothing; strings are copied into the batch.
// Threads    one owner at a time.

#include "server/wire/decode_context.h"
#include "server/wire/raw_event.h"
#include "store/event.h"
#include "store/result.h"

namespace patron::wire {

bool build_event(
    const RawEvent& raw, const DecodeContext& context, store::EventBatch& batch, store::Fault& fault
);

}  // namespace patron::wire
