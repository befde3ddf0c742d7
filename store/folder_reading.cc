#include "store/folder_reading.h"

#include <algorithm>
#include <utility>

#include "store/folder_tables.h"
#include "store/sqlite_reading.h"

namespace patron::store {
namespace {

// Whether each transaction in the WAL was synced before the next; the main file says so.
bool synced_each(const std::string& database, const char* vfs) {
    auto db = SqliteDb::open(database, SqliteOpen::Immutable, vfs);
    const auto meta = db ? read_meta(*db) : Result<FolderMeta>(std::unexpected(Fault{}));
    if (!meta) {
        return true;  // the stricter reading
    }
    const auto said = meta->find("durability");
    return said == meta->end() || said->second == "fsync";
}

}  // namespace

Result<FolderReading> FolderReading::open(FileSystem& files, const std::string& directory) {
    FolderReading out;
    out.files_ = &files;
    out.directory_ = directory;
    const auto names = files.list(directory);
    if (!names || std::ranges::find(*names, kDatabaseName) == names->end()) {
        return fail(
            FaultCode::DataFolder,
            "there is no patron.db in it; a repair that was cut short leaves it in "
            "damaged-<time>/: "
            "move it back from there"
        );
    }
    auto lock = FolderLock::take(directory);
    if (!lock) {
        return std::unexpected(lock.error());
    }
    out.lock_ = *std::move(lock);
    if (std::ranges::find(*names, kWalName) != names->end()) {
        const auto wal = files.open(out.path(kWalName));
        if (!wal) {
            return std::unexpected(wal.error());
        }
        out.has_wal_ = (*wal)->size() > 0;
    }
    const std::string database = out.path(kDatabaseName);
    const char* vfs = files.sqlite_vfs();
    auto verdict = check_wal(files, directory, kWalName, synced_each(database, vfs));
    if (!verdict) {
        return std::unexpected(verdict.error());
    }
    out.wal_ = *std::move(verdict);
    auto db = open_for_reading(database, out.has_wal_, vfs);
    if (!db) {
        return std::unexpected(db.error());
    }
    out.db_ = *std::move(db);
    return out;
}

}  // namespace patron::store
