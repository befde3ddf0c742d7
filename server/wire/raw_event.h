#pragma once
// One JSON object of an event request, taken apart field by field and not yet judged.
//
// Shapes     a slot per known field; `kind` and `text` of a slot mean something where `present` has
// its
//            bit. A field that is null counts as not given.
// Owns       nothing: the views live until the reader opens its next text.
// Threads    a value, reused from event to event.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "server/wire/event_fields.h"
#include "store/limits.h"

namespace patron::wire {

enum class RawKind : std::uint8_t {
    String,  // text: its content, escapes resolved
    Number,  // text: its digits, checked against the grammar
    True,
    False,
    Strings,  // an array of strings, in `tags`
    Nested,   // an object or any other array; its inside has not been checked
};

struct RawEvent {
    FieldMask named = 0;    // occurs
    FieldMask present = 0;  // occurs and is not null
    std::optional<Field> duplicate;
    std::optional<std::string_view> unknown;  // the first name that no event has
    std::array<RawKind, kFieldCount> kinds;
    std::array<std::string_view, kFieldCount> texts;
    std::array<std::string_view, store::limits::kTagsMax> tags;
    std::size_t tag_count = 0;  // may exceed what `tags` holds

    void clear() {
        named = 0;
        present = 0;
        duplicate.reset();
        unknown.reset();
        tag_count = 0;
    }
    // False: the name has been there before.
    bool name(Field field) {
        const bool first = (named & bit(field)) == 0;
        named |= bit(field);
        return first;
    }
    void set(Field field, RawKind kind, std::string_view text) {
        present |= bit(field);
        kinds[static_cast<std::size_t>(field)] = kind;
        texts[static_cast<std::size_t>(field)] = text;
    }
    bool has(Field field) const { return (present & bit(field)) != 0; }
    RawKind kind(Field field) const { return kinds[static_cast<std::size_t>(field)]; }
    std::string_view text(Field field) const { return texts[static_cast<std::size_t>(field)]; }
};

}  // namespace patron::wire
