#include "store/key_index.h"

#include <bit>
#include <new>

#include <sys/mman.h>

#include "scoring/check.h"
#include "store/big_memory.h"

namespace patron::store {
namespace {

constexpr std::size_t kSlotsMin = 16;
constexpr std::size_t kPopulatedBytes = 65'536;

}  // namespace

KeyIndex::Table* KeyIndex::make_table(std::size_t slots) {
    const std::size_t bytes = sizeof(Table) + slots * sizeof(Slot);
    void* memory = map_big_memory(bytes);
    if (bytes >= kPopulatedBytes) {
        // Its slots will be touched at random, each page by a read first: two faults instead of none.
        madvise(memory, bytes, MADV_POPULATE_WRITE);
    }
    return new (memory) Table{slots - 1, bytes};
}

KeyIndex::KeyIndex() : table_(make_table(kSlotsMin)) {}

KeyIndex::~KeyIndex() {
    retired_.push_back(table_.load(std::memory_order_relaxed));
    for (Table* table : retired_) {
        unmap_big_memory(table, table->bytes);
    }
}

Row KeyIndex::guess(std::uint32_t hash) const {
    const Table* table = table_.load(std::memory_order_acquire);
    for (std::uint64_t at = hash & table->mask;; at = (at + 1) & table->mask) {
        const std::uint64_t slot = table->slots()[at].load(std::memory_order_relaxed);
        if (slot == 0) {
            return kNoRow;
        }
        if (slot >> 32 == hash && static_cast<std::uint32_t>(slot) >= kFirstRow) {
            return static_cast<std::uint32_t>(slot) - kFirstRow;
        }
    }
}

void KeyIndex::prefetch(std::uint32_t hash) const {
    const Table* table = table_.load(std::memory_order_acquire);
    __builtin_prefetch(&table->slots()[hash & table->mask]);
}

void KeyIndex::put(Table& table, std::uint64_t entry) {
    std::uint64_t at = (entry >> 32) & table.mask;
    while (table.slots()[at].load(std::memory_order_relaxed) != 0) {
        at = (at + 1) & table.mask;
    }
    table.slots()[at].store(entry, std::memory_order_release);
}

void KeyIndex::insert(std::uint32_t hash, Row row) {
    const Table* table = table_.load(std::memory_order_relaxed);
    if ((used_ + 1) * 10 > (table->mask + 1) * 7) {
        grow();
    }
    put(*table_.load(std::memory_order_relaxed), entry(hash, row));
    ++live_;
    ++used_;
}

void KeyIndex::remove(std::uint32_t hash, Row row) {
    Table* table = table_.load(std::memory_order_relaxed);
    for (std::uint64_t at = hash & table->mask;; at = (at + 1) & table->mask) {
        const std::uint64_t slot = table->slots()[at].load(std::memory_order_relaxed);
        PATRON_CHECK(slot != 0);
        if (slot == entry(hash, row)) {
            table->slots()[at].store(kRemoved, std::memory_order_release);
            --live_;
            return;
        }
    }
}

void KeyIndex::reserve(std::size_t rows) {
    const std::size_t slots = table_.load(std::memory_order_relaxed)->mask + 1;
    const std::size_t wanted = std::bit_ceil(rows * 10 / 7 + 1);
    if (wanted > slots) {
        move_to(wanted);
    }
}

void KeyIndex::grow() {
    const std::size_t slots = table_.load(std::memory_order_relaxed)->mask + 1;
    // Many removed entries: the same size will do.
    move_to(live_ * 10 > slots * 3 ? slots * 2 : slots);
}

void KeyIndex::move_to(std::size_t slots) {
    Table* old = table_.load(std::memory_order_relaxed);
    Table* fresh = make_table(slots);
    for (std::size_t i = 0; i <= old->mask; ++i) {
        const std::uint64_t slot = old->slots()[i].load(std::memory_order_relaxed);
        if (static_cast<std::uint32_t>(slot) >= kFirstRow) {
            put(*fresh, slot);
        }
    }
    used_ = live_;
    table_.store(fresh, std::memory_order_release);
    retired_.push_back(old);
    // The first page holds the mask that a reader in there still needs.
    constexpr std::size_t kPage = 4096;
    if (old->bytes > kPage) {
        const std::size_t whole = (old->bytes + kPage - 1) / kPage * kPage;
        madvise(reinterpret_cast<char*>(old) + kPage, whole - kPage, MADV_DONTNEED);
    }
}

std::size_t KeyIndex::bytes() const {
    return table_.load(std::memory_order_relaxed)->bytes;
}

}  // namespace patron::store
