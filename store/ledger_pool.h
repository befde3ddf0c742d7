#pragma once
// The ledgers of one partition's customers: sorted runs of 24-byte entries, packed by size class.
//
// Shapes     a LedgerRef names a run; its capacity follows from its size, so it is stored nowhere.
// Bounds     2^32 - 1 entries of room a partition; a customer's bound is limits.h's.
// Owns       slabs that never move; a run that grows moves to a larger class and frees its old room for
//            the next of that size. Room left over between two runs is freed for smaller ones.
// Threads    the partition's task only.
// Cost       append at the end: amortised constant; an earlier entry moves those behind it.

#include <cstdint>
#include <memory>
#include <vector>

#include "scoring/ledger.h"

namespace patron::store {

struct LedgerRef {
    std::uint32_t at = 0;
    std::uint32_t size = 0;
};

class LedgerPool {
  public:
    scoring::Ledger view(LedgerRef ref) const { return {entries(ref.at), ref.size}; }
    void insert(LedgerRef& ref, const scoring::LedgerEntry& entry);
    void release(LedgerRef& ref);
    // Room in one piece, before runs are added that need so many entries in all.
    void reserve(std::uint64_t entries);
    // A copy of a whole ledger, as one run of the smallest class that holds it.
    LedgerRef add(scoring::Ledger ledger);
    void prefetch(LedgerRef ref) const;

    std::uint64_t size() const { return size_; }
    // The capacities of all runs: what they need when they are packed anew.
    std::uint64_t run_room() const { return run_room_; }
    // Room that no run uses: what packing the runs anew into another pool would save.
    std::uint64_t unused() const { return slabs_.size() * kSlabEntries - run_room_; }
    std::size_t bytes() const;

  private:
    static constexpr std::uint32_t kSlabEntries = 4096;

    static std::size_t class_of(std::uint32_t size);
    static std::uint32_t capacity_of(std::size_t size_class);

    scoring::LedgerEntry* entries(std::uint32_t at) const {
        return slabs_.empty() ? nullptr : slabs_[at / kSlabEntries] + at % kSlabEntries;
    }
    std::uint32_t allocate(std::size_t size_class);
    void open_room(std::uint64_t entries);
    void shelve(std::size_t size_class, std::uint32_t at);
    std::uint32_t add_slabs(std::uint32_t count);

    struct GiveBack {
        std::size_t entries = 0;
        void operator()(scoring::LedgerEntry* block) const;
    };
    using Block = std::unique_ptr<scoring::LedgerEntry, GiveBack>;

    std::vector<Block> blocks_;
    std::vector<scoring::LedgerEntry*> slabs_;
    std::vector<std::vector<std::uint32_t>> free_;  // by size class
    std::uint32_t next_ = 0;                        // unused room in the newest slabs
    std::uint32_t room_end_ = 0;
    std::uint64_t size_ = 0;
    std::uint64_t run_room_ = 0;
};

}  // namespace patron::store
