#include "server/wire/instant_text.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstring>

#include "server/wire/plain_text.h"

namespace patron::wire {
namespace {

using scoring::Instant;

constexpr std::int64_t kMinuteMs = 60'000;

constexpr bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// The number of `count` digits at `at`, or -1.
int digits_at(std::string_view text, std::size_t at, std::size_t count) {
    int value = 0;
    for (std::size_t i = at; i < at + count; ++i) {
        if (!is_digit(text[i])) {
            return -1;
        }
        value = value * 10 + (text[i] - '0');
    }
    return value;
}

// The number that a text of 8 to 16 digits is, and of nothing else.
std::optional<std::uint64_t> number_of_8_to_16(std::string_view text) {
    constexpr std::size_t kWord = 8;
    if (text.size() < kWord || text.size() > 2 * kWord) {
        return std::nullopt;
    }
    const std::uint64_t first = word_at(text.data());
    const std::uint64_t last = word_at(text.data() + text.size() - kWord);
    if ((marks_no_digits(first) | marks_no_digits(last)) != 0) {
        return std::nullopt;
    }
    // Those before the last eight, moved behind zeros.
    const std::size_t before = text.size() - kWord;
    const std::uint64_t values = first ^ kLowBits * '0';
    const std::uint64_t upper = before == 0 ? 0 : values << (kWord - before) * 8;
    return number_of_eight(upper) * 100'000'000 + number_of_eight(last ^ kLowBits * '0');
}

// Days since 1970-01-01 of the "YYYY-MM-DD" that `text` begins with.
std::optional<std::int64_t> parse_day(std::string_view text) {
    const int year = digits_at(text, 0, 4);
    const int month = digits_at(text, 5, 2);
    const int day = digits_at(text, 8, 2);
    if (text[4] != '-' || text[7] != '-' || year < 0 || month < 1 || day < 1) {
        return std::nullopt;
    }
    const std::chrono::year_month_day date{
        std::chrono::year(year),
        std::chrono::month(static_cast<unsigned>(month)),
        std::chrono::day(static_cast<unsigned>(day))
    };
    if (!date.ok()) {
        return std::nullopt;
    }
    return std::chrono::sys_days(date).time_since_epoch().count();
}

struct Clock {
    std::int64_t ms = 0;  // since midnight
    bool leap_second = false;
};

// The "HH:MM:SS" at `at`.
std::optional<Clock> parse_clock(std::string_view text, std::size_t at) {
    const int hour = digits_at(text, at, 2);
    const int minute = digits_at(text, at + 3, 2);
    const int second = digits_at(text, at + 6, 2);
    if (text[at + 2] != ':' || text[at + 5] != ':' || hour < 0 || hour > 23 || minute < 0 ||
        minute > 59 || second < 0 || second > 60) {
        return std::nullopt;
    }
    const bool leap = second == 60;
    const int counted = leap ? 59 : second;
    return Clock{((hour * 60 + minute) * 60 + counted) * scoring::kSecondMs, leap};
}

// Reads ".123456" from the front of `rest`; no point is no fraction.
std::optional<std::int64_t> take_fraction_ms(std::string_view& rest) {
    constexpr std::size_t kDigitsMax = 9;
    if (rest.empty() || rest.front() != '.') {
        return 0;
    }
    rest.remove_prefix(1);
    std::int64_t ms = 0;
    std::int64_t weight = 100;
    std::size_t count = 0;
    while (count < rest.size() && is_digit(rest[count])) {
        ms += weight * (rest[count] - '0');
        weight /= 10;
        ++count;
    }
    if (count == 0 || count > kDigitsMax) {
        return std::nullopt;
    }
    rest.remove_prefix(count);
    return ms;
}

// All of `rest`: "Z" or "+08:00".
std::optional<std::int64_t> parse_offset_ms(std::string_view rest) {
    if (rest == "Z" || rest == "z") {
        return 0;
    }
    if (rest.size() != 6 || (rest[0] != '+' && rest[0] != '-') || rest[3] != ':') {
        return std::nullopt;
    }
    const int hours = digits_at(rest, 1, 2);
    const int minutes = digits_at(rest, 4, 2);
    if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) {
        return std::nullopt;
    }
    const std::int64_t offset = (hours * 60 + minutes) * kMinuteMs;
    return rest[0] == '-' ? -offset : offset;
}

bool is_last_ms_of_utc_day(std::int64_t second_ms) {
    const std::int64_t in_day = ((second_ms % scoring::kDayMs) + scoring::kDayMs) % scoring::kDayMs;
    return in_day == scoring::kDayMs - scoring::kSecondMs;
}

char* put_digits(char* at, unsigned value, int count) {
    for (int i = count - 1; i >= 0; --i) {
        at[i] = static_cast<char>('0' + value % 10);
        value /= 10;
    }
    return at + count;
}

}  // namespace

