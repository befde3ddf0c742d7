#pragma once
// Calendar days of one time zone: which day an instant falls on, and when a day begins.
//
// Units      Day: days since 1970-01-01 of the zone's calendar.
// Order      a later instant never falls on an earlier day: where clocks are set back across
// midnight,
//            the repeated minutes count to the day that had begun.
// Range      instants of the years 1900-2999; beyond 2100 the zone's last known offset is used.
// Errors     `make` gives nothing for a name the zone database does not have.
// Threads    immutable after construction.
// Source     IANA time zone database.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scoring/units.h"

namespace patron::scoring {

class DayClock {
  public:
    static std::optional<DayClock> make(std::string_view time_zone);

    // A time of one offset: within it a day is arithmetic alone.
    struct Stretch {
        Instant until = kLongAgo;
        std::int64_t offset_ms = 0;

        // Of an instant of this stretch.
        Day day_of(Instant t) const {
            const std::int64_t local = t.ms + offset_ms;
            return local >= 0 ? static_cast<Day>(static_cast<std::uint64_t>(local) / kDayMs)
                              : static_cast<Day>((local + 1) / kDayMs - 1);
        }
    };

    Day day_of(Instant t) const { return Stretch{kNever, offset_ms(day_spans_, t)}.day_of(t); }
    // The stretch from `t` on, for who asks for many days in ascending order.
    Stretch stretch_of(Instant t) const {
        const Span& last = day_spans_.back();
        return t >= last.from ? Stretch{kNever, last.offset_ms} : earlier_stretch(t);
    }
    // The first instant of the day.
    Instant start_of(Day day) const;
    // The first instant of the day after the one `t` falls on.
    Instant next_midnight(Instant t) const { return start_of(day_of(t) + 1); }

    // The instant at which the zone's clocks show `local_ms` (as if it were UTC). What a clock jump
    // repeats is its first showing; what it skips is as far behind the jump as it says.
    Instant from_local(std::int64_t local_ms) const;

    const std::string& time_zone() const { return time_zone_; }

  private:
    struct Span {
        Instant from;
        std::int64_t offset_ms;
    };

    static std::int64_t offset_ms(const std::vector<Span>& spans, Instant t) {
        return t >= spans.back().from ? spans.back().offset_ms : earlier_offset_ms(spans, t);
    }
    // The first span that begins after `t`.
    static std::vector<Span>::const_iterator span_after(const std::vector<Span>& spans, Instant t);
    static std::int64_t earlier_offset_ms(const std::vector<Span>& spans, Instant t);
    Stretch earlier_stretch(Instant t) const;
    static std::vector<Span> without_days_twice(std::vector<Span> spans);

    std::string time_zone_;
    std::vector<Span> spans_;      // ascending; the first reaches back for ever
    std::vector<Span> day_spans_;  // the same, for days
};

}  // namespace patron::scoring
