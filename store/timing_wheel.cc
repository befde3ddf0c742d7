#include "store/timing_wheel.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <utility>

#include "store/check.h"
#include "store/customer_columns.h"

namespace patron::store {

using scoring::Instant;
using scoring::kNever;

// An entry's level is that of the highest byte in which its tick differs from the wheel's position, its slot
// that byte of its tick. So a slot of level L holds ticks that share all bytes from L upwards, and once the
// position reaches the first of them, its entries belong to lower levels.
//
// The position goes from one occupied slot to the next and stops at the target; it leaves no entry behind,
// so that an entry's slot stays right while the position moves towards it.

struct TimingWheel::Block {
    Block() { links.fill({kNotArmed, kNotArmed, 0}); }
    std::array<Link, kChunkRows> links;
};

TimingWheel::TimingWheel(Instant base) : base_(base) {
    for (unsigned slot = 0; slot < kSlots; ++slot) {
        slots_[slot] = {kSlotMark | slot, kSlotMark | slot};
    }
}

TimingWheel::~TimingWheel() = default;
TimingWheel::TimingWheel(TimingWheel&&) noexcept = default;
TimingWheel& TimingWheel::operator=(TimingWheel&&) noexcept = default;

TimingWheel::Link* TimingWheel::find_link(Row row) const {
    const std::size_t block = row / kChunkRows;
    if (block >= blocks_.size() || blocks_[block] == nullptr) {
        return nullptr;
    }
    return &blocks_[block]->links[row % kChunkRows];
}

void TimingWheel::prefetch(Row row) const {
    if (const Link* entry = find_link(row)) {
        __builtin_prefetch(entry, 1);
    }
}

TimingWheel::Link& TimingWheel::link(Row row) const {
    return blocks_[row / kChunkRows]->links[row % kChunkRows];
}

TimingWheel::Tick TimingWheel::tick_of(Instant at) const {
    if (at <= base_) {
        return 0;
    }
    // Without a sign the difference of any two instants fits.
    const auto ms = static_cast<std::uint64_t>(at.ms) - static_cast<std::uint64_t>(base_.ms);
    return ms / static_cast<std::uint64_t>(kTickMs);
}

TimingWheel::Tick TimingWheel::tick_of(const Link& armed) const {
    return position_ + (armed.tick - static_cast<std::uint32_t>(position_));
}

// One slot of the top level less than all, so that no two rounds of it meet in a slot.
TimingWheel::Tick TimingWheel::last_tick() const {
    constexpr unsigned kTopShift = (kLevels - 1) * kSlotBits;
    return (((position_ >> kTopShift) + kLevelSlots) << kTopShift) - 1;
}

Instant TimingWheel::instant_of(Tick tick) const {
    constexpr std::int64_t kLatest = std::numeric_limits<std::int64_t>::max() - 1;
    const auto room = static_cast<std::uint64_t>(kLatest) - static_cast<std::uint64_t>(base_.ms);
    if (tick > room / static_cast<std::uint64_t>(kTickMs)) {
        return {kLatest};
    }
    const std::uint64_t ms = tick * static_cast<std::uint64_t>(kTickMs);
    return {static_cast<std::int64_t>(static_cast<std::uint64_t>(base_.ms) + ms)};
}

unsigned TimingWheel::slot_of(Tick tick) const {
    const Tick differ = (tick ^ position_) | 1;
    const auto highest = static_cast<unsigned>(std::bit_width(differ) - 1);
    const unsigned level = std::min(highest / kSlotBits, kLevels - 1);
    const auto index = static_cast<unsigned>(tick >> (level * kSlotBits)) % kLevelSlots;
    return level * kLevelSlots + index;
}

bool TimingWheel::occupied(unsigned slot) const {
    return (occupied_[slot / kWordBits] >> (slot % kWordBits) & 1) != 0;
}

void TimingWheel::push_back(Row row, Link& entry, unsigned slot) {
    Ends& ends = slots_[slot];
    entry.prev = ends.last;
    entry.next = kSlotMark | slot;
    ((ends.last & kSlotMark) != 0 ? ends.first : link(ends.last).next) = row;
    ends.last = row;
    occupied_[slot / kWordBits] |= std::uint64_t{1} << (slot % kWordBits);
}

// Both ends of a run name its slot, so that whoever is taken out need not know where it is.
void TimingWheel::unlink(const Link& entry) {
    const bool first = (entry.prev & kSlotMark) != 0;
    const bool last = (entry.next & kSlotMark) != 0;
    (first ? slots_[entry.prev & ~kSlotMark].first : link(entry.prev).next) = entry.next;
    (last ? slots_[entry.next & ~kSlotMark].last : link(entry.next).prev) = entry.prev;
    if (first && last) {
        const std::uint32_t slot = entry.prev & ~kSlotMark;
        occupied_[slot / kWordBits] &= ~(std::uint64_t{1} << (slot % kWordBits));
    }
}

Row TimingWheel::pop_front(unsigned slot) {
    const Row row = slots_[slot].first;
    const Link& entry = link(row);
    unlink(entry);
    return row;
}

void TimingWheel::arm(Row row, Instant at) {
    if (at == kNever) {
        disarm(row);
        return;
    }
    PATRON_CHECK(row < kSlotMark);
    const std::size_t block = row / kChunkRows;
    if (block >= blocks_.size()) {
        blocks_.resize(block + 1);
    }
    if (blocks_[block] == nullptr) {
        blocks_[block] = std::make_unique<Block>();
    }
    const Tick tick = std::min(std::max(tick_of(at), target_), last_tick());
    Link& entry = link(row);
    if (entry.prev == kNotArmed) {
        ++armed_;
    } else if (slot_of(tick_of(entry)) == slot_of(tick)) {
        // Also right while the entry waits in a slot above to be moved: both ticks lie below that one.
        entry.tick = static_cast<std::uint32_t>(tick);
        return;
    } else {
        unlink(entry);
    }
    entry.tick = static_cast<std::uint32_t>(tick);
    push_back(row, entry, slot_of(tick));
}

void TimingWheel::disarm(Row row) {
    Link* entry = find_link(row);
    if (entry == nullptr || entry->prev == kNotArmed) {
        return;
    }
    unlink(*entry);
    entry->prev = kNotArmed;
    --armed_;
}

bool TimingWheel::armed(Row row) const {
    const Link* entry = find_link(row);
    return entry != nullptr && entry->prev != kNotArmed;
}

Instant TimingWheel::alarm(Row row) const {
    return armed(row) ? instant_of(tick_of(link(row))) : kNever;
}

// The highest first: what it gives may belong to the ones below.
std::optional<unsigned> TimingWheel::slot_at_position() const {
    for (unsigned level = kLevels; level-- > 0;) {
        const auto index = static_cast<unsigned>(position_ >> (level * kSlotBits)) % kLevelSlots;
        const unsigned slot = level * kLevelSlots + index;
        if (occupied(slot)) {
            return slot;
        }
    }
    return std::nullopt;
}

// The first at or after index `from`, as an index.
std::optional<unsigned> TimingWheel::first_occupied(unsigned level, unsigned from) const {
    const unsigned begin = level * kLevelSlots;
    for (unsigned at = from; at < kLevelSlots; at = (at / kWordBits + 1) * kWordBits) {
        const std::uint64_t word = occupied_[(begin + at) / kWordBits] >> (at % kWordBits);
        if (word != 0) {
            return at + static_cast<unsigned>(std::countr_zero(word));
        }
    }
    return std::nullopt;
}

// Everything of a level comes before anything of the level above it.
std::optional<TimingWheel::Stop> TimingWheel::next_stop() const {
    if (const auto here = slot_at_position()) {
        return Stop{position_, *here};
    }
    for (unsigned level = 0; level < kLevels; ++level) {
        const unsigned shift = level * kSlotBits;
        const Tick above = position_ >> (shift + kSlotBits);
        const auto index = static_cast<unsigned>(position_ >> shift) % kLevelSlots;
        if (const auto found = first_occupied(level, index + 1)) {
            const Tick begin = (above << kSlotBits | *found) << shift;
            return Stop{begin, level * kLevelSlots + *found};
        }
        if (level + 1 < kLevels) {
            continue;
        }
        if (const auto found = first_occupied(level, 0)) {  // the top level's next round
            const Tick begin = ((above + 1) << kSlotBits | *found) << shift;
            return Stop{begin, level * kLevelSlots + *found};
        }
    }
    return std::nullopt;
}

bool TimingWheel::take_due(Instant now, std::size_t limit, std::vector<Row>& out) {
    target_ = std::max(target_, tick_of(now));
    std::size_t moves = kMovesPerRow * limit + kMovesMin;
    std::size_t room = limit;
    for (auto stop = next_stop(); stop && stop->tick <= target_; stop = next_stop()) {
        position_ = stop->tick;
        const bool goes_off = stop->slot < kLevelSlots;
        std::size_t& left = goes_off ? room : moves;
        for (; left > 0 && occupied(stop->slot); --left) {
            const Row row = pop_front(stop->slot);
            Link& entry = link(row);
            if (goes_off) {
                entry.prev = kNotArmed;
                --armed_;
                out.push_back(row);
            } else {
                push_back(row, entry, slot_of(tick_of(entry)));
            }
        }
        if (occupied(stop->slot)) {
            return false;
        }
    }
    position_ = target_;
    return true;
}

Instant TimingWheel::next() const {
    const auto stop = next_stop();
    return stop ? instant_of(stop->tick) : kNever;
}

std::size_t TimingWheel::bytes() const {
    const auto blocks = static_cast<std::size_t>(
        std::ranges::count_if(blocks_, [](const auto& block) { return block != nullptr; })
    );
    return sizeof *this + blocks_.capacity() * sizeof blocks_[0] + blocks * sizeof(Block);
}

}  // namespace patron::store
