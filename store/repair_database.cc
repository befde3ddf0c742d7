#include "store/repair_database.h"

#include <limits>
#include <utility>

#include "store/audit_row.h"
#include "store/batch_walk.h"
#include "store/folder_tables.h"
#include "store/sqlite_rows.h"
#include "store/table_check.h"

namespace patron::store {
namespace {

constexpr std::int64_t kNoInstant = std::numeric_limits<std::int64_t>::min();

class RepairedDatabase {
  public:
    RepairedDatabase(SqliteDb& from, const RepairPlan& plan) : from_(from), plan_(plan) {}

    Result<RepairDone> run(const std::string& path, const char* vfs, Instant now) {
        auto done = make(path, vfs);
        if (done) {
            done = to_.run("begin immediate");
        }
        using Step = Result<void> (RepairedDatabase::*)();
        for (const Step step :
             {&RepairedDatabase::batches,
              &RepairedDatabase::policies,
              &RepairedDatabase::audit,
              &RepairedDatabase::erasures,
              &RepairedDatabase::answers,
              &RepairedDatabase::head}) {
            if (done) {
                done = (this->*step)();
            }
        }
        if (done) {
            done = tell(now);
        }
        if (done) {
            done = to_.run("commit");
        }
        return done ? Result<RepairDone>(std::move(done_)) : std::unexpected(done.error());
    }

  private:
    Result<void> make(const std::string& path, const char* vfs);
    Result<void> batches();
    Result<void> policies();
    Result<void> audit();
    Result<void> erasures();
    Result<void> answers();
    Result<void> head();
    Result<void> tell(Instant now);

    // Each sound row of the table through `put`, which binds and runs; the others are told.
    template <class Put>
    Result<void> copy(const TableCheck& table, const char* insert, Put put) {
        auto statement = to_.prepare(insert);
        if (!statement) {
            return std::unexpected(statement.error());
        }
        Result<void> done;
        walk_table(
            from_,
            table,
            [&](const SqliteStatement& row) {
                if (done) {
                    done = put(row, *statement);
                }
            },
            [&](const std::string& what) { done_.notices.push_back(what); }
        );
        return done;
    }

    SqliteDb& from_;
    const RepairPlan& plan_;
    SqliteDb to_;
    RepairDone done_;
    std::int64_t last_accepted_at_ = kNoInstant;
};

Result<void> RepairedDatabase::make(const std::string& path, const char* vfs) {
    const auto meta = read_meta(from_);
    if (!meta) {
        return std::unexpected(meta.error());
    }
    auto db = SqliteDb::open(path, SqliteOpen::Write, vfs);
    if (!db) {
        return std::unexpected(db.error());
    }
    to_ = *std::move(db);
    // Without a WAL of its own: one file, whole at the commit.
    auto set = to_.run(
        "pragma page_size=4096; pragma locking_mode=exclusive; pragma journal_mode=delete; "
        "pragma synchronous=full"
    );
    return set ? make_tables(to_, *meta) : set;
}

Result<void> RepairedDatabase::batches() {
    if (plan_.kept.last < plan_.kept.first) {
        return {};
    }
    auto put = to_.prepare("insert into batch values(?1, ?2, ?3, ?4, ?5, ?6, ?7)");
    if (!put) {
        return std::unexpected(put.error());
    }
    std::uint64_t next = plan_.kept.first;
    BatchWalk walk(from_, plan_.kept.first);
    for (WalkedBatch found; next <= plan_.kept.last && walk.next(found);) {
        const StoredBatch& b = found.stored;
        if (found.damage || b.first_seq != next) {
            break;
        }
        const auto done = put->with(
                                 b.first_seq,
                                 b.events,
                                 b.accepted_at.ms,
                                 b.policy_revision,
                                 b.format,
                                 b.crc,
                                 b.bytes
        )
                              .run();
        if (!done) {
            return done;
        }
        next = b.last_seq() + 1;
        last_accepted_at_ = b.accepted_at.ms;
        ++done_.batches;
    }
    if (next != plan_.kept.last + 1) {
        return fail(
            FaultCode::DataDamaged,
            "event " + std::to_string(next) + " could be read when it was checked, not now"
        );
    }
    return {};
}

Result<void> RepairedDatabase::policies() {
    return copy(
        policy_table(),
        "insert into policy values(?1, ?2, ?3, ?4, ?5)",
        [](const SqliteStatement& r, SqliteStatement& put) {
            return put.with(r.number(0), r.bytes(1), r.bytes(2), r.number(3), r.number(4)).run();
        }
    );
}

Result<void> RepairedDatabase::audit() {
    return copy(
        audit_table(),
        "insert into audit values(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        [](const SqliteStatement& r, SqliteStatement& put) {
            return put
                .with(
                    r.number(0),
                    r.number(1),
                    r.number(2),
                    r.bytes(3),
                    r.bytes(4),
                    r.bytes(5),
                    r.bytes(6),
                    r.number(7)
                )
                .run();
        }
    );
}

Result<void> RepairedDatabase::erasures() {
    return copy(
        erasure_table(),
        "insert into erasure values(?1, ?2, ?3, ?4, nullif(?5, ?7), ?6)",
        [this](const SqliteStatement& r, SqliteStatement& put) -> Result<void> {
            if (r.count(0) > plan_.kept.last) {
                return {};
            }
            const std::int64_t purged_at = r.null(4) ? kNoInstant : r.number(4);
            return put
                .with(
                    r.number(0),
                    r.bytes(1),
                    r.number(2),
                    r.number(3),
                    purged_at,
                    r.number(5),
                    kNoInstant
                )
                .run();
        }
    );
}

// An answer says that events are there: it goes with those that are lost.
Result<void> RepairedDatabase::answers() {
    return copy(
        answer_table(),
        "insert into answer values(?1, ?2, ?3, ?4, ?5, ?6)",
        [this](const SqliteStatement& r, SqliteStatement& put) -> Result<void> {
            if (r.number(3) > last_accepted_at_) {
                return {};
            }
            return put
                .with(r.number(0), r.bytes(1), r.bytes(2), r.number(3), r.bytes(4), r.number(5))
                .run();
        }
    );
}

Result<void> RepairedDatabase::head() {
    auto put = to_.prepare("update head set last_seq = ?1, crc = ?2 where one = 1");
    if (!put) {
        return std::unexpected(put.error());
    }
    const std::uint64_t last = plan_.kept.last;
    return put->with(last, last == 0 ? 0 : RowChecksum().add(last).value()).run();
}

Result<void> RepairedDatabase::tell(Instant now) {
    const SeqRange& kept = plan_.kept;
    const std::string what = "kept events " + std::to_string(kept.first) + " to " +
                             std::to_string(kept.last) + " of " + std::to_string(plan_.reached);
    return add_audit(to_, {now, kept.last, "repair", "patron.db", "patron log repair", what});
}

}  // namespace

Result<RepairDone> write_repaired(
    SqliteDb& from, const RepairPlan& plan, const std::string& path, FileSystem& files, Instant now
) {
    return RepairedDatabase(from, plan).run(path, files.sqlite_vfs(), now);
}

}  // namespace patron::store
