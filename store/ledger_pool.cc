#include "store/ledger_pool.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <memory>

#include "scoring/check.h"
#include "store/big_memory.h"

namespace patron::store {

using scoring::LedgerEntry;

namespace {

constexpr std::uint32_t kSmallClasses = 8;

LedgerEntry* new_entries(std::size_t count) {
    auto* entries = static_cast<LedgerEntry*>(take_passing_memory(count * sizeof(LedgerEntry)));
    std::uninitialized_default_construct_n(entries, count);
    return entries;
}

}  // namespace

void LedgerPool::GiveBack::operator()(LedgerEntry* block) const {
    give_back_passing_memory(block, entries * sizeof(LedgerEntry));
}

// Capacities 1 to 8 by one, as most customers have few entries; then 12, 16, 24, 32, 48, ...: at most a
// third is unused, a quarter on average.
std::uint32_t LedgerPool::capacity_of(std::size_t size_class) {
    if (size_class < kSmallClasses) {
        return static_cast<std::uint32_t>(size_class + 1);
    }
    // Two for each power of two from 8 on.
    const std::size_t beyond = size_class - kSmallClasses;
    const std::uint32_t power = kSmallClasses << (beyond / 2);
    return beyond % 2 == 0 ? power + power / 2 : 2 * power;
}

std::size_t LedgerPool::class_of(std::uint32_t size) {
    if (size <= kSmallClasses) {
        return size - 1;
    }
    const auto bits = static_cast<std::size_t>(std::bit_width((size - 1) / kSmallClasses) - 1);
    const std::uint32_t power = kSmallClasses << bits;
    return kSmallClasses + 2 * bits + (size > power + power / 2 ? 1 : 0);
}

std::uint32_t LedgerPool::add_slabs(std::uint32_t count) {
    const auto first = static_cast<std::uint32_t>(slabs_.size());
    const std::size_t entries = std::size_t{count} * kSlabEntries;
    blocks_.push_back(Block(new_entries(entries), {entries}));
    for (std::uint32_t i = 0; i < count; ++i) {
        slabs_.push_back(blocks_.back().get() + std::size_t{i} * kSlabEntries);
    }
    return first * kSlabEntries;
}

std::uint32_t LedgerPool::allocate(std::size_t size_class) {
    const std::uint32_t capacity = capacity_of(size_class);
    run_room_ += capacity;
    if (size_class < free_.size() && !free_[size_class].empty()) {
        const std::uint32_t at = free_[size_class].back();
        free_[size_class].pop_back();
        return at;
    }
    if (capacity > room_end_ - next_) {
        open_room(capacity);
    }
    const std::uint32_t at = next_;
    next_ += capacity;
    return at;
}

// In one piece; what is left of the old room goes to runs that are small enough.
void LedgerPool::open_room(std::uint64_t entries) {
    while (next_ < room_end_) {
        const std::uint32_t rest = room_end_ - next_;
        std::size_t size_class = class_of(rest);
        if (capacity_of(size_class) > rest) {
            --size_class;
        }
        shelve(size_class, next_);
        next_ += capacity_of(size_class);
    }
    const std::uint64_t count = (entries + kSlabEntries - 1) / kSlabEntries;
    PATRON_CHECK(slabs_.size() + count < ~std::uint32_t{0} / kSlabEntries);
    next_ = add_slabs(static_cast<std::uint32_t>(count));
    room_end_ = next_ + static_cast<std::uint32_t>(count) * kSlabEntries;
}

void LedgerPool::reserve(std::uint64_t entries) {
    if (entries > room_end_ - next_) {
        open_room(entries);
    }
}

void LedgerPool::shelve(std::size_t size_class, std::uint32_t at) {
    if (free_.size() <= size_class) {
        free_.resize(size_class + 1);
    }
    free_[size_class].push_back(at);
}

void LedgerPool::insert(LedgerRef& ref, const LedgerEntry& entry) {
    const bool full = ref.size == 0 || ref.size == capacity_of(class_of(ref.size));
    if (full) {
        const LedgerRef old = ref;
        ref.at = allocate(class_of(old.size + 1));
        if (old.size > 0) {
            std::memcpy(entries(ref.at), entries(old.at), old.size * sizeof(LedgerEntry));
            LedgerRef freed = old;
            release(freed);
            size_ += old.size;
        }
    }
    LedgerEntry* const first = entries(ref.at);
    LedgerEntry* place = first + ref.size;
    while (place > first && entry < place[-1]) {
        *place = place[-1];
        --place;
    }
    *place = entry;
    ++ref.size;
    ++size_;
}

void LedgerPool::release(LedgerRef& ref) {
    if (ref.size > 0) {
        const std::size_t size_class = class_of(ref.size);
        shelve(size_class, ref.at);
        run_room_ -= capacity_of(size_class);
        std::fill_n(entries(ref.at), ref.size, LedgerEntry{});  // what was erased is gone
        size_ -= ref.size;
    }
    ref = {};
}

LedgerRef LedgerPool::add(scoring::Ledger ledger) {
    if (ledger.empty()) {
        return {};
    }
    const auto size = static_cast<std::uint32_t>(ledger.size());
    const LedgerRef ref{allocate(class_of(size)), size};
    std::copy(ledger.begin(), ledger.end(), entries(ref.at));
    size_ += size;
    return ref;
}

void LedgerPool::prefetch(LedgerRef ref) const {
    if (ref.size > 0) {
        const char* first = reinterpret_cast<const char*>(entries(ref.at));
        __builtin_prefetch(first, 1);
        __builtin_prefetch(first + (ref.size - 1) * sizeof(LedgerEntry), 1);
    }
}

std::size_t LedgerPool::bytes() const {
    std::size_t listed = 0;
    for (const auto& list : free_) {
        listed += list.capacity() * sizeof(std::uint32_t);
    }
    return slabs_.size() * kSlabEntries * sizeof(LedgerEntry) + listed;
}

}  // namespace patron::store
