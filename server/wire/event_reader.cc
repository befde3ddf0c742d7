#include "server/wire/event_reader.h"

#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <utility>

#include <simdjson.h>

#include "server/wire/money_text.h"
#include "server/wire/plain_text.h"

namespace patron::wire {
namespace {

namespace ondemand = simdjson::ondemand;

constexpr bool is_space(char c) {
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

// simdjson ends a token where the next one begins: white space between them belongs to the first.
std::string_view trim_end(std::string_view token) {
    while (!token.empty() && is_space(token.back())) {
        token.remove_suffix(1);
    }
    return token;
}

// What simdjson skips it does not check, so a scalar is checked here: it must be one whole token,
// and what follows (readable: the text is padded) must end a member or an element.
bool ends_value(std::string_view token) {
    const char next = token.data()[token.size()];
    return next == ',' || next == '}' || next == ']';
}

enum class ValueKind : std::uint8_t { Broken, Null, Value };

// A string without escapes is a view of the text; the others simdjson unescapes, checking them.
bool read_string(ondemand::value& value, std::string_view token, std::string_view& out) {
    const std::string_view quoted = trim_end(token);
    if (quoted.size() < 2 || quoted.back() != '"' || !ends_value(token)) {
        return false;
    }
    out = quoted.substr(1, quoted.size() - 2);
    return !contains_backslash(out) || value.get_string().get(out) == simdjson::SUCCESS;
}

bool read_number(std::string_view token, std::string_view& out) {
    out = trim_end(token);
    return is_json_number(out) && ends_value(token);
}

bool is_literal(std::string_view token, std::string_view literal) {
    return trim_end(token) == literal && ends_value(token);
}

bool read_scalar(
    ondemand::value& value, std::string_view token, RawKind& kind, std::string_view& text
) {
    switch (token.front()) {
        case '"':
            kind = RawKind::String;
            return read_string(value, token, text);
        case 't':
            kind = RawKind::True;
            return is_literal(token, "true");
        case 'f':
            kind = RawKind::False;
            return is_literal(token, "false");
        default:
            kind = RawKind::Number;
            return read_number(token, text);
    }
}

bool read_tags(ondemand::value& value, RawEvent& out, RawKind& kind) {
    ondemand::array array;
    if (value.get_array().get(array) != simdjson::SUCCESS) {
        return false;
    }
    kind = RawKind::Strings;
    for (auto item : array) {
        ondemand::value element;
        if (item.get(element) != simdjson::SUCCESS) {
            return false;
        }
        const std::string_view token = element.raw_json_token();
        std::string_view text;
        if (token.empty() || token.front() != '"') {
            kind = RawKind::Nested;
            continue;
        }
        if (!read_string(element, token, text)) {
            return false;
        }
        if (out.tag_count < out.tags.size()) {
            out.tags[out.tag_count] = text;
        }
        ++out.tag_count;
    }
    return true;
}

ValueKind read_value(
    ondemand::value& value,
    std::optional<Field> field,
    RawEvent& out,
    RawKind& kind,
    std::string_view& text
) {
    const std::string_view token = value.raw_json_token();
    if (token.empty()) {
        return ValueKind::Broken;
    }
    bool sound = true;
    switch (token.front()) {
        case '{':
            kind = RawKind::Nested;
            break;
        case '[':
            kind = RawKind::Nested;
            if (field == Field::Tags && out.tag_count == 0) {
                sound = read_tags(value, out, kind);
            }
            break;
        case 'n':
            return is_literal(token, "null") ? ValueKind::Null : ValueKind::Broken;
        default:
            sound = read_scalar(value, token, kind, text);
    }
    return sound ? ValueKind::Value : ValueKind::Broken;
}

// Looks for the closing quote that simdjson has already made sure of, eight bytes at a time; the
// text is padded. Only a name with an escape needs unescaping.
bool read_name(ondemand::field& field, std::string_view& name) {
    const char* const start = field.key().raw();
    const char* at = start;
    std::uint64_t word;
    std::uint64_t found = 0;
    for (;; at += sizeof(word)) {
        std::memcpy(&word, at, sizeof(word));
        found = bytes_equal_to(word, '"') | bytes_equal_to(word, '\\');
        if (found != 0) {
            break;
        }
    }
    at += first_byte(found);
    if (*at == '\\') {
        return field.unescaped_key().get(name) == simdjson::SUCCESS;
    }
    name = {start, static_cast<std::size_t>(at - start)};
    return true;
}

bool read_member(ondemand::field& member, RawEvent& out) {
    std::string_view name;
    if (!read_name(member, name)) {
        return false;
    }
    const std::optional<Field> field = find_field(name);
    RawKind kind{};
    std::string_view text;
    const ValueKind read = read_value(member.value(), field, out, kind, text);
    if (read == ValueKind::Broken) {
        return false;
    }
    if (!field) {
        out.unknown = out.unknown.value_or(name);
        return true;
    }
    if (!out.name(*field)) {
        out.duplicate = out.duplicate.value_or(*field);
    } else if (read == ValueKind::Value) {
        out.set(*field, kind, text);
    }
    return true;
}

bool read_members(ondemand::object object, RawEvent& out) {
    out.clear();
    for (auto item : object) {
        ondemand::field member;
        if (std::move(item).get(member) != simdjson::SUCCESS || !read_member(member, out)) {
            return false;
        }
    }
    return true;
}

}  // namespace

struct EventReader::Parts {
    enum class Phase : std::uint8_t { Broken, Object, ArrayStart, Array, Other, Done };

