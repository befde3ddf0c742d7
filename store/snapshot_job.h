#pragma once
// One snapshot under way: partition by partition, some rows at a time, into the writer.
//
// Order      each partition is saved as of the moment its turn begins; events go on meanwhile.
// Bounds     kSliceRows rows a step; the writer's queue.
// Errors     the outcome's.
// Threads    the apply thread; the writer has its own.

#include <memory>
#include <optional>
#include <vector>

#include "store/partition.h"
#include "store/snapshot_file.h"

namespace patron::store {

class SnapshotJob {
  public:
    static constexpr std::size_t kSliceRows = 1024;

    enum class Step : std::uint8_t { More, Waiting, Ended };

    SnapshotJob(
        std::vector<std::unique_ptr<Partition>>& partitions, std::unique_ptr<SnapshotWriter> writer
    )
        : partitions_(&partitions), writer_(std::move(writer)) {}
    ~SnapshotJob();  // not ended: given up
    SnapshotJob(SnapshotJob&&) = default;
    SnapshotJob& operator=(SnapshotJob&&) = delete;

    // `applied_seq`: of the last event applied. Waiting: for the writer, ask again soon.
    Step step(std::uint64_t applied_seq);
    // After Ended.
    Result<SnapshotInfo> outcome() { return *std::move(outcome_); }

  private:
    bool save_slice(std::uint64_t applied_seq);

    std::vector<std::unique_ptr<Partition>>* partitions_;
    std::unique_ptr<SnapshotWriter> writer_;
    std::size_t partition_ = 0;
    bool saving_ = false;
    std::uint64_t seq_ = 0;
    std::optional<SnapshotBlock> block_;
    std::vector<SnapshotBlock> early_;
    std::optional<Result<SnapshotInfo>> outcome_;
};

}  // namespace patron::store
