#pragma once
// The event ids seen last: an event sent twice within the window counts once.
//
// Shapes     64-bit hashes of (customer, event id) in a ring by order of arrival, and a table of 32-bit
//            slots over it: a place in the ring, how far from its home the slot lies, and as many bits of
//            the id as are left, so that hardly any other id has to be looked up in the ring.
// Range      two different ids of one customer collide with probability 2^-64 each.
// Order      an id is fresh from `insert` to `settle`: until then it can be taken back, and nothing is
//            forgotten for it.
// Bounds     `capacity` ids and the fresh ones; beyond, the oldest is forgotten. Both together are at most
//            kIdsMax, which is checked. Memory grows with what was seen.
// Threads    the partition's task only.

#include <cstddef>
#include <cstdint>
#include <vector>

namespace patron::store {

class DedupeWindow {
  public:
    static constexpr std::size_t kIdsMax = (std::size_t{1} << 27) - 1;

    explicit DedupeWindow(std::size_t capacity);

    bool contains(std::uint64_t id) const;
    // False if it was there already.
    bool insert(std::uint64_t id);
    // Forgets the newest of the fresh.
    void take_back();
    void settle();
    void prefetch(std::uint64_t id) const;

    // All settled ids, oldest first, and a window made of them.
    std::vector<std::uint64_t> ids() const;
    void assign(const std::vector<std::uint64_t>& ids);

    std::size_t size() const { return settled_ + fresh_; }
    std::size_t bytes() const {
        return ring_.capacity() * sizeof(std::uint64_t) + slots_.capacity() * sizeof(Slot);
    }

  private:
    // From the low end: place in the ring + 1 (0: empty), distance from home, bits of the id.
    using Slot = std::uint32_t;
    static constexpr unsigned kDistanceBits = 4;
    static constexpr Slot kFar = (1u << kDistanceBits) - 1;  // so far or farther: the ring tells

    std::size_t home(std::uint64_t id) const { return id & slot_mask_; }
    std::size_t place_in(Slot slot) const { return (slot & place_mask_) - 1; }
    Slot distance_bits(std::size_t distance) const {
        return (distance < kFar ? static_cast<Slot>(distance) : kFar) << place_bits_;
    }
    Slot id_bits(std::uint64_t id) const { return static_cast<Slot>(id >> 32) & id_mask_; }
    std::size_t distance_of(std::size_t at) const;
    std::size_t ring_place(std::size_t nth) const {  // counted from the oldest
        const std::size_t place = oldest_ + nth;
        return place < ring_.size() ? place : place - ring_.size();
    }
    std::size_t newest_place() const { return ring_place(size() - 1); }

    // Its slot, or the empty one where it belongs.
    std::size_t find(std::uint64_t id) const;
    // The slot of what lies at a place of the ring.
    std::size_t slot_of(std::size_t place) const;
    void erase(std::size_t place);
    void make_room();
    void grow_ring();
    void rehash(std::size_t slots);

    std::size_t capacity_;
    std::vector<std::uint64_t> ring_;  // the settled from oldest_ on, then the fresh
    std::size_t oldest_ = 0;
    std::size_t settled_ = 0;
    std::size_t fresh_ = 0;
    std::vector<Slot> slots_;  // open addressing, at most half full
    std::size_t slot_mask_ = 0;
    std::size_t room_ = 0;  // ids that ring and slots hold as they are
    unsigned place_bits_ = 0;
    Slot place_mask_ = 0;
    Slot id_mask_ = 0;
};

}  // namespace patron::store
