#pragma once
// The rows of a partition by the instant at which they want to be looked at: far ones in a wheel, those
// of the tick that has begun to the millisecond.
//
// Time       an alarm in the wheel is a bound: it may go off early. What stands among the near rows is
//            exact, and may be stale: whoever takes a row looks whether it still wants to be.
// Bounds     the near rows are at most those whose tick has begun.
// Threads    the partition's task.

#include <algorithm>
#include <cstddef>
#include <vector>

#include "store/timing_wheel.h"

namespace patron::store {

using scoring::Instant;
using scoring::kNever;

struct DueRow {
    Instant at;
    Row row = 0;
};

class DueRows {
  public:
    // Alarms before this instant belong to `add_near`.
    Instant near_end() const { return near_end_; }

    // Keeps an earlier alarm: that one finds out.
    void arm(Row row, Instant at) {
        const Instant alarm = wheel_.alarm(row);
        if (alarm == kNever || alarm > at) {
            wheel_.arm(row, at);
            next_ = std::min(next_, at);
        }
    }
    void add_near(Row row, Instant at);
    void disarm(Row row) { wheel_.disarm(row); }
    // kNever: it has no alarm in the wheel.
    Instant alarm(Row row) const { return wheel_.alarm(row); }

    // Hands over rows whose tick has begun by `now`, to be put in again by whoever knows their exact
    // instants. False: there are more.
    bool take_begun(Instant now, std::size_t limit, std::vector<Row>& out);

    // Before a round of `first` and `pop`: the instant of the `limit`-th near row, at most `until`.
    Instant horizon(std::size_t limit, Instant until);
    // The nearest row; nullptr: none.
    const DueRow* first() const;
    // One that comes some places later, more or less: to prefetch it. nullptr: none is known.
    const DueRow* ahead(std::size_t places) const {
        return places < sorted_.size() ? &sorted_[sorted_.size() - 1 - places] : nullptr;
    }
    void pop();

    // Not later than the first instant at which there is something to do; kNever: nothing is armed.
    Instant next() const {
        if (!next_known_) {
            find_next();
        }
        return next_;
    }

    void prefetch(Row row) const { wheel_.prefetch(row); }

    std::size_t armed() const { return wheel_.armed() + sorted_.size() + added_.size(); }
    std::size_t bytes() const;

  private:
    void find_next() const;

    TimingWheel wheel_;
    // Asked in every beat, so it is remembered; early after a disarm, which the next look puts right.
    mutable Instant next_ = kNever;
    mutable bool next_known_ = true;
    Instant near_end_{0};
    std::vector<DueRow> sorted_;  // descending: the nearest is the last
    std::vector<DueRow> added_;   // a heap, the nearest in front
};

}  // namespace patron::store
