#pragma once
// Events as NDJSON lines that the decoder reads back to the same events.
//
// Shapes     one object and a line feed; absent members are left out, `at` is always written.
// Units      `at` as RFC 3339 in UTC, money with exactly the base currency's digits.
// Errors     none; the event obeys what store/event.h says of it.
// Threads    pure.

#include <string_view>

#include "scoring/currency.h"
#include "server/wire/byte_writer.h"
#include "store/event.h"

namespace patron::wire {

void write_event(
    ByteWriter& out, const store::Event& event, const scoring::CurrencyTable& currencies
);

}  // namespace patron::wire
