#pragma once
// A snapshot as one self-contained file: written beside, synced, then renamed (SNAPSHOT_FORMAT.md).
//
// Shapes     a header, blocks of rows in any order, one closing record a partition, an index, a footer;
//            little-endian, each part with its CRC32C. The name is snapshot-<seq, 20 digits>.patron,
//            ".part" behind it until it is whole.
// Order      the writer's own thread takes blocks in the order they are added. The final name appears
//            when the content is on the disk; `outcome` says so when the name is too. A whole snapshot of
//            the same name is replaced, never lost.
// Errors     DataDamaged with partition and offset for what cannot be trusted; DiskFull, DiskFailed
//            and NoDescriptors from below. A snapshot that fails leaves no file behind, unless removing
//            it fails too.
// Bounds     kSnapshotBlocksQueued blocks wait; a partition has at most kSnapshotIdsMax ids to keep.
// Blocking   `begin` makes the file and the destructor waits for the writer's thread; nothing between.
//            All of the reader.
// Threads    a writer is fed and asked by one thread; `read_partition` of a reader from any.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/file_system.h"
#include "store/snapshot_block.h"

namespace patron::store {

inline constexpr std::size_t kSnapshotBlocksQueued = 8;
inline constexpr std::size_t kSnapshotIdsMax = std::size_t{100} << 20;  // event ids and erased ids

// What a snapshot is of.
struct SnapshotAbout {
    std::string folder;  // identity of the data folder
    std::uint64_t hash_seed = 0;
    std::uint32_t partitions = 0;
    std::uint32_t policy = 0;  // number of the policy in force
    Instant made_at;
};

// What closes a partition: its rows stand as of `applied_seq`.
struct PartitionSaved {
    std::uint32_t partition = 0;
    std::uint64_t applied_seq = 0;
    std::uint64_t rows = 0;
    std::uint64_t entries = 0;
    std::uint64_t facts_hash = 0;  // sums over the rows, as in state_hash.h
    std::uint64_t states_hash = 0;
    std::vector<std::uint64_t> event_ids;  // of the dedupe window, oldest first
    std::vector<std::uint64_t> erased;     // hashed ids
};

struct SnapshotInfo {
    std::string name;
    std::uint64_t from_seq = 0;  // the least applied_seq of the partitions
    std::uint64_t to_seq = 0;    // the greatest
    std::uint64_t rows = 0;
    std::uint64_t bytes = 0;
    Instant made_at;
};

// "snapshot-00000000000000000042.patron" <-> 42; nothing for other names.
std::string snapshot_name(std::uint64_t seq);
std::optional<std::uint64_t> snapshot_seq(std::string_view name);

class SnapshotWriter {
  public:
    // `seq` names the file.
    static Result<std::unique_ptr<SnapshotWriter>> begin(
        FileSystem& files, std::string directory, std::uint64_t seq, SnapshotAbout about
    );
    ~SnapshotWriter();  // not finished: gives up and removes the file

    // Always after a failure: what comes then is dropped.
    bool has_room() const;
    // Only with room, and of a partition that is still open.
    void add(SnapshotBlock block);
    // Once for every partition, behind its blocks, with their rows and entries.
    void close_partition(PartitionSaved saved);
    void finish();  // nothing more comes; all partitions are closed
    // Nothing while it is under way; a failure may come before `finish`. DiskFailed when something could
    // not be synced, whatever the reason.
    std::optional<Result<SnapshotInfo>> outcome() const;

  private:
    class Impl;
    explicit SnapshotWriter(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

class SnapshotReader {
  public:
    // Header, index and footer are checked here, blocks when they are read.
    static Result<std::unique_ptr<SnapshotReader>> open(FileSystem& files, const std::string& path);
    ~SnapshotReader();

    const SnapshotAbout& about() const;
    const SnapshotInfo& info() const;
    std::uint64_t rows(std::uint32_t partition) const;  // as its index says
    // Every customer of the partition, then its closing record. `visit` may have been called for some
    // when a fault comes: give up what was made of them.
    Result<PartitionSaved> read_partition(
        std::uint32_t partition, const std::function<void(const SavedCustomer&)>& visit
    ) const;

  private:
    class Impl;
    explicit SnapshotReader(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

// Reads all of it: checksums, counts, both hashes of every partition, and that its customers are its.
Result<SnapshotInfo> verify_snapshot(FileSystem& files, const std::string& path);

}  // namespace patron::store
