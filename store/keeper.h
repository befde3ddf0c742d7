#pragma once
// What the beat does so that its state outlives it: snapshots, what may then be forgotten, backups.
//
// Order      a snapshot is taken slice by slice between batches; when it is on the disk, older ones and
//            the log they no longer need go, and erased customers are taken out of the log.
// Bounds     a slice saves kSliceRows rows or moves kSliceBytes bytes, then the beat goes on.
// Errors     a sync that failed ends all writing; no room, or damage, is told and tried again later.
// Threads    the apply thread.

#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "store/backup_job.h"
#include "store/ingest_queue.h"
#include "store/keep_board.h"
#include "store/purge_job.h"
#include "store/snapshot_job.h"

namespace patron::store {

class Keeper {
  public:
    struct Parts {
        std::vector<std::unique_ptr<Partition>>& partitions;
        const DataFolder* folder;  // nullptr: nothing is kept
        EventLog& log;
        const Clock& clock;
        KeepOptions options;
        KeepBoard& board;
    };
    explicit Keeper(Parts parts);

    void begin(const RecoveryReport& report);
    void take(std::vector<KeepTask> tasks);
    // A slice of what is under way. True: there is more to do at once.
    bool work(bool idle, std::uint64_t applied_seq);
    // When to call `work` again at the latest.
    std::optional<std::chrono::steady_clock::time_point> deadline() const { return deadline_; }
    // The last snapshot, to its end; then everything is refused.
    void finish(std::uint64_t applied_seq);

  private:
    using Steady = std::chrono::steady_clock;

    bool due(std::uint64_t seq) const;
    void begin_snapshot(std::uint64_t seq);
    void snapshot_ended(Result<SnapshotInfo> outcome);
    void list_snapshots();
    void forget_snapshots();
    bool remove_snapshots_before(std::uint64_t seq);
    bool forget_log();
    bool step_backup();
    void begin_purge();
    bool step_purge();
    void tell_due();
    void wake_in(std::chrono::milliseconds after);
    void refuse_all(const Fault& fault);

    Parts parts_;
    std::optional<SnapshotJob> job_;
    std::optional<PurgeJob> purge_;
    std::optional<BackupJob> backup_;
    std::vector<SnapshotInfo> kept_;   // usable ones on the disk, oldest first
    std::vector<std::string> others_;  // of another policy
    std::deque<KeepTask> asked_;
    std::deque<KeepTask> waiting_;  // for the snapshot under way
    std::deque<KeepTask> backups_;  // for the backup under way and those behind it
    Instant last_at_;
    Instant due_at_ = scoring::kNever;
    std::uint64_t erasures_told_ = 0;
    Instant retry_at_ = scoring::kLongAgo;
    std::uint64_t bytes_at_last_ = 0;
    bool forgetting_ = false;
    std::optional<Steady::time_point> deadline_;
};

}  // namespace patron::store
