#include "server/endpoints/forecast_rows.h"

#include "server/endpoints/base64url.h"
#include "store/limits.h"

namespace patron::endpoints {
namespace {

using scoring::Instant;

constexpr char kVersion = 1;
constexpr std::size_t kInstantBytes = 8;
constexpr std::size_t kHeadBytes = 1 + 2 * kInstantBytes + 3;  // version, instants, crossing

void append(std::string& bytes, Instant t) {
    for (int shift = 56; shift >= 0; shift -= 8) {
        bytes += static_cast<char>(static_cast<std::uint64_t>(t.ms) >> shift & 0xff);
    }
}

Instant instant_of(std::string_view bytes) {
    std::uint64_t ms = 0;
    for (const char c : bytes.substr(0, kInstantBytes)) {
        ms = ms << 8 | static_cast<unsigned char>(c);
    }
    return {static_cast<std::int64_t>(ms)};
}

}  // namespace

std::string encode_cursor(const ForecastCursor& cursor) {
    std::string bytes{kVersion};
    append(bytes, cursor.until);
    append(bytes, cursor.at);
    bytes += static_cast<char>(cursor.crossing.what);
    bytes += static_cast<char>(cursor.crossing.from);
    bytes += static_cast<char>(cursor.crossing.to);
    return base64url(bytes + cursor.id);
}

std::optional<ForecastCursor> decode_forecast_cursor(std::string_view text) {
    const auto decoded = from_base64url(text);
    if (!decoded || decoded->size() <= kHeadBytes || decoded->front() != kVersion ||
        decoded->size() > kHeadBytes + store::limits::kCustomerIdBytesMax) {
        return std::nullopt;
    }
    const std::string_view bytes(*decoded);
    ForecastCursor cursor;
    cursor.until = instant_of(bytes.substr(1));
    cursor.at = instant_of(bytes.substr(1 + kInstantBytes));
    const std::string_view crossing = bytes.substr(1 + 2 * kInstantBytes, 3);
    cursor.crossing = {
        static_cast<wire::Aspect>(crossing[0]),
        static_cast<std::uint8_t>(crossing[1]),
        static_cast<std::uint8_t>(crossing[2])
    };
    cursor.id = bytes.substr(kHeadBytes);
    // Only our own spelling counts.
    return encode_cursor(cursor) == text ? std::optional(cursor) : std::nullopt;
}

}  // namespace patron::endpoints
