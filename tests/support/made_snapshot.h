#pragma once
// A whole snapshot of random customers, kept beside what was written, to compare and to damage.
//
// Shapes     every customer stands in the partition its id asks for; blocks of several partitions lie
//            between each other.
// Threads    one thread.

#include <cstdint>
#include <string>
#include <vector>

#include "store/file_system.h"
#include "store/snapshot_file.h"
#include "tests/support/random_saved.h"

namespace patron::store {

struct MadePartition {
    std::vector<OwnedCustomer> customers;
    PartitionSaved saved;
};

struct MadeSnapshot {
    SnapshotAbout about;
    std::vector<MadePartition> partitions;
};

// What closes a partition of these customers.
PartitionSaved closing_of(std::uint32_t partition, const std::vector<OwnedCustomer>& customers);

MadeSnapshot make_snapshot(std::uint64_t seed, std::uint32_t partitions, std::size_t customers);

// Waits for the writer's word.
Result<SnapshotInfo> finish(SnapshotWriter& writer);
void add_when_there_is_room(SnapshotWriter& writer, SnapshotBlock block);

// Partition after partition in turn, `rows` a block; the faults of begin included.
Result<SnapshotInfo> write_snapshot(
    FileSystem& files,
    const std::string& directory,
    std::uint64_t seq,
    const MadeSnapshot& made,
    std::size_t rows
);

// Everything in the file, as it was read; about and closing records included.
Result<MadeSnapshot> read_snapshot(FileSystem& files, const std::string& path);

bool equal(const PartitionSaved& a, const PartitionSaved& b);
bool equal(const MadeSnapshot& a, const MadeSnapshot& b);

}  // namespace patron::store
