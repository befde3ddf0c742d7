#pragma once
// From a data folder to partitions as they were: the newest good snapshot, then the log behind it.
//
// Order      events of one partition in the order of the log; partitions in parallel.
// Errors     DataDamaged where the log cannot be read or does not reach the snapshot, with the sequence
//            number; Stopping when asked to stop. A snapshot that cannot be used is passed over with a
//            notice if an older one, or the whole log, leads to the same state.
// Bounds     kReplayEventsMax events, decoded, at a time.
// Threads    one, and its parallel tasks; nobody else touches the partitions meanwhile.

#include <functional>
#include <memory>
#include <vector>

#include "store/beat_event.h"
#include "store/data_folder.h"
#include "store/event_codec.h"
#include "store/keep_board.h"
#include "store/parallel.h"
#include "store/partition.h"

namespace patron::store {

class Recovery {
  public:
    struct Parts {
        std::vector<std::unique_ptr<Partition>>& partitions;
        std::function<std::unique_ptr<Partition>()> make_partition;
        const DataFolder& folder;
        EventLog& log;
        const scoring::CompiledPolicy& policy;
        Parallel& parallel;
        KeepBoard& board;
    };
    explicit Recovery(Parts parts) : parts_(parts) {}

    Result<RecoveryReport> run();

  private:
    // A batch on its way from the log into partitions.
    struct Decoded {
        StoredBatch stored;
        Result<StoredEvents> events;
        std::vector<BeatEvent> beat;  // by position in `events`
        std::vector<std::uint64_t> seqs;
    };

    Result<void> load_snapshot();
    Result<std::vector<std::string>> snapshots_newest_first();
    Result<void> load(const std::string& name);
    Result<bool> fits(const SnapshotReader& reader, const std::string& name);
    void start_empty();
    Result<void> replay();
    Result<bool> read_group(LogCursor& cursor);
    Result<void> decode_group();
    void decode(Decoded& batch) const;
    Result<void> check_overrides(const Decoded& batch) const;
    void apply_group();
    void gather(const Decoded& batch);
    void add(const Decoded& batch, const RemovedEvent& gone);

    Parts parts_;
    RecoveryReport report_;
    std::vector<std::uint64_t> applied_;  // by partition, from the snapshot
    std::vector<Decoded> group_;
    std::vector<BeatEvent> events_;  // of the group
    std::vector<std::vector<std::uint32_t>> mine_;
    std::vector<std::vector<std::uint64_t>> ids_;  // for the windows, by partition
};

}  // namespace patron::store
