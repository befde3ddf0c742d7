#pragma once
// The body of a backup request: what the backup is to be called.
//
// Shapes     {"name"?: string}, nothing else; no body at all is the same as {}.
// Range      [A-Za-z0-9._-]{1,64}, not starting with a dot: one segment of a path, never more.
// Errors     BadJson, BadUtf8 with the byte offset; UnknownField, DuplicateField, WrongType,
//            InvalidValue.
// Threads    pure.

#include <string>
#include <string_view>

#include "scoring/units.h"
#include "store/result.h"

namespace patron::wire {

// "" when none is given.
store::Result<std::string> decode_backup_name(std::string_view body);

// The name of one that was given none: "20260301T040000Z".
std::string backup_name_at(scoring::Instant now);

}  // namespace patron::wire
