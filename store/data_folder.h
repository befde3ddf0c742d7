#pragma once
// The folder in which a store's events outlive the process.
//
// Shapes     patron.db (events, policies, answers, erasures, audit), snapshots/, backups/, LOCK.
// Order      what a folder was made with (time zone, currency, half-lives, partitions, seed) stays; a
//            policy it has not seen yet gets the next number.
// Errors     DataFolder: in use, not a data folder, made with other options (the detail names them and
//            the next step). DataDamaged with the place. DiskFull, DiskFailed.
// Owns       the lock on the folder, until destruction.
// Threads    opened by one thread, then handed to the store.

#include <memory>
#include <string>
#include <vector>

#include "scoring/policy.h"
#include "store/event_log.h"
#include "store/file_system.h"

namespace patron::store {

struct FolderOptions {
    scoring::FactSchema schema;
    std::string policy_name;      // name@revision
    std::string policy_document;  // as written; equal documents are one policy
    std::size_t partitions = 0;   // of a new folder
    Durability durability = Durability::Fsync;
    std::int64_t sync_interval_ms = 1000;  // Interval: at most this much is lost
    Instant now;
};

class DataFolder {
  public:
    // Makes the folder if there is none.
    static Result<std::unique_ptr<DataFolder>> open(
        FileSystem& files, const std::string& directory, const FolderOptions& options
    );
    ~DataFolder();

    FileSystem& files() const;
    const std::string& directory() const;
    std::string snapshots() const;  // the directory of snapshots
    const std::string& identity() const;
    std::uint64_t hash_seed() const;
    std::size_t partitions() const;
    std::uint32_t policy() const;  // number of the policy in force
    // Once.
    std::unique_ptr<EventLog> take_log();
    std::vector<KeptAnswer> take_answers();
    // What was found at opening that an operator should hear.
    const std::vector<std::string>& notices() const;

  private:
    friend class FolderOpening;
    struct Impl;
    explicit DataFolder(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace patron::store
