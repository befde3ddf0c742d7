#include "server/endpoints/forecast_filter.h"

#include <algorithm>
#include <string>
#include <utility>

#include "server/wire/field_values.h"
#include "server/wire/instant_text.h"
#include "store/limits.h"

namespace patron::endpoints {
namespace {

using store::fail;
using store::FaultCode;
using store::Result;
using wire::Aspect;
using wire::QueryString;

std::unexpected<store::Fault> refuse(std::string_view name, std::string detail) {
    return fail(FaultCode::BadParameter, std::move(detail), std::string(name));
}

// The codes of the value named by `parameter`, in the aspects that have one of that name.
Result<std::optional<ForecastFilter::Codes>> codes_of(
    const QueryString& query,
    std::string_view parameter,
    std::optional<Aspect> what,
    const wire::PolicyTexts& texts
) {
    const auto name = query.find(parameter);
    if (!name) {
        return std::nullopt;
    }
    ForecastFilter::Codes codes{};
    bool known = false;
    for (std::size_t i = 0; i < wire::kAspects; ++i) {
        const auto aspect = static_cast<Aspect>(i);
        const auto names = wire::code_names(aspect, texts);
        const auto found = std::ranges::find(names, *name);
        if ((!what || *what == aspect) && found != names.end()) {
            codes[i] = static_cast<std::uint8_t>(found - names.begin());
            known = true;
        }
    }
    if (!known) {
        return refuse(parameter, wire::shown(*name) + " is no value of what is listed");
    }
    return codes;
}

Result<std::optional<scoring::Day>> day_of(const QueryString& query) {
    const auto text = query.find("day");
    if (!text) {
        return std::nullopt;
    }
    if (!wire::is_calendar_date(*text)) {
        return refuse("day", wire::shown(*text) + " is no day, such as 2026-12-01");
    }
    const auto midnight = wire::parse_instant(std::string(*text) + "T00:00:00Z");
    return static_cast<scoring::Day>(
        (midnight->ms - wire::kInstantMin.ms) / scoring::kDayMs +
        wire::kInstantMin.ms / scoring::kDayMs
    );
}

Result<std::size_t> limit_of(const QueryString& query) {
    const auto limit = query.count("limit", store::limits::kListLimitMax);
    if (!limit) {
        return std::unexpected(limit.error());
    }
    if (*limit == 0U) {
        return refuse("limit", "a page holds at least one crossing");
    }
    return limit->value_or(ForecastFilter::kLimitDefault);
}

Result<std::optional<ForecastCursor>> cursor_of(const QueryString& query) {
    const auto text = query.find("cursor");
    if (!text) {
        return std::nullopt;
    }
    auto cursor = decode_forecast_cursor(*text);
    if (!cursor) {
        return refuse("cursor", "no cursor of this list");
    }
    return cursor;
}

// False, with its fault, for what was refused.
template <class T>
bool take(Result<T> result, T& out, store::Fault& fault) {
    if (!result) {
        fault = std::move(result.error());
        return false;
    }
    out = std::move(*result);
    return true;
}

bool allows(const std::optional<ForecastFilter::Codes>& codes, Aspect what, std::uint8_t code) {
    return !codes || (*codes)[static_cast<std::size_t>(what)] == code;
}

}  // namespace

Result<ForecastFilter> ForecastFilter::parse(
    std::string_view query, const wire::PolicyTexts& texts
) {
    const auto parsed = QueryString::parse(
        query,
        CustomerChoice::parameters_and(
            {"days", "what", "from", "to", "day", "limit", "cursor", "at", "min_seq"}
        )
    );
    if (!parsed) {
        return std::unexpected(parsed.error());
    }
    ForecastFilter out;
    store::Fault fault;
    std::optional<std::size_t> what;
    if (!take(ForecastQuestion::from(*parsed, texts), out.question, fault) ||
        !take(parsed->choice("what", wire::aspect_names()), what, fault)) {
        return std::unexpected(std::move(fault));
    }
    if (what) {
        out.what = static_cast<Aspect>(*what);
    }
    if (!take(codes_of(*parsed, "from", out.what, texts), out.from, fault) ||
        !take(codes_of(*parsed, "to", out.what, texts), out.to, fault) ||
        !take(day_of(*parsed), out.day, fault) || !take(limit_of(*parsed), out.limit, fault) ||
        !take(cursor_of(*parsed), out.cursor, fault)) {
        return std::unexpected(std::move(fault));
    }
    return out;
}

bool ForecastFilter::matches(wire::Crossing crossing) const {
    return (!what || *what == crossing.what) && allows(from, crossing.what, crossing.from) &&
           allows(to, crossing.what, crossing.to);
}

}  // namespace patron::endpoints
