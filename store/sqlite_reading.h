#pragma once
// A database that is looked at and left as it is: nothing is written, nothing carried over, on close as
// well.
//
// Shapes     with `has_wal` what its WAL holds counts; without, the main file alone is read.
// Errors     as sqlite_db.h.
// Threads    the connection's.

#include <string>

#include "store/sqlite_db.h"

namespace patron::store {

Result<SqliteDb> open_for_reading(const std::string& path, bool has_wal, const char* vfs);

}  // namespace patron::store
