#pragma once
// The columns of a customer, declared once: storage, accounting and documentation follow this table.
//
// Shapes     chunks of kChunkRows rows whose addresses never move; inside a chunk the published records,
//            then the other columns row by row: an event needs all of its customer's, so they share two
//            cache lines instead of touching six.
// Owns       the chunks; rows are never given back, an erased row is used again.
// Threads    columns belong to the partition's task; `records` is what readers share (published_record.h)
//            and the chunk directory is read without a lock.
// Bounds     kChunksMax chunks a partition.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "scoring/facts.h"
#include "scoring/state.h"
#include "store/key_index.h"
#include "store/last_told.h"
#include "store/ledger_pool.h"
#include "store/published_record.h"

#ifndef PATRON_COLUMN_CHUNK_ROWS
#define PATRON_COLUMN_CHUNK_ROWS 1024
#endif

// X(name, type, meaning)
#define PATRON_CUSTOMER_COLUMNS(X)                                                              \
    X(log_state, scoring::State, "state after the newest event, settled at its instant")        \
    X(ledger, LedgerRef, "orders, refunds, tickets, surveys, ...: where they are in the pool")  \
    X(activity, scoring::Activity, "decayed count of visits")                                   \
    X(attributes, std::uint32_t, "profile and override: place in the attribute table, or none") \
    X(spend_longest, Money, "net spend in the longest window, as of the published standing")    \
    X(said, LastTold, "what listeners were told last")

namespace patron::store {

using scoring::Money;

inline constexpr std::size_t kChunkRows = PATRON_COLUMN_CHUNK_ROWS;
inline constexpr std::size_t kChunksMax = 65'536;
inline constexpr std::uint32_t kNoAttributes = ~std::uint32_t{0};

struct ColumnInfo {
    std::string_view name;
    std::size_t bytes;
    std::string_view meaning;
};

inline constexpr ColumnInfo kCustomerColumns[] = {
#define PATRON_COLUMN(name, type, meaning) {#name, sizeof(type), meaning},
    PATRON_CUSTOMER_COLUMNS(PATRON_COLUMN)
#undef PATRON_COLUMN
};

class CustomerColumns {
  public:
    CustomerColumns();

    // Writer only. nullopt at the bound.
    std::optional<Row> add_row();
    std::size_t rows() const { return rows_; }
    std::size_t bytes() const;

#define PATRON_COLUMN(name, type, meaning)                                 \
    type& name(Row row) { return chunk(row).kept[row % kChunkRows].name; } \
    const type& name(Row row) const { return chunk(row).kept[row % kChunkRows].name; }
    PATRON_CUSTOMER_COLUMNS(PATRON_COLUMN)
#undef PATRON_COLUMN

    // Any thread, for rows that the index has shown.
    const PublishedRecord& record(Row row) const { return chunk(row).record[row % kChunkRows]; }
    PublishedRecord& record(Row row) { return chunk(row).record[row % kChunkRows]; }

    void prefetch(Row row) const;

  private:
    struct Kept {
#define PATRON_COLUMN(name, type, meaning) type name;
        PATRON_CUSTOMER_COLUMNS(PATRON_COLUMN)
#undef PATRON_COLUMN
    };
    struct Chunk {
        alignas(64) PublishedRecord record[kChunkRows];
        alignas(64) Kept kept[kChunkRows];
    };

    Chunk& chunk(Row row) const {
        return *directory_[row / kChunkRows].load(std::memory_order_acquire);
    }

    struct Unmap {
        void operator()(std::atomic<Chunk*>* directory) const;
    };
    // Reserved whole, so that it never moves under a reader; untouched pages cost nothing.
    std::unique_ptr<std::atomic<Chunk*>[], Unmap> directory_;
    std::size_t rows_ = 0;
};

}  // namespace patron::store
