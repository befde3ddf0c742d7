#pragma once
// What kind of body a Content-Type names.
//
// Range      application/json and application/x-ndjson in any case; a charset parameter may say
//            utf-8, others are not looked at.
// Threads    pure.

#include <cstdint>
#include <string_view>

#include "store/result.h"

namespace patron::endpoints {

enum class MediaType : std::uint8_t { Json, Ndjson, Other };

MediaType media_type(std::string_view content_type);

store::Fault unsupported_media_type(std::string_view wanted);

}  // namespace patron::endpoints
