#pragma once
// Instants as text: RFC 3339 in, RFC 3339 in UTC out.
//
// Shapes     "2026-11-21T22:17:01.123+08:00": 'T' and 'Z' in either case, a fraction of 1 to 9
// digits, an
//            offset of at most 23:59; "-00:00" means UTC. No space instead of 'T', no missing
//            offset.
// Units      Unix milliseconds; digits of the fraction beyond the third are cut off.
// Range      1900-01-01T00:00:00Z to 2999-12-31T23:59:59.999Z, also for integer milliseconds.
// Errors     std::nullopt: not of that shape, a day or hour that does not exist, out of range. The
// leap
//            second 23:59:60 UTC reads as 23:59:59.999; 60 at any other minute does not exist.
// Threads    pure.
// Cost       no locale, no allocation.

#include <cstdint>
#include <optional>
#include <string_view>

#include "scoring/units.h"
#include "server/wire/byte_writer.h"

namespace patron::wire {

inline constexpr scoring::Instant kInstantMin{-2'208'988'800'000};
inline constexpr scoring::Instant kInstantMax{32'503'679'999'999};

constexpr bool in_wire_range(scoring::Instant t) {
    return t >= kInstantMin && t <= kInstantMax;
}

std::optional<scoring::Instant> parse_instant(std::string_view text);

// Integer milliseconds: an optional minus and digits, nothing else.
std::optional<scoring::Instant> parse_instant_ms(std::string_view text);

// "2026-11-21": a day that exists, years 1900 to 2999.
bool is_calendar_date(std::string_view text);

// "2026-11-21T14:17:01.123Z", without ".123" when the milliseconds are zero. An instant beyond the
// range is printed as the range's end.
void append_instant(ByteWriter& out, scoring::Instant t);

}  // namespace patron::wire
