#include "store/dedupe_window.h"

namespace patron::store {
namespace {

constexpr std::size_t kSlotsMin = 16;

}  // namespace

std::size_t DedupeWindow::find(std::uint64_t id) const {
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = id & mask;
    while (slots_[at] != 0 && slots_[at] != id) {
        at = (at + 1) & mask;
    }
    return at;
}

bool DedupeWindow::contains(std::uint64_t id) const {
    return !slots_.empty() && slots_[find(stored(id))] != 0;
}

void DedupeWindow::prefetch(std::uint64_t id) const {
    if (!slots_.empty()) {
        __builtin_prefetch(&slots_[stored(id) & (slots_.size() - 1)], 1);
    }
}

bool DedupeWindow::insert(std::uint64_t id) {
    id = stored(id);
    if ((size() + 1) * 2 > slots_.size()) {
        rehash(slots_.empty() ? kSlotsMin : slots_.size() * 2);
    }
    const std::size_t at = find(id);
    if (slots_[at] != 0) {
        return false;
    }
    slots_[at] = id;
    fresh_.push_back(id);
    return true;
}

void DedupeWindow::take_back() {
    erase(fresh_.back());
    fresh_.pop_back();
}

void DedupeWindow::settle() {
    constexpr std::size_t kPrefetchAhead = 8;
    for (const std::uint64_t id : fresh_) {
        if (next_ + kPrefetchAhead < ring_.size() && ring_.size() == capacity_) {
            prefetch(ring_[next_ + kPrefetchAhead]);
        }
        if (ring_.size() < capacity_) {
            ring_.push_back(id);
            continue;
        }
        erase(ring_[next_]);
        ring_[next_] = id;
        next_ = (next_ + 1) % capacity_;
    }
    fresh_.clear();
}

std::vector<std::uint64_t> DedupeWindow::ids() const {
    std::vector<std::uint64_t> out(ring_.begin() + static_cast<std::ptrdiff_t>(next_), ring_.end());
    out.insert(out.end(), ring_.begin(), ring_.begin() + static_cast<std::ptrdiff_t>(next_));
    return out;
}

void DedupeWindow::assign(const std::vector<std::uint64_t>& ids) {
    ring_.clear();
    fresh_.clear();
    next_ = 0;
    slots_.clear();
    for (const std::uint64_t id : ids) {
        insert(id);
    }
    settle();
}

// Removes and closes the gap, so that no marker of the removed stays behind.
void DedupeWindow::erase(std::uint64_t id) {
    const std::size_t mask = slots_.size() - 1;
    std::size_t gap = find(id);
    slots_[gap] = 0;
    for (std::size_t at = (gap + 1) & mask; slots_[at] != 0; at = (at + 1) & mask) {
        const std::size_t home = slots_[at] & mask;
        const bool home_between = ((at - home) & mask) < ((at - gap) & mask);
        if (!home_between) {
            slots_[gap] = slots_[at];
            slots_[at] = 0;
            gap = at;
        }
    }
}

void DedupeWindow::rehash(std::size_t slots) {
    slots_.assign(slots, 0);
    for (const auto* ids : {&ring_, &fresh_}) {
        for (const std::uint64_t id : *ids) {
            slots_[find(id)] = id;
        }
    }
}

}  // namespace patron::store
