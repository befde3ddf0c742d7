#pragma once
// A new database that holds the part of a damaged one that is kept.
//
// Shapes     the batches of the plan, every sound policy and audit row, the erasures and answers that go
//            with the batches, and an audit row about the repair.
// Order      whole and synced when it returns.
// Errors     DataDamaged if a batch of the plan is not sound after all; DiskFull, DiskFailed.
// Threads    the connection's.

#include <string>

#include "store/folder_repair.h"

namespace patron::store {

Result<RepairDone> write_repaired(
    SqliteDb& from, const RepairPlan& plan, const std::string& path, FileSystem& files, Instant now
);

}  // namespace patron::store
