#pragma once
// When each row of a partition wants to be looked at: a hierarchical wheel, one entry a row.
//
// Shapes     ticks of kTickMs; four levels of 256 slots. Entries are links in arrays by row, 12 bytes each,
//            in blocks whose addresses never move.
// Range      the farthest alarm is 255 x 2^24 ticks (138 years) or a little more after the wheel's time, or after
//            what is due and left, if anything is; anything beyond waits there and is handed out
//            early. Rows below 2^31.
// Time       the wheel's time is the newest `now` it was given; it never runs backwards. An alarm may go off up
//            to one tick early, never late: `take_due(now)` hands out every row whose tick has begun.
//            An alarm for the past is one for the wheel's time: it goes off at the next take.
// Order      by tick; within one tick any, but nobody is passed by again and again.
// Bounds     `take_due` hands out at most `limit` rows and moves at most kMovesPerRow x limit + kMovesMin entries
//            between levels per call, so that one call is short whatever is due. Empty time costs
//            nothing, however long.
// Threads    one at a time.
// Cost       arm, disarm: O(1), at most four random accesses; each entry moves at most three times.

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "scoring/units.h"
#include "store/key_index.h"

namespace patron::store {

class TimingWheel {
  public:
    static constexpr std::int64_t kTickMs = 1024;
    static constexpr std::size_t kMovesPerRow = 3;
    static constexpr std::size_t kMovesMin = 256;

    // Nothing is armed; time stands at `base`.
    explicit TimingWheel(scoring::Instant base = {0});
    ~TimingWheel();
    // What was moved from may only end or be assigned to.
    TimingWheel(TimingWheel&&) noexcept;
    TimingWheel& operator=(TimingWheel&&) noexcept;

    // The row's one alarm, in the place of an earlier one. kNever: none.
    void arm(Row row, scoring::Instant at);
    void disarm(Row row);
    bool armed(Row row) const;
    // The beginning of the row's tick, as armed: not before the wheel's time, nor beyond its range. kNever: not
    // armed.
    scoring::Instant alarm(Row row) const;
    std::size_t armed() const { return armed_; }

    // Appends rows whose tick has begun by `now`, disarmed. False: there may be more, ask again at once.
    bool take_due(scoring::Instant now, std::size_t limit, std::vector<Row>& out);

    // A time by which `take_due` has something to do, not later than the next alarm's tick; kNever when
    // nothing is armed. After a call, time moves on: asked again and again it gets there, in at most four
    // steps if little is armed.
    scoring::Instant next() const;

    void prefetch(Row row) const;
    std::size_t bytes() const;

  private:
    // Ticks since the base. The low half of a tick is enough for an entry: it lies less than 2^32 ahead.
    using Tick = std::uint64_t;

    static constexpr unsigned kLevels = 4;
    static constexpr unsigned kSlotBits = 8;
    static constexpr unsigned kLevelSlots = 1U << kSlotBits;
    static constexpr unsigned kSlots = kLevels * kLevelSlots;
    static constexpr unsigned kWordBits = 64;
    // A link's neighbour is a row, or with this bit the slot whose end it is.
    static constexpr std::uint32_t kSlotMark = std::uint32_t{1} << 31;
    static constexpr std::uint32_t kNotArmed = ~std::uint32_t{0};

    struct Link {
        std::uint32_t next;
        std::uint32_t prev;  // kNotArmed: in no slot
        std::uint32_t tick;
    };
    struct Block;
    struct Ends {
        std::uint32_t first;
        std::uint32_t last;
    };
    // Where the wheel next has something to do.
    struct Stop {
        Tick tick;
        unsigned slot;
    };

    Link* find_link(Row row) const;
    Link& link(Row row) const;
    Tick tick_of(scoring::Instant at) const;
    Tick tick_of(const Link& armed) const;
    Tick last_tick() const;
    scoring::Instant instant_of(Tick tick) const;
    unsigned slot_of(Tick tick) const;
    bool occupied(unsigned slot) const;
    void push_back(Row row, Link& entry, unsigned slot);
    void unlink(const Link& entry);
    Row pop_front(unsigned slot);
    std::optional<unsigned> slot_at_position() const;
    std::optional<unsigned> first_occupied(unsigned level, unsigned from) const;
    std::optional<Stop> next_stop() const;

    scoring::Instant base_;
    Tick position_ = 0;  // how far all has been handed out: no entry lies before it
    Tick target_ = 0;    // the wheel's time; ahead of the position while something due is left
    std::size_t armed_ = 0;
    std::array<Ends, kSlots> slots_;
    std::array<std::uint64_t, kSlots / kWordBits> occupied_{};
    std::vector<std::unique_ptr<Block>> blocks_;
};

}  // namespace patron::store
