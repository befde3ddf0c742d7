#pragma once
// Reads the times of a file, as the file writes them.
//
// Shapes     "rfc3339", "unix" (seconds, with up to three decimals), "unix_ms", "auto", or a
// pattern as
//            strptime has it: %Y %y %m %d %H %I %p %M %S %f %z %b %B %j %T %F %D %R %e %%; blanks
//            and other characters stand for themselves. "auto" takes RFC 3339, and "2026-11-21",
//            "2026-11-21 08:26" and "2026-11-21 08:26:00" (also with T), which cannot be confused
//            with each other.
// Units      times without an offset are the wall clock of `zone`; a missing time of day is
// midnight. Range      that of the wire: years 1900 to 2999. Errors     make: the reason why a
// pattern is none; parse: std::nullopt. Threads    immutable.

#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "scoring/day_clock.h"
#include "scoring/units.h"

namespace patron::tools {

class TimeFormat {
  public:
    static std::expected<TimeFormat, std::string> make(std::string_view format);

    std::optional<scoring::Instant> parse(std::string_view text, const scoring::DayClock& zone)
        const;

  private:
    enum class Kind { Auto, Rfc3339, Unix, UnixMs, Pattern };

    TimeFormat(Kind kind, std::string pattern) : kind_(kind), pattern_(std::move(pattern)) {}

    Kind kind_;
    std::string pattern_;
};

}  // namespace patron::tools
