#pragma once
// Calendar days of one time zone: which day an instant falls on, and when a day begins.
//
// Units      Day: days since 1970-01-01 of the zone's calendar.
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

    Day day_of(Instant t) const {
        const std::int64_t local = t.ms + offset_ms(t);
        return static_cast<Day>(local >= 0 ? local / kDayMs : (local + 1) / kDayMs - 1);
    }
    // The first instant of the day.
    Instant start_of(Day day) const;
    // The first instant of the day after the one `t` falls on.
    Instant next_midnight(Instant t) const { return start_of(day_of(t) + 1); }

    const std::string& time_zone() const { return time_zone_; }

  private:
    struct Span {
        Instant from;
        std::int64_t offset_ms;
    };

    std::int64_t offset_ms(Instant t) const {
        return t >= spans_.back().from ? spans_.back().offset_ms : earlier_offset_ms(t);
    }
    std::int64_t earlier_offset_ms(Instant t) const;

    std::string time_zone_;
    std::vector<Span> spans_;  // ascending; the first reaches back for ever
};

}  // namespace patron::scoring