    ondemand::parser parser;
    std::unique_ptr<char[]> bytes;
    std::size_t capacity = 0;
    ondemand::document document;
    ondemand::array_iterator item;
    ondemand::array_iterator items_end;
    Phase phase = Phase::Broken;

    void load(std::string_view text);
    Phase start(std::size_t size, TextShape shape);
    ReadStatus next_object(RawEvent& out);
    ReadStatus next_item(RawEvent& out);
    bool at_end() { return document.current_location().error() == simdjson::OUT_OF_BOUNDS; }
};

void EventReader::Parts::load(std::string_view text) {
    const bool too_small = bytes == nullptr || text.size() > capacity;
    const bool far_too_large = capacity > kKeptBytesMax && text.size() <= kKeptBytesMax / 2;
    if (too_small || far_too_large) {
        capacity = std::bit_ceil(text.size() + 1);
        bytes = std::make_unique_for_overwrite<char[]>(capacity + simdjson::SIMDJSON_PADDING);
        document = ondemand::document();
        parser = ondemand::parser();
        // One that cannot be had shows up as Broken when the text is parsed.
        [[maybe_unused]] const simdjson::error_code allocated = parser.allocate(capacity);
    }
    if (!text.empty()) {
        std::memcpy(bytes.get(), text.data(), text.size());
    }
    std::memset(bytes.get() + text.size(), ' ', simdjson::SIMDJSON_PADDING);
}

EventReader::Parts::Phase EventReader::Parts::start(std::size_t size, TextShape shape) {
    if (parser.iterate(bytes.get(), size, size + simdjson::SIMDJSON_PADDING).get(document) !=
        simdjson::SUCCESS) {
        return Phase::Broken;
    }
    ondemand::json_type type;
    if (document.type().get(type) != simdjson::SUCCESS) {
        return Phase::Broken;
    }
    if (type == ondemand::json_type::object) {
        return Phase::Object;
    }
    if (type != ondemand::json_type::array || shape == TextShape::Object) {
        return Phase::Other;
    }
    ondemand::array array;
    if (document.get_array().get(array) != simdjson::SUCCESS ||
        array.begin().get(item) != simdjson::SUCCESS ||
        array.end().get(items_end) != simdjson::SUCCESS) {
        return Phase::Broken;
    }
    return Phase::ArrayStart;
}

ReadStatus EventReader::Parts::next_object(RawEvent& out) {
    ondemand::object object;
    if (document.get_object().get(object) != simdjson::SUCCESS || !read_members(object, out) ||
        !at_end()) {
        return ReadStatus::Broken;
    }
    return ReadStatus::Event;
}

ReadStatus EventReader::Parts::next_item(RawEvent& out) {
    if (std::exchange(phase, Phase::Array) == Phase::Array) {
        ++item;
    }
    if (item == items_end) {
        phase = Phase::Done;
        return at_end() ? ReadStatus::End : ReadStatus::Broken;
    }
    ondemand::value value;
    if ((*item).get(value) != simdjson::SUCCESS) {
        return ReadStatus::Broken;
    }
    const std::string_view token = value.raw_json_token();
    if (token.empty() || token.front() != '{') {
        return ReadStatus::NotObject;
    }
    ondemand::object object;
    if (value.get_object().get(object) != simdjson::SUCCESS || !read_members(object, out)) {
        return ReadStatus::Broken;
    }
    return ReadStatus::Event;
}

EventReader::EventReader() : parts_(std::make_unique<Parts>()) {}
EventReader::~EventReader() = default;
EventReader::EventReader(EventReader&&) noexcept = default;
EventReader& EventReader::operator=(EventReader&&) noexcept = default;

void EventReader::open(std::string_view text, TextShape shape) {
    parts_->load(text);
    parts_->phase = parts_->start(text.size(), shape);
}

ReadStatus EventReader::next(RawEvent& out) {
    using Phase = Parts::Phase;
    switch (parts_->phase) {
        case Phase::Broken:
            return ReadStatus::Broken;
        case Phase::Object:
            parts_->phase = Phase::Done;
            return parts_->next_object(out);
        case Phase::ArrayStart:
        case Phase::Array:
            return parts_->next_item(out);
        case Phase::Other:
            parts_->phase = Phase::Done;
            return ReadStatus::NotObject;
        case Phase::Done:
            return ReadStatus::End;
    }
    std::unreachable();
}

}  // namespace patron::wire
