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

LedgerEntry* new_entries(std::size_t count) {
    auto* entries = static_cast<LedgerEntry*>(take_big_memory(count * sizeof(LedgerEntry)));
    std::uninitialized_default_construct_n(entries, count);
    return entries;
}

}  // namespace

void LedgerPool::GiveBack::operator()(LedgerEntry* block) const {
    give_back_big_memory(block, entries * sizeof(LedgerEntry));
}

// Capacities 1, 2, 3, 4, 6, 8, 12, 16, 24, ...: at most a third is unused, a quarter on average.
std::uint32_t LedgerPool::capacity_of(std::size_t size_class) {
    if (size_class < 2) {
        return static_cast<std::uint32_t>(size_class + 1);
    }
    const std::uint32_t power = 1u << (size_class / 2);
    return size_class % 2 == 0 ? power + power / 2 : 2 * power;
}

std::size_t LedgerPool::class_of(std::uint32_t size) {
    if (size <= 2) {
        return size - 1;
    }
    // 3 -> 2, 4 -> 3, 6 -> 4, 8 -> 5, 12 -> 6, ...
    const auto bits = static_cast<std::size_t>(std::bit_width(size - 1) - 1);
    const std::uint32_t power = 1u << bits;
    return size <= power + power / 2 ? 2 * bits : 2 * bits + 1;
}

std::uint32_t LedgerPool::add_slabs(std::uint32_t count) {
    const auto first = static_cast<std::uint32_t>(slabs_.size());
    PATRON_CHECK(first + count < ~std::uint32_t{0} / kSlabEntries);
    const std::size_t entries = std::size_t{count} * kSlabEntries;
    blocks_.push_back(Block(new_entries(entries), {entries}));
    for (std::uint32_t i = 0; i < count; ++i) {
        slabs_.push_back(blocks_.back().get() + std::size_t{i} * kSlabEntries);
    }
    return first * kSlabEntries;
}

std::uint32_t LedgerPool::allocate(std::size_t size_class) {
    run_room_ += capacity_of(size_class);
    if (size_class < free_.size() && !free_[size_class].empty()) {
        const std::uint32_t at = free_[size_class].back();
        free_[size_class].pop_back();
        return at;
    }
    const std::uint32_t capacity = capacity_of(size_class);
    if (capacity > kSlabEntries / 4) {
        return add_slabs((capacity + kSlabEntries - 1) / kSlabEntries);
    }
    if (next_ + capacity > room_end_) {
        next_ = add_slabs(1);
        room_end_ = next_ + kSlabEntries;
    }
    const std::uint32_t at = next_;
    next_ += capacity;
    return at;
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
        if (free_.size() <= size_class) {
            free_.resize(size_class + 1);
        }
        free_[size_class].push_back(ref.at);
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
