#pragma once
// A copy of an SQLite file made while its connection goes on writing.
//
// Order      whole when `step` says so: synced, as of the last commit.
// Bounds     kCopyPages pages a step.
// Threads    the connection's.

#include <memory>
#include <string>

#include "store/event_log.h"
#include "store/sqlite_db.h"

namespace patron::store {

inline constexpr int kCopyPages = 256;

Result<std::unique_ptr<LogCopy>> copy_database(
    SqliteDb& source, const std::string& path, const char* vfs
);

}  // namespace patron::store
