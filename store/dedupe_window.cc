#include "store/dedupe_window.h"

#include <algorithm>
#include <bit>

#include "scoring/check.h"

namespace patron::store {
namespace {

constexpr std::size_t kSlotsMin = 16;
// Room for fresh ids beside a full window, as a share of it.
constexpr std::size_t kFreshShare = 32;

}  // namespace

DedupeWindow::DedupeWindow(std::size_t capacity) : capacity_(capacity) {
    PATRON_CHECK(capacity >= 1 && capacity <= kIdsMax);
}

std::size_t DedupeWindow::find(std::uint64_t id) const {
    const Slot wanted = id_bits(id);
    std::size_t at = home(id);
    for (; slots_[at] != 0; at = (at + 1) & slot_mask_) {
        if ((slots_[at] & id_mask_) == wanted && ring_[place_in(slots_[at])] == id) {
            break;
        }
    }
    return at;
}

std::size_t DedupeWindow::slot_of(std::size_t place) const {
    const Slot wanted = static_cast<Slot>(place + 1);
    std::size_t at = home(ring_[place]);
    while ((slots_[at] & place_mask_) != wanted) {
        at = (at + 1) & slot_mask_;
    }
    return at;
}

std::size_t DedupeWindow::distance_of(std::size_t at) const {
    const Slot slot = slots_[at];
    const Slot shown = slot >> place_bits_ & kFar;
    if (shown < kFar) [[likely]] {
        return shown;
    }
    return (at - home(ring_[place_in(slot)])) & slot_mask_;
}

bool DedupeWindow::contains(std::uint64_t id) const {
    return !slots_.empty() && slots_[find(id)] != 0;
}

void DedupeWindow::prefetch(std::uint64_t id) const {
    if (!slots_.empty()) {
        __builtin_prefetch(&slots_[home(id)], 1);
    }
}

bool DedupeWindow::insert(std::uint64_t id) {
    if (size() == room_) {
        make_room();
    }
    const std::size_t at = find(id);
    if (slots_[at] != 0) {
        return false;
    }
    const std::size_t place = ring_place(size());
    const std::size_t distance = (at - home(id)) & slot_mask_;
    slots_[at] = id_bits(id) | distance_bits(distance) | static_cast<Slot>(place + 1);
    ring_[place] = id;
    ++fresh_;
    return true;
}

void DedupeWindow::take_back() {
    erase(newest_place());
    --fresh_;
}

void DedupeWindow::settle() {
    constexpr std::size_t kPrefetchAhead = 8;
    settled_ += fresh_;
    fresh_ = 0;
    for (; settled_ > capacity_; --settled_) {
        prefetch(ring_[ring_place(std::min(kPrefetchAhead, settled_ - 1))]);
        erase(oldest_);
        oldest_ = ring_place(1);
    }
}

std::vector<std::uint64_t> DedupeWindow::ids() const {
    std::vector<std::uint64_t> out(settled_);
    for (std::size_t i = 0; i < settled_; ++i) {
        out[i] = ring_[ring_place(i)];
    }
    return out;
}

void DedupeWindow::assign(const std::vector<std::uint64_t>& ids) {
    *this = DedupeWindow(capacity_);
    for (const std::uint64_t id : ids) {
        insert(id);
    }
    settle();
}

// Removes and closes the gap, so that no marker of the removed stays behind.
void DedupeWindow::erase(std::size_t place) {
    std::size_t gap = slot_of(place);
    slots_[gap] = 0;
    for (std::size_t at = (gap + 1) & slot_mask_; slots_[at] != 0; at = (at + 1) & slot_mask_) {
        const std::size_t distance = distance_of(at);
        const std::size_t nearer = (at - gap) & slot_mask_;
        if (distance >= nearer) {
            const Slot kept = slots_[at] & (id_mask_ | place_mask_);
            slots_[gap] = kept | distance_bits(distance - nearer);
            slots_[at] = 0;
            gap = at;
        }
    }
}

void DedupeWindow::make_room() {
    if (size() == ring_.size()) {
        grow_ring();
    }
    if ((size() + 1) * 2 > slots_.size()) {
        rehash(slots_.empty() ? kSlotsMin : slots_.size() * 2);
    }
    room_ = std::min(ring_.size(), slots_.size() / 2);
}

// Laid out anew, the oldest first. Once the window is full only the fresh need more room.
void DedupeWindow::grow_ring() {
    const std::size_t size = ring_.size();
    const std::size_t full = capacity_ + capacity_ / kFreshShare + kSlotsMin;
    const std::size_t larger =
        size < full ? std::min(std::max(2 * size, kSlotsMin), full) : size + size / 8;
    PATRON_CHECK(size < kIdsMax);
    std::vector<std::uint64_t> ring(std::min(larger, kIdsMax));
    for (std::size_t i = 0; i < size; ++i) {
        ring[i] = ring_[ring_place(i)];
    }
    ring_ = std::move(ring);
    oldest_ = 0;
    place_bits_ = static_cast<unsigned>(std::bit_width(ring_.size()));
    place_mask_ = (Slot{1} << place_bits_) - 1;
    id_mask_ = static_cast<Slot>(~std::uint64_t{0} << (place_bits_ + kDistanceBits));
    rehash(slots_.size());
}

void DedupeWindow::rehash(std::size_t slots) {
    slots_ = std::vector<Slot>(slots);
    slot_mask_ = slots - 1;
    for (std::size_t i = 0; i < size(); ++i) {
        const std::size_t place = ring_place(i);
        const std::uint64_t id = ring_[place];
        std::size_t at = home(id);
        std::size_t distance = 0;
        for (; slots_[at] != 0; at = (at + 1) & slot_mask_) {
            ++distance;
        }
        slots_[at] = id_bits(id) | distance_bits(distance) | static_cast<Slot>(place + 1);
    }
}

}  // namespace patron::store
