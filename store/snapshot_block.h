#pragma once
// Rows of one partition as columns of bytes: the piece a snapshot is made of (SNAPSHOT_FORMAT.md).
//
// Shapes     columns id, log_state, activity, ledger sizes, ledger entries, attributes; every column
//            with its CRC32C and length in front. Standings are not kept: they follow from these.
// Errors     DataDamaged, naming the column, for bytes that no builder wrote.
// Bounds     a block is full with kSnapshotBlockRowsMax rows, or with kSnapshotBlockBytesFull bytes of
//            ledgers and attributes, which its last customer may exceed.
// Threads    values.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "scoring/facts.h"
#include "scoring/state.h"
#include "store/attributes.h"
#include "store/result.h"

namespace patron::store {

inline constexpr std::uint32_t kSnapshotFormat = 1;
inline constexpr std::size_t kSnapshotBlockRowsMax = 4096;
inline constexpr std::size_t kSnapshotBlockBytesFull = std::size_t{4} << 20;

// One customer on the way into a snapshot or out of it; views end with the call.
struct SavedCustomer {
    std::string_view id;
    scoring::State log_state;
    scoring::Activity activity;
    scoring::Ledger ledger;
    const CustomerAttributes* attributes = nullptr;  // absent: none known
};

class SnapshotBlock {
  public:
    explicit SnapshotBlock(std::uint32_t partition) : partition_(partition) {}

    // Not to a full one.
    void add(const SavedCustomer& customer);
    std::uint32_t partition() const { return partition_; }
    std::size_t rows() const { return rows_; }
    std::uint64_t entries() const { return entries_.size() / sizeof(scoring::LedgerEntry); }
    bool full() const {
        return rows_ == kSnapshotBlockRowsMax ||
               entries_.size() + attributes_.size() >= kSnapshotBlockBytesFull;
    }
    // The block as it stands in the file, behind what `out` holds. Of a multiple of 8 bytes.
    void append_to(std::string& out) const;
    std::string bytes() const;

  private:
    std::uint32_t partition_;
    std::uint32_t rows_ = 0;
    std::string ids_;
    std::string states_;
    std::string activities_;
    std::string sizes_;
    std::string entries_;
    std::string attributes_;
};

// Calls `visit` for every customer of the block, all of it checked before the first call. Ledgers are
// views into `bytes` if these begin at a multiple of 8, else copies.
Result<void> read_snapshot_block(
    std::string_view bytes,
    std::uint32_t partition,
    const std::function<void(const SavedCustomer&)>& visit
);

}  // namespace patron::store
