#pragma once
// A folder moved to another place, also across file systems, so that it is whole at either place.
//
// Order      across file systems: copied to `to`.part, synced, renamed, then removed at `from`.
// Errors     why not, in one sentence; a `to` that exists is refused. What was begun at `to`.part is
//            removed as far as possible.
// Blocking   as long as the copy takes.
// Threads    one owner of both places.

#include <expected>
#include <filesystem>
#include <string>

namespace patron::tools {

using Moved = std::expected<void, std::string>;

Moved move_folder(const std::filesystem::path& from, const std::filesystem::path& to);

// The second way, for itself.
Moved copy_and_remove_folder(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace patron::tools
