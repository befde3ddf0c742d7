#pragma once
// Every batch of a log that can be read at all, sound or damaged, in order.
//
// Shapes     a step is a row, with its events if they are sound, or a stretch of the file that SQLite
//            cannot read. What lies behind the first such stretch is found from the log's other end;
//            stretches between two unreadable ones are lost to it.
// Errors     none: damage is what is being looked for.
// Threads    the connection's.

#include <cstdint>
#include <optional>

#include "store/event_codec.h"
#include "store/event_log.h"
#include "store/sqlite_db.h"

namespace patron::store {

struct WalkedBatch {
    bool row = true;  // false: an unreadable stretch behind the row before
    StoredBatch stored;
    StoredEvents events;          // of a row without damage
    std::optional<Fault> damage;  // always set of a stretch
};

class BatchWalk {
  public:
    // From the batch that holds `seq`, or the next one, on.
    explicit BatchWalk(SqliteDb& db, std::uint64_t seq = 0);

    // False behind the last.
    bool next(WalkedBatch& out);

  private:
    bool stretch(WalkedBatch& out, Fault fault);
    void read_row(WalkedBatch& out);

    SqliteDb& db_;
    std::optional<SqliteStatement> rows_;
    std::optional<Fault> fault_;  // of preparing
    std::int64_t at_ = 0;         // first_seq to look from
    bool jumped_ = false;
    bool ended_ = false;
};

}  // namespace patron::store
