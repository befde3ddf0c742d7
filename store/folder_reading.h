#pragma once
// A data folder, or a backup, held still and looked at: nothing in it changes.
//
// Shapes     what the WAL holds up to its last whole transaction, or up to its damage, counts.
// Errors     DataFolder: in use, or no data folder; faults of the files.
// Owns       the lock while it lives.
// Threads    one at a time.

#include <string>

#include "store/file_system.h"
#include "store/folder_lock.h"
#include "store/sqlite_db.h"
#include "store/wal_check.h"

namespace patron::store {

inline constexpr const char* kDatabaseName = "patron.db";
inline constexpr const char* kWalName = "patron.db-wal";

class FolderReading {
  public:
    static Result<FolderReading> open(FileSystem& files, const std::string& directory);

    FileSystem& files() const { return *files_; }
    const std::string& directory() const { return directory_; }
    std::string path(const std::string& name) const { return directory_ + "/" + name; }
    SqliteDb& db() { return db_; }
    const WalVerdict& wal() const { return wal_; }
    bool has_wal() const { return has_wal_; }

    // Lets go of the database, not of the lock: before files are moved.
    void close_database() { db_ = {}; }

  private:
    FileSystem* files_ = nullptr;
    std::string directory_;
    FolderLock lock_;
    WalVerdict wal_;
    bool has_wal_ = false;
    SqliteDb db_;
};

}  // namespace patron::store
