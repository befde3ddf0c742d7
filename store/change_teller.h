#pragma once
// Lets time move the customers, and tells the feed of every change: slice by slice between batches.
//
// Order      changes that time makes are told in the order of their instants over all customers, except of
//            those whom an event or a reader touches while they are overdue: theirs come at once. None
//            is told before all customers of a start have been recalled.
// Time       `time` is the farthest the clock has been: a clock set back tells nothing twice.
// Bounds     a slice tells kTellPerPartition changes a partition; a beat waits for one slice.
// Errors     a log that refuses the mark is told by its status; time goes on.
// Threads    the apply thread.

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "store/change_feed.h"
#include "store/clock.h"
#include "store/event_log.h"
#include "store/parallel.h"
#include "store/partition.h"

namespace patron::store {

class ChangeTeller {
  public:
    struct Parts {
        std::vector<std::unique_ptr<Partition>>& partitions;
        Parallel& parallel;
        EventLog& log;
        const Clock& clock;
        const scoring::CompiledPolicy& policy;
        ChangeFeed& feed;
    };
    explicit ChangeTeller(Parts parts) : parts_(parts) {}

    // Behind the last event recovered.
    void begin();
    // The clock, never behind itself.
    BeatContext context();

    // One slice of what is due, told once `release` is called. `busy`: events wait.
    void work(BeatContext context, bool busy);
    // Before the end: what events have left to be told, for a second at most. What is left then is told to
    // nobody; a listener of the next start begins with the picture, which has it.
    void finish(BeatContext context);
    // Whether there is more to do at once.
    bool behind() const { return behind_ || owing(); }
    bool owing() const;
    // Everything that was due by then has been told.
    Instant told_until() const { return told_until_; }
    // And what events have left to be told.
    bool told_all(Instant by) const { return told_until_ >= by && !owing(); }
    // What a batch accepted at `now` has to say of it.
    std::optional<Instant> mark(Instant now) const;
    // Puts the mark into the log, where no batch of events has done so.
    void log_mark(std::uint64_t applied_seq, std::uint32_t policy_number);
    // Hands what was said over to the feed.
    void release(std::uint64_t applied_seq);

    LiveCounts counts(std::uint64_t applied_seq, Instant now) const;
    // When something will be due; at the latest in a second, as clocks may be set.
    std::optional<std::chrono::steady_clock::time_point> deadline() const;
    std::size_t armed() const;

  private:
    void recall(BeatContext context, bool busy);
    bool gather(BeatContext context);
    void tell(BeatContext context);
    void tell_owed(BeatContext context);
    void for_due(BeatContext context, const std::function<void(Partition&)>& task);

    Parts parts_;
    Instant time_ = scoring::kLongAgo;
    Instant told_until_ = scoring::kLongAgo;
    std::vector<Change> said_;  // not in the feed yet
    bool behind_ = false;
    bool recalled_ = false;
    std::size_t recall_next_ = 0;
};

}  // namespace patron::store
