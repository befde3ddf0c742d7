#pragma once
// Until when listeners were told, as a text of the log: "<until> <seq> <crc>".
//
// Units      until in Unix ms; seq of the newest event then.
// Errors     read: nothing for a text that `text` did not write.
// Threads    values.

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "store/sqlite_rows.h"

namespace patron::store {

struct ToldMark {
    std::int64_t until = 0;
    std::uint64_t seq = 0;

    std::string text() const {
        return std::to_string(until) + " " + std::to_string(seq) + " " +
               std::to_string(RowChecksum().add(until).add(seq).value());
    }
    static std::optional<ToldMark> read(std::string_view text) {
        ToldMark mark;
        const char* const end = text.data() + text.size();
        const auto first = std::from_chars(text.data(), end, mark.until);
        if (first.ec != std::errc() || first.ptr == end) {
            return std::nullopt;
        }
        const auto second = std::from_chars(first.ptr + 1, end, mark.seq);
        return second.ec == std::errc() && mark.text() == text ? std::optional(mark) : std::nullopt;
    }
};

}  // namespace patron::store
