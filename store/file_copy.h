#pragma once
// A file copied through the seam, on the disk when it returns.
//
// Errors     as file_system.h; a copy that fails leaves what was written.
// Blocking   all of it.
// Threads    any.

#include <string>

#include "store/file_system.h"

namespace patron::store {

Result<void> copy_file(FileSystem& files, const std::string& from, const std::string& to);

}  // namespace patron::store
