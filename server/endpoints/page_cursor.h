#pragma once
// Where a page of a sorted list ended: the sort and the last customer on it, as opaque text.
//
// Shapes     base64url without padding; whoever gets one back checks that its sort is the list's.
// Range      ranks order a list ascending: smaller ones come first, whatever the list is sorted by.
// Errors     nothing for text that no cursor of ours is.
// Threads    pure.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace patron::endpoints {

struct PageCursor {
    std::uint8_t sort = 0;
    bool descending = false;
    std::uint64_t rank = 0;
    std::string id;
    bool operator==(const PageCursor&) const = default;
};

std::string encode_cursor(const PageCursor& cursor);
std::optional<PageCursor> decode_cursor(std::string_view text);

}  // namespace patron::endpoints
