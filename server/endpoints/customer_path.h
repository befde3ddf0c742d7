#pragma once
// The customer that a path names.
//
// Range      1 to limits::kCustomerIdBytesMax bytes of valid UTF-8 without control characters.
// Errors     InvalidId, IdTooLong.
// Threads    values.

#include <array>
#include <optional>
#include <string_view>

#include "server/endpoints/routes.h"
#include "store/limits.h"
#include "store/result.h"

namespace patron::endpoints {

using IdRoom = std::array<char, store::limits::kCustomerIdBytesMax>;

// The id as the store knows it, not yet checked; views into the path or the room. Nothing: no
// customer can be meant.
std::optional<std::string_view> customer_of(Route route, std::string_view path, IdRoom& room);

// Why `id` names no customer that could exist.
std::optional<store::Fault> id_fault(std::string_view id);
// The same of an id that `customer_of` gave nothing for.
store::Fault segment_fault(std::string_view segment);

store::Fault unknown_customer(std::string_view id);

}  // namespace patron::endpoints
