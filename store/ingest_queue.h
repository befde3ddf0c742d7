#pragma once
// Where the I/O threads leave work for the beat: requests, questions, waits and scans, in order.
//
// Bounds     events, bytes, questions, waits, scans and tasks (limits.h); beyond: QueueFull, nothing is taken.
// Blocking   `push_*` never waits; `take` waits until there is work, the deadline or the stop.
// Threads    any number of pushers, one taker.

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <vector>

#include "store/store.h"

namespace patron::store {

// For a sequence number to be readable, or for what time had changed by then to be told.
struct SeqWait {
    std::uint64_t seq = 0;
    std::optional<Instant> told;
    std::chrono::steady_clock::time_point deadline;
    std::move_only_function<void(bool)> done;
};

using CountQuestion = std::move_only_function<void(LiveCounts)>;

struct PendingScan {
    std::unique_ptr<Scan> scan;
    std::optional<Instant> at;
};

// A snapshot somebody asked for, or a backup into a directory: one of the two is called.
struct KeepTask {
    std::string directory;  // of a backup
    std::move_only_function<void(Result<SnapshotInfo>)> snapshot_done;
    std::move_only_function<void(Result<BackupInfo>)> backup_done;
    void refuse(const Fault& fault) {
        snapshot_done ? snapshot_done(std::unexpected(fault)) : backup_done(std::unexpected(fault));
    }
};

// What the taker still has from before: it counts towards the bounds.
struct Held {
    std::size_t waits = 0;
    bool scan = false;  // then no further one is handed over
};

// What one beat takes.
struct Taken {
    std::vector<IngestRequest> requests;
    std::vector<CustomerQuestion> questions;
    std::vector<PictureQuestion> pictures;
    std::vector<CountQuestion> counts;
    std::vector<SeqWait> waits;
    std::vector<PendingScan> scans;
    std::vector<KeepTask> keeps;
    bool stopping = false;
};

class IngestQueue {
  public:
    std::optional<Fault> push(IngestRequest request);
    std::optional<Fault> push(CustomerQuestion question);
    std::optional<Fault> push(PictureQuestion question);
    std::optional<Fault> push(CountQuestion question);
    std::optional<Fault> push(SeqWait wait);
    std::optional<Fault> push(PendingScan scan);
    std::optional<Fault> push(KeepTask task);

    // Everything that waits, requests up to the beat's size, one scan. Returns at once when `busy`.
    Taken take(
        bool busy, std::optional<std::chrono::steady_clock::time_point> deadline, Held held = {}
    );
    // Puts requests of a beat that ended early back in front.
    void put_back(std::vector<IngestRequest> requests);

    // After this every push is refused (Stopping).
    void stop();

    struct Sizes {
        std::size_t events;
        std::size_t bytes;
        std::size_t questions;
        std::uint64_t refused;
    };
    Sizes sizes() const;

  private:
    std::optional<Fault> refusal(bool full);
    template <class Question>
    std::optional<Fault> push_question(std::vector<Question>& to, Question question);
    bool has_work() const;
    void hand_over_scans(Taken& taken, bool one_is_held);

    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<IngestRequest> requests_;
    Taken rest_;  // all but requests
    std::size_t waits_held_ = 0;
    std::size_t events_ = 0;
    std::size_t bytes_ = 0;
    std::size_t questions_ = 0;
    std::uint64_t refused_ = 0;
    bool stopping_ = false;
};

}  // namespace patron::store
