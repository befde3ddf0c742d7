#include "server/endpoints/page_cursor.h"

#include "server/endpoints/base64url.h"
#include "store/limits.h"

namespace patron::endpoints {
namespace {

constexpr char kVersion = 1;
constexpr std::size_t kHeadBytes = 11;  // version, sort, direction, rank

}  // namespace

std::string encode_cursor(const PageCursor& cursor) {
    std::string bytes{
        kVersion, static_cast<char>(cursor.sort), static_cast<char>(cursor.descending)
    };
    for (int shift = 56; shift >= 0; shift -= 8) {
        bytes += static_cast<char>(cursor.rank >> shift & 0xff);
    }
    return base64url(bytes + cursor.id);
}

std::optional<PageCursor> decode_cursor(std::string_view text) {
    const auto bytes = from_base64url(text);
    if (!bytes || bytes->size() <= kHeadBytes || bytes->front() != kVersion ||
        bytes->size() > kHeadBytes + store::limits::kCustomerIdBytesMax) {
        return std::nullopt;
    }
    PageCursor cursor;
    cursor.sort = static_cast<std::uint8_t>((*bytes)[1]);
    cursor.descending = (*bytes)[2] != 0;
    for (std::size_t i = 3; i < kHeadBytes; ++i) {
        cursor.rank = cursor.rank << 8 | static_cast<unsigned char>((*bytes)[i]);
    }
    cursor.id = bytes->substr(kHeadBytes);
    // Some other bits in the last character would say the same: only our own spelling counts.
    return encode_cursor(cursor) == text ? std::optional(cursor) : std::nullopt;
}

}  // namespace patron::endpoints
