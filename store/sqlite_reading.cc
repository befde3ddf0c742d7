#include "store/sqlite_reading.h"

#include <sqlite3.h>

namespace patron::store {

Result<SqliteDb> open_for_reading(const std::string& path, bool has_wal, const char* vfs) {
    auto db = SqliteDb::open(path, has_wal ? SqliteOpen::Existing : SqliteOpen::Immutable, vfs);
    if (!db || !has_wal) {
        return db;
    }
    // Exclusive: no file beside the WAL. Query only: nothing is written. And the last one to leave would
    // carry the WAL over and remove it.
    sqlite3_db_config(db->handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    const auto set = db->run("pragma locking_mode=exclusive; pragma query_only=on");
    if (!set) {
        return std::unexpected(set.error());
    }
    return db;
}

}  // namespace patron::store
