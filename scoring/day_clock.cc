#include "scoring/day_clock.h"

#include <date/tz.h>

#include <algorithm>

namespace patron::scoring {
namespace {

constexpr std::int64_t kFirstMs = -2'208'988'800'000;  // 1900-01-01
constexpr std::int64_t kLastMs = 4'102'444'800'000;    // 2100-01-01

const date::time_zone* find_zone(std::string_view name) {
    try {
        return date::locate_zone(std::string(name));
    } catch (const std::exception&) {
        return nullptr;
    }
}

}  // namespace

std::optional<DayClock> DayClock::make(std::string_view time_zone) {
    const date::time_zone* zone = find_zone(time_zone);
    if (zone == nullptr) {
        return std::nullopt;
    }
    DayClock clock;
    clock.time_zone_ = time_zone;
    for (std::int64_t at = kFirstMs; at < kLastMs;) {
        const date::sys_time<std::chrono::milliseconds> point{std::chrono::milliseconds(at)};
        const date::sys_info now = zone->get_info(point);
        const std::int64_t offset = std::chrono::milliseconds(now.offset).count();
        if (clock.spans_.empty() || clock.spans_.back().offset_ms != offset) {
            clock.spans_.push_back({Instant{at}, offset});
        }
        at = std::chrono::milliseconds(now.end.time_since_epoch()).count();
    }
    return clock;
}

std::int64_t DayClock::earlier_offset_ms(Instant t) const {
    const auto after = std::upper_bound(
        spans_.begin(), spans_.end(), t, [](Instant at, const Span& span) { return at < span.from; }
    );
    return after == spans_.begin() ? spans_.front().offset_ms : std::prev(after)->offset_ms;
}

Instant DayClock::start_of(Day day) const {
    const std::int64_t local = std::int64_t{day} * kDayMs;
    // An offset is less than a day, so the answer is found from the offset one day either side; where a
    // clock jump skips or repeats midnight, the first instant that falls on `day` is the start.
    const std::int64_t early = offset_ms(Instant{local - kDayMs});
    const std::int64_t late = offset_ms(Instant{local + kDayMs});
    const Instant first{local - std::max(early, late)};
    if (early == late || day_of(first) == day) {
        return first;
    }
    const Instant second{local - std::min(early, late)};
    const auto jump = std::lower_bound(
        spans_.begin(), spans_.end(), first, [](const Span& span, Instant at) {
            return span.from < at;
        }
    );
    return jump != spans_.end() && jump->from < second && day_of(jump->from) == day ? jump->from
                                                                                    : second;
}

}  // namespace patron::scoring
