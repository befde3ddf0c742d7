#include "server/wire/query_string.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "server/wire/field_values.h"
#include "server/wire/instant_text.h"
#include "server/wire/json_flaw.h"
#include "server/wire/plain_text.h"
#include "store/limits.h"

namespace patron::wire {
namespace {

using store::fail;
using store::FaultCode;
using store::Result;

int hex_value(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    const char lower = static_cast<char>(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

enum class Plus : std::uint8_t { Literal, Space };

// The number of bytes written to `room`, which holds text.size() bytes at least.
std::optional<std::size_t> decode(std::string_view text, Plus plus, char* room) {
    std::size_t size = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        char c = text[i];
        if (c == '%') {
            const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
            const int low = high < 0 ? -1 : hex_value(text[i + 2]);
            if (low < 0) {
                return std::nullopt;
            }
            c = static_cast<char>(high * 16 + low);
            i += 2;
        } else if (c == '+' && plus == Plus::Space) {
            c = ' ';
        }
        room[size++] = c;
    }
    return size;
}

std::optional<std::string> decode_query_text(std::string_view text) {
    std::string out(text.size(), '\0');
    const auto size = decode(text, Plus::Space, out.data());
    if (!size) {
        return std::nullopt;
    }
    out.resize(*size);
    if (find_invalid_utf8(out) || contains_control_character(out)) {
        return std::nullopt;
    }
    return out;
}

std::unexpected<store::Fault> refuse(std::string_view name, std::string detail) {
    return fail(FaultCode::BadParameter, std::move(detail), std::string(name));
}

std::string one_of(std::span<const std::string_view> choices) {
    std::string text = "one of";
    for (const std::string_view choice : choices) {
        text += text.size() == 6 ? " " : ", ";
        text += choice;
    }
    return text;
}

std::unexpected<store::Fault> refuse_choice(
    std::string_view name, std::string_view value, std::span<const std::string_view> choices
) {
    return refuse(name, shown(value) + " is not " + one_of(choices));
}

}  // namespace

std::optional<std::string_view> decode_segment(std::string_view segment, std::span<char> room) {
    if (segment.find('%') == std::string_view::npos) {
        return segment;
    }
    // A segment that is too long even when every byte of it is escaped fits nowhere.
    constexpr std::size_t kEncodedBytesMax = 3 * store::limits::kCustomerIdBytesMax;
    std::array<char, kEncodedBytesMax> decoded;
    if (segment.size() > decoded.size()) {
        return std::nullopt;
    }
    const auto size = decode(segment, Plus::Literal, decoded.data());
    if (!size || *size > room.size()) {
        return std::nullopt;
    }
    std::copy_n(decoded.data(), *size, room.data());
    return std::string_view(room.data(), *size);
}

Result<QueryString> QueryString::parse(
    std::string_view query, std::span<const std::string_view> known
) {
    QueryString out;
    while (!query.empty()) {
        const std::size_t end = std::min(query.find('&'), query.size());
        const std::string_view pair = query.substr(0, end);
        query.remove_prefix(std::min(end + 1, query.size()));
        const std::size_t equals = std::min(pair.find('='), pair.size());
        const std::string_view raw = pair.substr(std::min(equals + 1, pair.size()));
        const auto name = decode_query_text(pair.substr(0, equals));
        auto value = decode_query_text(raw);
        if (!name || std::ranges::find(known, *name) == known.end()) {
            return refuse(name.value_or(""), "no such parameter here: " + shown(pair));
        }
        if (!value) {
            return refuse(*name, "broken percent-encoding, or not plain UTF-8: " + shown(pair));
        }
        if (out.find(*name)) {
            return refuse(*name, "given more than once");
        }
        if (out.parameters_.size() == kParametersMax) {
            return refuse(*name, "too many parameters");
        }
        out.parameters_.push_back({*name, std::move(*value), std::string(raw)});
    }
    return out;
}

const QueryString::Parameter* QueryString::parameter(std::string_view name) const {
    const auto found = std::ranges::find(parameters_, name, &Parameter::name);
    return found == parameters_.end() ? nullptr : &*found;
}

std::optional<std::string_view> QueryString::find(std::string_view name) const {
    const Parameter* found = parameter(name);
    return found ? std::optional<std::string_view>(found->value) : std::nullopt;
}

Result<std::optional<scoring::Instant>> QueryString::instant(std::string_view name) const {
    const auto value = find(name);
    if (!value) {
        return std::nullopt;
    }
    if (const auto ms = parse_instant_ms(*value)) {
        return ms;
    }
    std::string text(*value);
    std::ranges::replace(text, ' ', '+');
    if (const auto instant = parse_instant(text)) {
        return instant;
    }
    return refuse(name, shown(*value) + " is neither an RFC 3339 instant nor integer milliseconds");
}

Result<std::optional<std::uint64_t>> QueryString::count(std::string_view name, std::uint64_t max)
    const {
    const auto value = find(name);
    if (!value) {
        return std::nullopt;
    }
    std::uint64_t number = 0;
    const char* const end = value->data() + value->size();
    const auto parsed = std::from_chars(value->data(), end, number);
    if (parsed.ec != std::errc() || parsed.ptr != end || number > max) {
        return refuse(name, shown(*value) + " is not a count up to " + std::to_string(max));
    }
    return number;
}

Result<std::optional<std::size_t>> QueryString::choice(
    std::string_view name, std::span<const std::string_view> choices
) const {
    const auto value = find(name);
    if (!value) {
        return std::nullopt;
    }
    const auto found = std::ranges::find(choices, *value);
    if (found == choices.end()) {
        return refuse_choice(name, *value, choices);
    }
    return static_cast<std::size_t>(found - choices.begin());
}

Result<std::uint32_t> QueryString::choices(
    std::string_view name, std::span<const std::string_view> choices
) const {
    const auto value = find(name);
    std::uint32_t bits = 0;
    for (std::string_view rest = value.value_or(""); value;) {
        const std::size_t end = std::min(rest.find(','), rest.size());
        const auto found = std::ranges::find(choices, rest.substr(0, end));
        if (found == choices.end()) {
            return refuse_choice(name, rest.substr(0, end), choices);
        }
        bits |= std::uint32_t{1} << (found - choices.begin());
        if (end == rest.size()) {
            break;
        }
        rest.remove_prefix(end + 1);
    }
    return bits;
}

Result<std::vector<std::string>> QueryString::list(std::string_view name) const {
    std::vector<std::string> texts;
    const Parameter* found = parameter(name);
    for (std::string_view rest = found ? found->raw : std::string_view(); found != nullptr;) {
        const std::size_t end = std::min(rest.find(','), rest.size());
        // Escapes are sound as a whole, and a comma stands in none.
        auto text = decode_query_text(rest.substr(0, end));
        if (!text || text->empty()) {
            return refuse(name, "an empty or broken item in " + shown(found->value));
        }
        texts.push_back(std::move(*text));
        if (end == rest.size()) {
            break;
        }
        rest.remove_prefix(end + 1);
    }
    return texts;
}

}  // namespace patron::wire
