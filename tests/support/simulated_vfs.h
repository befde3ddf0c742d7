#pragma once
// SQLite's way to a simulated disk.
//
// Shapes     I/O methods of version 1, without shared memory: a WAL needs locking_mode=EXCLUSIVE, set
//            before journal_mode.
// Order      as SQLite's own for Unix: a log or journal that it may have created gets its directory
//            synced with its first sync; the name of a database is never synced, which is the work of
//            whoever made the folder.
// Errors     SQLITE_FULL for no room, SQLITE_IOERR_* for the rest.
// Owns       its registration under a name that no other has.
// Threads    any.

#include <string>

#include <sqlite3.h>

namespace patron::store {

class SimulatedDisk;

class SimulatedVfs {
  public:
    explicit SimulatedVfs(SimulatedDisk& disk);
    ~SimulatedVfs();
    SimulatedVfs(const SimulatedVfs&) = delete;
    SimulatedVfs& operator=(const SimulatedVfs&) = delete;

    const char* name() const { return name_.c_str(); }

  private:
    std::string name_;
    sqlite3_vfs vfs_{};
};

}  // namespace patron::store
