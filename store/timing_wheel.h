#pragma once
// When each row of a partition wants to be looked at: a hierarchical wheel, one entry a row.
//
// Shapes     ticks of kTickMs; four levels of 256 slots, so the farthest alarm is 2^32 ticks (139 years) after
//            the base; anything beyond waits at the end and is looked at there. Entries are links in
//            arrays by row, 12 bytes each, in blocks whose addresses never move.
// Time       an alarm may go off up to one tick early, never late: `take_due(now)` hands out every row whose
//            tick has begun. Time in the wheel never runs backwards: an alarm for a tick that has
//            passed goes off at the next take.
// Order      by tick; within one tick any.
// Bounds     `take_due` hands out at most `limit` rows and moves at most kMovesPerRow x limit + kMovesMin entries
//            between levels per call, so that one call is short whatever is due.
// Threads    one at a time.
// Cost       arm, disarm: O(1), at most three random accesses; each entry moves at most three times.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "scoring/units.h"
#include "store/key_index.h"

namespace patron::store {

class TimingWheel {
  public:
    static constexpr std::int64_t kTickMs = 1024;

    // Nothing is armed; time stands at `base`.
    explicit TimingWheel(scoring::Instant base = {0});

    // The row's one alarm, in the place of an earlier one. kNever: none.
    void arm(Row row, scoring::Instant at);
    void disarm(Row row);
    bool armed(Row row) const;
    // The beginning of the row's tick; kNever: not armed.
    scoring::Instant alarm(Row row) const;
    std::size_t armed() const { return armed_; }

    // Appends rows whose tick has begun by `now`, disarmed. False: there may be more, ask again at once.
    bool take_due(scoring::Instant now, std::size_t limit, std::vector<Row>& out);

    // A time by which `take_due` has something to do, not later than the next alarm's tick; kNever when
    // nothing is armed. After a call, time moves on: asked again and again it gets there.
    scoring::Instant next() const;

    std::size_t bytes() const;

  private:
    // Left to timing_wheel.cc's author.
};

}  // namespace patron::store
