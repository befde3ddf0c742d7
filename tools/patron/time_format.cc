#include "tools/patron/time_format.h"

#include <array>
#include <cctype>
#include <chrono>
#include <cstdint>

#include "server/wire/instant_text.h"
#include "server/wire/money_text.h"

namespace patron::tools {
namespace {

using scoring::DayClock;
using scoring::Instant;

constexpr std::string_view kDirectives = "YymdeHIMSfzbBpj%";
constexpr std::array<std::string_view, 12> kMonths{
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december"
};

struct Fields {
    int year = -1;
    int month = 1;
    int day = 1;
    int day_of_year = -1;
    int hour = 0;
    int minute = 0;
    int second = 0;
    int ms = 0;
    bool hour_of_12 = false;
    bool afternoon = false;
    std::optional<int> offset_minutes;
};

char lower(char c) {
    return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
}

bool begins_with(std::string_view text, std::string_view lower_word) {
    for (std::size_t i = 0; i < lower_word.size(); ++i) {
        if (i >= text.size() || lower(text[i]) != lower_word[i]) {
            return false;
        }
    }
    return true;
}

// 1 to `digits_max` digits; a value above `high` or below `low` is none.
bool take_number(std::string_view& text, std::size_t digits_max, int low, int high, int& out) {
    std::size_t n = 0;
    int value = 0;
    while (n < digits_max && n < text.size() && text[n] >= '0' && text[n] <= '9') {
        value = value * 10 + (text[n++] - '0');
    }
    text.remove_prefix(n);
    out = value;
    return n > 0 && value >= low && value <= high;
}

bool take_month_name(std::string_view& text, int& out) {
    for (std::size_t i = 0; i < kMonths.size(); ++i) {
        if (begins_with(text, kMonths[i].substr(0, 3))) {
            text.remove_prefix(begins_with(text, kMonths[i]) ? kMonths[i].size() : 3);
            out = static_cast<int>(i) + 1;
            return true;
        }
    }
    return false;
}

bool take_fraction(std::string_view& text, int& ms) {
    constexpr std::size_t kDigitsMax = 9;
    int weight = 100;
    std::size_t n = 0;
    ms = 0;
    for (; n < text.size() && n < kDigitsMax && text[n] >= '0' && text[n] <= '9'; ++n) {
        ms += weight * (text[n] - '0');
        weight /= 10;
    }
    text.remove_prefix(n);
    return n > 0;
}

// "Z", "+0800", "+08:00", "+08".
bool take_offset(std::string_view& text, std::optional<int>& minutes) {
    if (text.starts_with('Z') || text.starts_with('z')) {
        text.remove_prefix(1);
        minutes = 0;
        return true;
    }
    if (text.empty() || (text.front() != '+' && text.front() != '-')) {
        return false;
    }
    const int sign = text.front() == '-' ? -1 : 1;
    text.remove_prefix(1);
    int hours = 0;
    int rest = 0;
    if (!take_number(text, 2, 0, 23, hours)) {
        return false;
    }
    if (text.starts_with(':')) {
        text.remove_prefix(1);
    }
    if (!text.empty() && !take_number(text, 2, 0, 59, rest)) {
        return false;
    }
    minutes = sign * (hours * 60 + rest);
    return true;
}

bool take_half_of_day(std::string_view& text, bool& afternoon) {
    afternoon = begins_with(text, "pm");
    if (!afternoon && !begins_with(text, "am")) {
        return false;
    }
    text.remove_prefix(2);
    return true;
}

bool take_year(std::string_view& text, Fields& out) {
    const std::size_t before = text.size();
    return take_number(text, 4, 1900, 2999, out.year) && before - text.size() == 4;
}

bool take_short_year(std::string_view& text, Fields& out) {
    constexpr int kPivot = 69;  // as POSIX has it: 69..99 are 19xx
    if (!take_number(text, 2, 0, 99, out.year)) {
        return false;
    }
    out.year += out.year < kPivot ? 2000 : 1900;
    return true;
}

bool take(char directive, std::string_view& text, Fields& out) {
    switch (directive) {
        case 'Y':
            return take_year(text, out);
        case 'y':
            return take_short_year(text, out);
        case 'm':
            return take_number(text, 2, 1, 12, out.month);
        case 'e':
            if (text.starts_with(' ')) {
                text.remove_prefix(1);
            }
            [[fallthrough]];
        case 'd':
            return take_number(text, 2, 1, 31, out.day);
        case 'j':
            return take_number(text, 3, 1, 366, out.day_of_year);
        case 'H':
            return take_number(text, 2, 0, 23, out.hour);
        case 'I':
            out.hour_of_12 = true;
            return take_number(text, 2, 1, 12, out.hour);
        case 'p':
            return take_half_of_day(text, out.afternoon);
        case 'M':
            return take_number(text, 2, 0, 59, out.minute);
        case 'S':
            return take_number(text, 2, 0, 59, out.second);
        case 'f':
            return take_fraction(text, out.ms);
        case 'z':
            return take_offset(text, out.offset_minutes);
        case 'b':
        case 'B':
            return take_month_name(text, out.month);
        default:
            return false;
    }
}

bool match(std::string_view pattern, std::string_view text, Fields& out) {
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (pattern[i] == '%' && pattern[i + 1] != '%') {
            if (!take(pattern[++i], text, out)) {
                return false;
            }
            continue;
        }
        i += pattern[i] == '%' ? 1 : 0;
        if (!text.starts_with(pattern[i])) {
            return false;
        }
        text.remove_prefix(1);
    }
    return text.empty() && out.year >= 0;
}

std::optional<std::int64_t> days_of(const Fields& fields) {
    const std::chrono::year year(fields.year);
    if (fields.day_of_year > 0) {
        const std::chrono::sys_days first{year / std::chrono::January / 1};
        const bool exists = fields.day_of_year <= (year.is_leap() ? 366 : 365);
        return exists ? std::optional<std::int64_t>(
                            first.time_since_epoch().count() + fields.day_of_year - 1
                        )
                      : std::nullopt;
    }
    const std::chrono::year_month_day date{
        year,
        std::chrono::month(static_cast<unsigned>(fields.month)),
        std::chrono::day(static_cast<unsigned>(fields.day))
    };
    if (!date.ok()) {
        return std::nullopt;
    }
    return std::chrono::sys_days(date).time_since_epoch().count();
}

std::optional<Instant> to_instant(const Fields& fields, const DayClock& zone) {
    constexpr std::int64_t kMinuteMs = 60'000;
    const auto days = days_of(fields);
    if (!days) {
        return std::nullopt;
    }
    const int hour =
        fields.hour_of_12 ? fields.hour % 12 + (fields.afternoon ? 12 : 0) : fields.hour;
    const std::int64_t local = *days * scoring::kDayMs + hour * scoring::kHourMs +
                               fields.minute * kMinuteMs + fields.second * scoring::kSecondMs +
                               fields.ms;
    if (fields.offset_minutes) {
        return Instant{local - *fields.offset_minutes * kMinuteMs};
    }
    return zone.from_local(local);
}

std::optional<Instant> parse_pattern(
    std::string_view pattern, std::string_view text, const DayClock& zone
) {
    Fields fields;
    return match(pattern, text, fields) ? to_instant(fields, zone) : std::nullopt;
}

std::optional<Instant> parse_auto(std::string_view text, const DayClock& zone) {
    constexpr std::array<std::string_view, 5> kPatterns{
        "%Y-%m-%d %H:%M:%S", "%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M"
    };
    if (const auto instant = wire::parse_instant(text)) {
        return instant;
    }
    for (const std::string_view pattern : kPatterns) {
        if (const auto instant = parse_pattern(pattern, text, zone)) {
            return instant;
        }
    }
    return std::nullopt;
}

std::optional<Instant> parse_unix(std::string_view text, int digits) {
    const auto ms = wire::parse_minor_units(text, digits);
    return ms ? std::optional(Instant{*ms}) : std::nullopt;
}

std::string expanded(std::string_view format) {
    std::string out;
    for (std::size_t i = 0; i < format.size(); ++i) {
        const std::string_view two = format.substr(i, 2);
        const std::string_view longer = two == "%T"   ? "%H:%M:%S"
                                        : two == "%R" ? "%H:%M"
                                        : two == "%F" ? "%Y-%m-%d"
                                        : two == "%D" ? "%m/%d/%y"
                                                      : "";
        if (two.starts_with('%')) {
            out += longer.empty() ? two : longer;
            ++i;
        } else {
            out += format[i];
        }
    }
    return out;
}

}  // namespace

