#pragma once
// Takes the events of erased customers out of the log, some batches at a time.
//
// Order      from the oldest batch to the last erasure; sequence numbers stay (LOG_FORMAT.md: removed).
// Bounds     kSliceBytes of batches a step.
// Errors     what the log says; DataDamaged stops the purge, not the store.
// Threads    the apply thread.

#include <map>
#include <memory>
#include <string>

#include "store/event_log.h"

namespace patron::store {

class PurgeJob {
  public:
    static constexpr std::size_t kSliceBytes = 1024 * 1024;

    // All of `erasures`, at least one.
    PurgeJob(EventLog& log, const std::vector<Erasure>& erasures);

    // True: there is more to do.
    Result<bool> step();
    std::uint64_t up_to_seq() const { return last_; }
    std::uint64_t removed() const { return removed_; }

  private:
    Result<void> clean(StoredBatch& batch);

    EventLog* log_;
    std::map<std::string, Erasure, std::less<>> erasures_;  // the last of each customer
    std::uint64_t last_ = 0;
    std::uint64_t removed_ = 0;
    std::unique_ptr<LogCursor> cursor_;
};

}  // namespace patron::store
