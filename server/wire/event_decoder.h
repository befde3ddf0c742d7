#pragma once
// The body of an event request, decoded and checked: bytes in, a batch of events or the reason out.
//
// Shapes     Json: one object or one array of objects. Ndjson: one object a line, lines ended by LF
// or
//            CR LF, blank lines left out of the count. `index` holds for each event kept the number
//            of its item, from 0; every fault carries the number of its item.
// Units      money in minor units of the base currency; an absent `at` is `now`.
// Range      the fields, ranges and words of semantics (event_builder.h says what it leaves open).
// Names
//            that the type does not have, and names given twice, are refused. null is "not given".
//            A byte order mark is refused. At most limits::kEventsPerRequestMax items.
// Errors     BadJson and BadUtf8 with the byte offset come before any complaint about content: Json
// is
//            refused as a whole under either OnError; of Ndjson only the line is lost under Skip,
//            and the first bad line refuses the rest under Reject. An empty Json body is BadJson,
//            an empty Ndjson body or array holds no events. The first limits::kRejectedListedMax
//            faults are listed, all are counted.
// Owns       a reader with its parser and buffer, kept from call to call.
// Threads    one decoder per thread.
// Cost       one pass over the text; a second, slow one over a line or document with a fault.

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "server/wire/decode_context.h"
#include "server/wire/event_reader.h"
#include "server/wire/line_reader.h"
#include "server/wire/raw_event.h"
#include "store/event.h"
#include "store/result.h"

namespace patron::wire {

enum class BodyForm : std::uint8_t { Json, Ndjson };

struct DecodedEvents {
    store::EventBatch batch;
    std::vector<std::uint32_t> index;
    std::vector<store::Fault> rejected;
    std::size_t rejected_count = 0;
};

class EventDecoder {
  public:
    store::Result<DecodedEvents> decode(
        std::string_view body, BodyForm form, const DecodeContext& context
    );

  private:
    EventReader reader_;
    LineReader lines_;
    RawEvent raw_;
};

}  // namespace patron::wire