std::expected<TimeFormat, std::string> TimeFormat::make(std::string_view format) {
    if (format == "auto") {
        return TimeFormat(Kind::Auto, {});
    }
    if (format == "rfc3339") {
        return TimeFormat(Kind::Rfc3339, {});
    }
    if (format == "unix") {
        return TimeFormat(Kind::Unix, {});
    }
    if (format == "unix_ms") {
        return TimeFormat(Kind::UnixMs, {});
    }
    const std::string pattern = expanded(format);
    bool has_year = false;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (pattern[i] != '%') {
            continue;
        }
        ++i;
        if (i == pattern.size() || kDirectives.find(pattern[i]) == std::string_view::npos) {
            return std::unexpected("'" + std::string(format) + "' has an unknown % directive");
        }
        has_year = has_year || pattern[i] == 'Y' || pattern[i] == 'y';
    }
    if (!has_year) {
        return std::unexpected("'" + std::string(format) + "' is no time format: it has no year");
    }
    return TimeFormat(Kind::Pattern, pattern);
}

std::optional<Instant> TimeFormat::parse(std::string_view text, const DayClock& zone) const {
    std::optional<Instant> out;
    switch (kind_) {
        case Kind::Auto:
            out = parse_auto(text, zone);
            break;
        case Kind::Rfc3339:
            out = wire::parse_instant(text);
            break;
        case Kind::Unix:
            out = parse_unix(text, 3);
            break;
        case Kind::UnixMs:
            out = parse_unix(text, 0);
            break;
        case Kind::Pattern:
            out = parse_pattern(pattern_, text, zone);
            break;
    }
    return out && wire::in_wire_range(*out) ? out : std::nullopt;
}

}  // namespace patron::tools
