#pragma once
// A damaged data folder made usable again: what was there is moved aside, never deleted.
//
// Shapes     the plan keeps one run of batches without gaps: the one that reaches furthest among those that
//            a start can use, which is the one from event 1 on or one that a sound snapshot leads up to.
// Order      the new database is whole and synced before the old one moves; cut short at any point, a start
//            finds the old folder, or refuses with the old database in the damaged folder, or finds the
//            new one.
// Range      snapshots that lead into what is kept stay where they are; others move. Answers to requests are
//            kept up to the last batch kept, so that a request sent again is not answered for lost events.
// Errors     DataDamaged: the folder's own description is gone, a backup is the way. DiskFull, DiskFailed.
// Threads    one at a time.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "store/folder_check.h"

namespace patron::store {

struct RepairPlan {
    SeqRange kept;
    std::uint64_t reached = 0;             // the last event there was
    std::vector<SeqRange> set_aside;       // sound batches that are not kept
    std::vector<std::string> snapshots;    // names that stay
    std::optional<std::string> led_up_by;  // the snapshot that `kept` needs
};

// Nothing when there is nothing to repair.
Result<std::optional<RepairPlan>> plan_repair(const FolderReport& report);

// "damaged-20261121T141701Z" for an instant.
std::string damaged_name(Instant now);

struct RepairDone {
    std::uint64_t batches = 0;
    std::vector<std::string> notices;  // rows of small tables that were not kept
};

// `aside`: a new directory below the folder, already there.
Result<RepairDone> repair_folder(
    FolderReading& folder, const RepairPlan& plan, const std::string& aside, Instant now
);

}  // namespace patron::store
