#pragma once
// One record of the log: an event, or the place of one that was removed.
//
// Shapes     see LOG_FORMAT.md; `previous` is the instant of the event record before it, 0 at first.
// Errors     Damaged, and the reader says how: bytes that no writer wrote, or an event that could not
//            have come in.
// Bounds     writing needs record_bytes_max(event) bytes of room.
// Owns       an event read holds views of the reader's bytes.
// Threads    pure.

#include <cstddef>

#include "store/event.h"
#include "store/event_codec.h"
#include "store/record_bytes.h"

namespace patron::store {

std::size_t record_bytes_max(const Event& event);
inline constexpr std::size_t kRemovedBytesMax = 18;

void write_record(RecordWriter& out, const Event& event, Instant previous);
void write_record(RecordWriter& out, const RemovedEvent& removed);

enum class RecordRead : std::uint8_t { Event, Removed, Damaged };
// Fills `event` or `removed`; Damaged: the reader's flaw says how.
RecordRead read_record(RecordReader& in, Instant previous, Event& event, RemovedEvent& removed);

}  // namespace patron::store
