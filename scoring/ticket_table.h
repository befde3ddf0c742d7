#pragma once
// The tickets of one customer while they are rolled up: found by key, kept in order of first mention.
//
// Threads    one owner at a time; `clear` keeps the memory for the next customer.
// Cost       constant per mention, whatever their number.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "scoring/units.h"

namespace patron::scoring {

struct TicketSeen {
    std::uint64_t key = 0;
    Instant opened = kNever;  // kNever: only its answer or its end was seen
    bool answered = false;
    bool resolved = false;
};

class TicketTable {
  public:
    void clear() {
        if (!tickets_.empty()) {
            tickets_.clear();
            // The many slots of one customer must not be cleared for every later one.
            slots_.assign(std::min(slots_.size(), kSlotsKept), 0);
        }
    }

    // The ticket of that key, made at its first mention.
    TicketSeen& of(std::uint64_t key) {
        if ((tickets_.size() + 1) * 2 > slots_.size()) {
            grow();
        }
        std::uint32_t& slot = slots_[find(key)];
        if (slot == 0) {
            tickets_.push_back({key});
            slot = static_cast<std::uint32_t>(tickets_.size());
        }
        return tickets_[slot - 1];
    }

    const std::vector<TicketSeen>& all() const { return tickets_; }

  private:
    static constexpr std::size_t kSlotsKept = 256;

    // Where the key is, or belongs: linear probing, keys are hashes already.
    std::size_t find(std::uint64_t key) const {
        const std::size_t mask = slots_.size() - 1;
        std::size_t at = key & mask;
        while (slots_[at] != 0 && tickets_[slots_[at] - 1].key != key) {
            at = (at + 1) & mask;
        }
        return at;
    }

    void grow() {
        slots_.assign(slots_.empty() ? 16 : slots_.size() * 2, 0);
        for (std::size_t i = 0; i < tickets_.size(); ++i) {
            slots_[find(tickets_[i].key)] = static_cast<std::uint32_t>(i + 1);
        }
    }

    std::vector<TicketSeen> tickets_;
    std::vector<std::uint32_t> slots_;  // place in tickets_ + 1; 0: empty; at most half full
};

}  // namespace patron::scoring
