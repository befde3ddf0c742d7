#pragma once
// Percent-decoding of path segments and query strings, strict.
//
// Shapes     a query is name=value pairs joined by '&'; a name without '=' has an empty value; '+'
//            is a space in a query and a plus in a path.
// Range      decoded texts are valid UTF-8 without control characters. At most kParametersMax
//            parameters, each name once and known.
// Errors     BadParameter naming the parameter; decode_segment answers nothing for a broken escape.
// Threads    values.

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "scoring/units.h"
#include "store/result.h"

namespace patron::wire {

inline constexpr std::size_t kParametersMax = 32;

// `segment` with its escapes resolved into `room`, or itself when it has none. Nothing for a broken
// escape, or when the room does not suffice.
std::optional<std::string_view> decode_segment(std::string_view segment, std::span<char> room);

class QueryString {
  public:
    static store::Result<QueryString> parse(
        std::string_view query, std::span<const std::string_view> known
    );
    static store::Result<QueryString> parse(
        std::string_view query, std::initializer_list<std::string_view> known
    ) {
        return parse(query, std::span(known.begin(), known.size()));
    }

    bool empty() const { return parameters_.empty(); }
    std::optional<std::string_view> find(std::string_view name) const;

    // RFC 3339 or integer milliseconds; a space where the offset's plus was not escaped is a plus.
    store::Result<std::optional<scoring::Instant>> instant(std::string_view name) const;
    store::Result<std::optional<std::uint64_t>> count(std::string_view name, std::uint64_t max)
        const;
    // The index of the value among `choices`.
    store::Result<std::optional<std::size_t>> choice(
        std::string_view name, std::span<const std::string_view> choices
    ) const;
    // A comma-separated list of choices, as one bit each; absent: no bit.
    store::Result<std::uint32_t> choices(
        std::string_view name, std::span<const std::string_view> choices
    ) const;
    // A comma-separated list of texts, none of them empty; an escaped comma belongs to its text.
    // Absent: empty.
    store::Result<std::vector<std::string>> list(std::string_view name) const;

  private:
    struct Parameter {
        std::string name;
        std::string value;
        std::string raw;  // the value as sent
    };
    const Parameter* parameter(std::string_view name) const;

    std::vector<Parameter> parameters_;
};

}  // namespace patron::wire
