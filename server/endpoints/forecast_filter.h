#pragma once
// Which crossings the list of a forecast shows, and how many of them.
//
// Shapes     parameters: those of forecast.h, what (an aspect), from, to (a value's name; "none" for no
//            band and no override), day (a calendar day of the policy's time zone), limit, cursor.
// Choices    without `what` a name means every aspect that has it. The cursor carries until when the
//            first page looked: later pages end where it did.
// Errors     BadParameter.
// Threads    values; codes are those of the policy it was read under.

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

#include "scoring/day_clock.h"
#include "server/endpoints/forecast.h"
#include "server/endpoints/forecast_rows.h"
#include "server/wire/crossing.h"

namespace patron::endpoints {

struct ForecastFilter {
    static constexpr std::size_t kLimitDefault = 100;
    // By aspect, the code a name has in it; absent: no crossing of it is shown.
    using Codes = std::array<std::optional<std::uint8_t>, wire::kAspects>;

    ForecastQuestion question;
    std::optional<wire::Aspect> what;
    std::optional<Codes> from;
    std::optional<Codes> to;
    std::optional<scoring::Day> day;
    std::size_t limit = kLimitDefault;
    std::optional<ForecastCursor> cursor;

    static store::Result<ForecastFilter> parse(
        std::string_view query, const wire::PolicyTexts& texts
    );
    bool matches(wire::Crossing crossing) const;
    // Whether crossings of that instant are shown.
    bool matches(scoring::Instant at, const scoring::DayClock& days) const {
        return !day || days.day_of(at) == *day;
    }
};

}  // namespace patron::endpoints
