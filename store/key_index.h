#pragma once
// From a customer's hash to its row: open addressing, read without waiting while its one writer works.
//
// Shapes     slots of 8 bytes: 32 bits of hash, row + 2; 0 is empty, 1 a removed entry.
// Order      a slot is stored (release) after its row was published; growing builds a new table and
//            swaps the pointer.
// Bounds     at most 70 % of the slots are used.
// Owns       retired tables give their memory back at once but stay mapped: a reader still in one sees
//            empty slots, finds nothing, notices the swap and looks again.
// Threads    one writer; any number of readers.
// Cost       one cache miss for the slot; the caller's check of the row is the next.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace patron::store {

using Row = std::uint32_t;

class KeyIndex {
  public:
    KeyIndex();
    ~KeyIndex();
    KeyIndex(const KeyIndex&) = delete;
    KeyIndex& operator=(const KeyIndex&) = delete;

    // The row whose hash agrees and for which `is_it(row)` says yes.
    template <class IsIt>
    std::optional<Row> find(std::uint32_t hash, IsIt is_it) const;

    // The row that a lookup would try first, to prefetch it; kNoRow for none. May be wrong.
    static constexpr Row kNoRow = ~Row{0};
    Row guess(std::uint32_t hash) const;
    void prefetch(std::uint32_t hash) const;

    // Writer only.
    void insert(std::uint32_t hash, Row row);
    void remove(std::uint32_t hash, Row row);
    // Room for so many in all, before many come.
    void reserve(std::size_t rows);
    std::size_t bytes() const;

  private:
    using Slot = std::atomic<std::uint64_t>;
    struct Table {
        std::uint64_t mask;
        std::size_t bytes;
        Slot* slots() { return reinterpret_cast<Slot*>(this + 1); }
        const Slot* slots() const { return reinterpret_cast<const Slot*>(this + 1); }
    };
    static constexpr std::uint64_t kRemoved = 1;
    static constexpr std::uint32_t kFirstRow = 2;

    static std::uint64_t entry(std::uint32_t hash, Row row) {
        return (std::uint64_t{hash} << 32) | (row + kFirstRow);
    }
    static Table* make_table(std::size_t slots);
    static void put(Table& table, std::uint64_t entry);
    void grow();
    void move_to(std::size_t slots);

    std::atomic<Table*> table_;
    std::vector<Table*> retired_;
    std::size_t live_ = 0;
    std::size_t used_ = 0;  // live and removed
};

template <class IsIt>
std::optional<Row> KeyIndex::find(std::uint32_t hash, IsIt is_it) const {
    for (;;) {
        const Table* table = table_.load(std::memory_order_acquire);
        for (std::uint64_t at = hash & table->mask;; at = (at + 1) & table->mask) {
            const std::uint64_t slot = table->slots()[at].load(std::memory_order_acquire);
            if (slot == 0) {
                break;
            }
            const auto row = static_cast<std::uint32_t>(slot);
            if (slot >> 32 == hash && row >= kFirstRow && is_it(row - kFirstRow)) {
                return row - kFirstRow;
            }
        }
        if (table == table_.load(std::memory_order_acquire)) {
            return std::nullopt;
        }
    }
}

}  // namespace patron::store
