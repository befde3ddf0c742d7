#pragma once
// Everything in a data folder, or in a backup at rest, looked at: each row, each event, each snapshot.
//
// Shapes     findings name their place and the next step; `runs` are the longest stretches of batches that
//            are sound and follow one another, in order.
// Range      a torn tail is no finding: it was never acknowledged.
// Errors     a fault only where the folder cannot be looked at: in use, no data folder, no rights.
// Blocking   reads all of it.
// Threads    one at a time.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "store/batch_walk.h"
#include "store/folder_reading.h"
#include "store/folder_tables.h"
#include "store/snapshot_file.h"

namespace patron::store {

struct Finding {
    std::string file;  // below the folder
    std::optional<std::uint64_t> seq;
    std::optional<std::uint64_t> offset;  // in the file
    std::string what;
    std::string next_step;
};

// Both included; nothing when last < first.
struct SeqRange {
    std::uint64_t first = 1;
    std::uint64_t last = 0;
    bool operator==(const SeqRange&) const = default;
};

struct FolderCounts {
    std::uint64_t batches = 0;
    std::uint64_t events = 0;   // that are there
    std::uint64_t removed = 0;  // places of events taken out
    std::uint64_t bytes = 0;    // of records
    std::uint64_t policies = 0;
    std::uint64_t answers = 0;
    std::uint64_t erasures = 0;
    std::uint64_t audit = 0;
    std::uint64_t snapshots = 0;
};

struct FolderReport {
    std::vector<Finding> findings;
    std::vector<std::string> notices;
    FolderCounts counts;
    std::vector<SeqRange> runs;
    std::uint64_t reached = 0;  // the last event that the log says it had, or that was found
    std::vector<SnapshotInfo> snapshots;  // sound ones of this folder, oldest first
    std::optional<FolderMeta> meta;       // if it is sound
};

// Adds what is in the tables, then what is in snapshots/.
FolderReport check_folder(FolderReading& folder);

}  // namespace patron::store
