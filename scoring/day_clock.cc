#include "scoring/day_clock.h"

#include <algorithm>

#include <date/tz.h>

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
    clock.day_spans_ = without_days_twice(clock.spans_);
    return clock;
}

std::vector<DayClock::Span>::const_iterator DayClock::span_after(
    const std::vector<Span>& spans, Instant t
) {
    return std::upper_bound(spans.begin(), spans.end(), t, [](Instant at, const Span& span) {
        return at < span.from;
    });
}

std::int64_t DayClock::earlier_offset_ms(const std::vector<Span>& spans, Instant t) {
    const auto after = span_after(spans, t);
    return after == spans.begin() ? spans.front().offset_ms : std::prev(after)->offset_ms;
}

DayClock::Stretch DayClock::earlier_stretch(Instant t) const {
    const auto after = span_after(day_spans_, t);
    return {after == day_spans_.end() ? kNever : after->from, earlier_offset_ms(day_spans_, t)};
}

// A clock set back across midnight takes effect, for days, at the second midnight.
std::vector<DayClock::Span> DayClock::without_days_twice(std::vector<Span> spans) {
    const auto day = [](std::int64_t local) {
        return local >= 0 ? local / kDayMs : (local + 1) / kDayMs - 1;
    };
    for (std::size_t i = 1; i < spans.size(); ++i) {
        const std::int64_t last_shown = spans[i].from.ms - 1 + spans[i - 1].offset_ms;
        if (day(last_shown) > day(spans[i].from.ms + spans[i].offset_ms)) {
            spans[i].from.ms = day(last_shown) * kDayMs - spans[i].offset_ms;
        }
    }
    return spans;
}

Instant DayClock::start_of(Day day) const {
    const std::int64_t local = std::int64_t{day} * kDayMs;
    // An offset is less than a day, so the answer is found from the offset one day either side;
    // where a clock jump skips or repeats midnight, the first instant that falls on `day` is the
    // start.
    const std::int64_t early = offset_ms(day_spans_, Instant{local - kDayMs});
    const std::int64_t late = offset_ms(day_spans_, Instant{local + kDayMs});
    const Instant first{local - std::max(early, late)};
    if (early == late || day_of(first) == day) {
        return first;
    }
    const Instant second{local - std::min(early, late)};
    const auto jump = std::lower_bound(
        day_spans_.begin(),
        day_spans_.end(),
        first,
        [](const Span& span, Instant at) { return span.from < at; }
    );
    return jump != day_spans_.end() && jump->from < second && day_of(jump->from) == day ? jump->from
                                                                                        : second;
}

Instant DayClock::from_local(std::int64_t local_ms) const {
    const Instant before{local_ms - offset_ms(spans_, Instant{local_ms - kDayMs})};
    const Instant after{local_ms - offset_ms(spans_, Instant{local_ms + kDayMs})};
    const bool after_holds = after.ms + offset_ms(spans_, after) == local_ms;
    const bool before_holds = before.ms + offset_ms(spans_, before) == local_ms;
    return after_holds && !before_holds ? after : before;
}

}  // namespace patron::scoring
