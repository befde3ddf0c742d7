#pragma once
// The event ids seen last: an event sent twice within the window counts once.
//
// Shapes     64-bit hashes of (customer, event id) in order of arrival, and a set over them.
// Range      two different ids of one customer collide with probability 2^-64 each.
// Order      an id is fresh from `insert` to `settle`: until then it can be taken back, and nothing is
//            forgotten for it.
// Bounds     `capacity` ids and the fresh ones; beyond, the oldest is forgotten. Memory grows with what
//            was seen.
// Threads    the partition's task only.

#include <cstddef>
#include <cstdint>
#include <vector>

namespace patron::store {

class DedupeWindow {
  public:
    explicit DedupeWindow(std::size_t capacity) : capacity_(capacity) {}

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

    std::size_t size() const { return ring_.size() + fresh_.size(); }
    std::size_t bytes() const {
        return (ring_.capacity() + fresh_.capacity() + slots_.size()) * sizeof(std::uint64_t);
    }

  private:
    static std::uint64_t stored(std::uint64_t id) {
        return id == 0 ? 1 : id;
    }  // 0 marks an empty slot
    std::size_t find(std::uint64_t id) const;  // its slot, or the empty one where it belongs
    void erase(std::uint64_t id);
    void rehash(std::size_t slots);

    std::size_t capacity_;
    std::vector<std::uint64_t> ring_;  // oldest at next_ once full
    std::size_t next_ = 0;
    std::vector<std::uint64_t> fresh_;
    std::vector<std::uint64_t> slots_;  // open addressing, at most half full
};

}  // namespace patron::store