std::optional<Instant> parse_instant(std::string_view text) {
    constexpr std::size_t kSecondsEnd = 19;
    if (text.size() <= kSecondsEnd || (text[10] != 'T' && text[10] != 't')) {
        return std::nullopt;
    }
    const auto day = parse_day(text);
    const auto clock = parse_clock(text, 11);
    std::string_view rest = text.substr(kSecondsEnd);
    const auto fraction = take_fraction_ms(rest);
    const auto offset = parse_offset_ms(rest);
    if (!day || !clock || !fraction || !offset) {
        return std::nullopt;
    }
    const std::int64_t second = *day * scoring::kDayMs + clock->ms - *offset;
    if (clock->leap_second && !is_last_ms_of_utc_day(second)) {
        return std::nullopt;
    }
    const Instant t{second + (clock->leap_second ? scoring::kSecondMs - 1 : *fraction)};
    return in_wire_range(t) ? std::optional(t) : std::nullopt;
}

std::optional<Instant> parse_instant_ms(std::string_view text) {
    if (const auto ms = number_of_8_to_16(text)) {
        const Instant usual{static_cast<std::int64_t>(*ms)};
        return in_wire_range(usual) ? std::optional(usual) : std::nullopt;
    }
    Instant t;
    const char* end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, t.ms);
    if (parsed.ec != std::errc() || parsed.ptr != end || !in_wire_range(t)) {
        return std::nullopt;
    }
    return t;
}

bool is_calendar_date(std::string_view text) {
    return text.size() == 10 && text >= "1900" && text < "3000" && parse_day(text).has_value();
}

void append_instant(ByteWriter& out, Instant t) {
    constexpr std::size_t kBytesMax = 24;
    const std::int64_t ms = std::clamp(t, kInstantMin, kInstantMax).ms;
    const auto since_epoch = std::chrono::milliseconds(ms);
    const auto days = std::chrono::floor<std::chrono::days>(since_epoch);
    const std::chrono::year_month_day date{std::chrono::sys_days(days)};
    auto in_day = static_cast<unsigned>((since_epoch - days).count());

    char* const start = out.reserve(kBytesMax);
    char* at = put_digits(start, static_cast<unsigned>(static_cast<int>(date.year())), 4);
    *at++ = '-';
    at = put_digits(at, static_cast<unsigned>(date.month()), 2);
    *at++ = '-';
    at = put_digits(at, static_cast<unsigned>(date.day()), 2);
    *at++ = 'T';
    at = put_digits(at, in_day / 3'600'000, 2);
    *at++ = ':';
    at = put_digits(at, in_day / 60'000 % 60, 2);
    *at++ = ':';
    at = put_digits(at, in_day / 1'000 % 60, 2);
    if (in_day % 1'000 != 0) {
        *at++ = '.';
        at = put_digits(at, in_day % 1'000, 3);
    }
    *at++ = 'Z';
    out.advance(static_cast<std::size_t>(at - start));
}

}  // namespace patron::wire
