#include "store/sqlite_log.h"

#include <algorithm>

#include "scoring/check.h"
#include "store/event_codec.h"
#include "store/folder_tables.h"
#include "store/sqlite_copy.h"
#include "store/sqlite_rows.h"
#include "store/told_mark.h"

namespace patron::store {
namespace {

constexpr std::chrono::milliseconds kRetryWhenFull{1000};
constexpr int kIdleCheckpointPages = 64;
constexpr std::chrono::milliseconds kIdleBefore{100};
constexpr std::uint64_t kForgetAnswersEvery = 1024;

}  // namespace

const char* SqliteLog::schema() {
    return R"(
create table batch(first_seq integer primary key, events integer not null,
  accepted_at integer not null, policy integer not null, format integer not null,
  crc integer not null, body blob not null);
create table head(one integer primary key check(one = 1), last_seq integer not null,
  crc integer not null);
insert into head values(1, 0, 0);
create table answer(number integer primary key, key blob not null, fingerprint blob not null,
  at integer not null, answer blob not null, crc integer not null);
create table erasure(seq integer primary key, customer blob not null,
  customer_hash integer not null, at integer not null, purged_at integer, crc integer not null);
create table audit(number integer primary key, at integer not null, seq integer not null,
  kind blob not null, subject blob not null, by blob not null, detail blob not null,
  crc integer not null);
)";
}

SqliteLog::SqliteLog(SqliteDb db, const SqliteLogOptions& options)
    : options_(options), db_(std::move(db)) {}

// What closing carries over must not lie behind the head.
SqliteLog::~SqliteLog() {
    if (!failed_ && status_.last_seq > head_) {
        (void)write_head();  // without it the file is as good as after a crash
    }
}

Result<std::unique_ptr<SqliteLog>> SqliteLog::open(SqliteDb db, const SqliteLogOptions& options) {
    std::unique_ptr<SqliteLog> log(new SqliteLog(std::move(db), options));
    for (const auto step :
         {&SqliteLog::prepare,
          &SqliteLog::read_ends,
          &SqliteLog::read_erasures,
          &SqliteLog::read_told}) {
        if (const auto done = ((*log).*step)(); !done) {
            return std::unexpected(done.error());
        }
    }
    return log;
}

Result<void> SqliteLog::prepare() {
    const std::pair<SqliteStatement*, const char*> wanted[] = {
        {&sql_.begin, "begin immediate"},
        {&sql_.commit, "commit"},
        {&sql_.rollback, "rollback"},
        {&sql_.add_batch, "insert into batch values(?1, ?2, ?3, ?4, ?5, ?6, ?7)"},
        {&sql_.add_answer,
         "insert into answer(key, fingerprint, at, answer, crc) values(?1, ?2, ?3, ?4, ?5)"},
        {&sql_.add_audit,
         "insert into audit(at, seq, kind, subject, by, detail, crc) "
         "values(?1, ?2, ?3, ?4, ?5, ?6, ?7)"},
        {&sql_.add_erasure,
         "insert into erasure(seq, customer, customer_hash, at, crc) values(?1, ?2, ?3, ?4, ?5)"},
        {&sql_.head, "update head set last_seq = ?1, crc = ?2 where one = 1"},
        {&sql_.replace, "update batch set format = ?2, crc = ?3, body = ?4 where first_seq = ?1"},
        {&sql_.forget,
         "delete from batch where first_seq in (select first_seq from batch "
         "where first_seq + events <= ?1 and first_seq < (select max(first_seq) from batch) "
         "order by first_seq limit 64)"},
        {&sql_.told, "insert or replace into meta values(?1, ?2)"},
        {&sql_.old_answers,
         "delete from answer where number <= (select max(number) from answer) - ?1"},
    };
    for (const auto& [statement, text] : wanted) {
        auto prepared = db_.prepare(text);
        if (!prepared) {
            return std::unexpected(prepared.error());
        }
        *statement = *std::move(prepared);
    }
    return {};
}

// -- writing --

Result<void> SqliteLog::refusal() const {
    if (failed_) {
        return patron::store::fail(
            FaultCode::WritesStopped, "writes have stopped: " + status().detail
        );
    }
    return {};
}

template <class Change>
void SqliteLog::change_status(Change change) {
    const std::lock_guard guard(mutex_);
    change(status_);
}

LogStatus SqliteLog::status() const {
    const std::lock_guard guard(mutex_);
    return status_;
}

void SqliteLog::stop_writes(const std::string& why) {
    failed_ = true;
    change_status([&](LogStatus& s) {
        s.health = LogHealth::Failed;
        s.detail = why;
    });
}

// What became of a write: a failed one ends all writing, but for the want of room.
Result<void> SqliteLog::judge(Result<void> outcome) {
    if (!outcome && outcome.error().code != FaultCode::DiskFull) {
        outcome.error().code = FaultCode::DiskFailed;
        stop_writes(outcome.error().detail);
        return outcome;
    }
    if (full_ == outcome.has_value()) {
        full_ = !outcome;
        change_status([&](LogStatus& s) {
            s.health = full_ ? LogHealth::DiskFull : LogHealth::Good;
            s.detail = full_ ? outcome.error().detail : "";
        });
    }
    return outcome;
}

template <class Work>
Result<void> SqliteLog::transaction(Work work) {
    if (auto refused = refusal(); !refused) {
        return refused;
    }
    const Clock::time_point begun = Clock::now();
    tried_at_ = begun;
    Result<void> done = sql_.begin.run();
    if (done) {
        done = work();
        if (done) {
            done = sql_.commit.run();
        }
        if (!done) {
            (void)sql_.rollback.run();  // may be rolled back already
        }
    }
    if (done) {
        add_commit(begun);
    }
    return judge(std::move(done));
}

void SqliteLog::add_commit(Clock::time_point begun) {
    unsynced_ = true;
    if (options_.durability == Durability::Fsync) {
        unsynced_ = false;
        synced_at_ = Clock::now();
    }
    const auto us = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - begun);
    change_status([&](LogStatus& s) {
        s.commits += 1;
        s.commit_us_sum += static_cast<std::uint64_t>(us.count());
        s.commit_us_max = std::max(s.commit_us_max, static_cast<std::uint64_t>(us.count()));
    });
}

Result<void> SqliteLog::append(const LogBatch& batch) {
    const auto done = transaction([&] { return insert(batch); });
    if (!done) {
        return done;
    }
    erasures_.insert(erasures_.end(), batch.erasures.begin(), batch.erasures.end());
    told_until_ = batch.told_until.value_or(batch.accepted_at);
    change_status([&](LogStatus& s) {
        s.erasures_pending = erasures_.size();
        if (!batch.events.empty()) {
            s.last_seq = batch.first_seq + batch.events.size() - 1;
            s.first_seq = std::min(s.first_seq, batch.first_seq);
            s.appended_bytes += encoded_.size();
        }
    });
    if (db_.wal_frames() >= kWalPagesMax) {
        checkpoint();
    }
    return {};
}

Result<void> SqliteLog::insert(const LogBatch& batch) {
    if (!batch.events.empty()) {
        encoded_.clear();
        encode_events(batch.events, encoded_);
        StoredBatch row;
        row.first_seq = batch.first_seq;
        row.events = static_cast<std::uint32_t>(batch.events.size());
        row.accepted_at = batch.accepted_at;
        row.policy_revision = batch.policy_revision;
        row.format = kEventFormat;
        row.bytes.swap(encoded_);
        const std::uint32_t crc = checksum(row);
        const auto added = sql_.add_batch
                               .with(
                                   row.first_seq,
                                   row.events,
                                   row.accepted_at.ms,
                                   row.policy_revision,
                                   row.format,
                                   crc,
                                   row.bytes
                               )
                               .run();
        row.bytes.swap(encoded_);
        if (!added) {
            return added;
        }
    }
    if (batch.told_until) {
        if (auto done = insert_told(batch); !done) {
            return done;
        }
    }
    for (const KeptAnswer& a : batch.answers) {
        const std::string_view fingerprint = bytes_of(a.fingerprint);
        if (++answers_added_ % kForgetAnswersEvery == 0) {
            if (auto done = sql_.old_answers.with(std::int64_t{kAnswersMax}).run(); !done) {
                return done;
            }
        }
        if (auto done =
                sql_.add_answer.with(a.key, fingerprint, a.at.ms, a.answer, crc_of(a)).run();
            !done) {
            return done;
        }
    }
    for (const Erasure& e : batch.erasures) {
        if (auto done =
                sql_.add_erasure.with(e.seq, e.customer, e.customer_hash, e.at.ms, crc_of(e)).run();
            !done) {
            return done;
        }
    }
    for (const AuditEntry& entry : batch.audit) {
        if (auto done = insert_audit(entry); !done) {
            return done;
        }
    }
    return {};
}

// It holds until a younger batch says nothing of it.
Result<void> SqliteLog::insert_told(const LogBatch& batch) {
    const std::uint64_t seq =
        batch.events.empty() ? status().last_seq : batch.first_seq + batch.events.size() - 1;
    return sql_.told.with(kToldKey, ToldMark{batch.told_until->ms, seq}.text()).run();
}

Result<void> SqliteLog::insert_audit(const AuditEntry& e) {
    return sql_.add_audit.with(e.at.ms, e.seq, e.kind, e.subject, e.by, e.detail, crc_of(e)).run();
}

Result<void> SqliteLog::write_head() {
    const std::uint64_t last = status().last_seq;
    const std::uint32_t crc = last == 0 ? 0 : RowChecksum().add(last).value();
    auto done = transaction([&] { return sql_.head.with(last, crc).run(); });
    if (done) {
        head_ = last;
    }
    return done;
}

// A transaction with FULL syncs all that was written to the WAL before it as well.
Result<void> SqliteLog::sync_now() {
    Result<void> done = db_.run("pragma synchronous=full");
    if (done) {
        done = write_head();
        const auto back = db_.run("pragma synchronous=normal");
        done = done ? back : done;
    }
    if (done) {
        unsynced_ = false;
        synced_at_ = Clock::now();
    }
    return done;
}

void SqliteLog::checkpoint() {
    const Clock::time_point begun = Clock::now();
    if (!write_head()) {
        return;  // the status says why
    }
    const auto done = db_.checkpoint(false);
    if (!done && done.error().code != FaultCode::DiskFull) {
        stop_writes("checkpoint: " + done.error().detail);
        return;
    }
    const auto us = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - begun);
    change_status([&](LogStatus& s) {
        s.checkpoint_us_max = std::max(s.checkpoint_us_max, static_cast<std::uint64_t>(us.count()));
    });
    measure();
}

void SqliteLog::measure() {
    const auto pages = db_.number("pragma page_count");
    const auto unused = db_.number("pragma freelist_count");
    const auto size = db_.number("pragma page_size");
    if (pages && unused && size) {
        const std::int64_t used = pages->value_or(0) - unused->value_or(0);
        change_status([&](LogStatus& s) {
            s.bytes = static_cast<std::uint64_t>(used * size->value_or(0));
        });
    }
}

std::optional<std::chrono::milliseconds> SqliteLog::tick(bool idle) {
    using std::chrono::milliseconds;
    if (failed_) {
        return std::nullopt;
    }
    const Clock::time_point now = Clock::now();
    std::optional<milliseconds> again;
    const auto due_in = [&](milliseconds after, Clock::time_point since) {
        return std::chrono::ceil<milliseconds>(after - (now - since));
    };
    if (full_) {
        if (const auto left = due_in(kRetryWhenFull, tried_at_); left.count() > 0) {
            return left;
        }
        (void)write_head();  // the status says how it went
        return failed_ ? std::nullopt : std::optional(kRetryWhenFull);
    }
    if (options_.durability == Durability::Interval && unsynced_) {
        again = due_in(milliseconds(options_.sync_interval_ms), synced_at_);
        if (again->count() <= 0) {
            (void)sync_now();
            again.reset();
        }
    }
    if (idle && db_.wal_frames() >= kIdleCheckpointPages) {
        const milliseconds left = due_in(kIdleBefore, tried_at_);
        if (left.count() > 0) {
            return again ? std::min(*again, left) : left;
        }
        checkpoint();
    }
    return again;
}

// -- forgetting, copying --

Result<bool> SqliteLog::forget_below(std::uint64_t seq) {
    // Before the rows go: the head must say how far the log had come once none is left.
    if (auto done = write_head(); !done) {
        return std::unexpected(done.error());
    }
    if (auto done = transaction([&] { return sql_.forget.with(seq).run(); }); !done) {
        return std::unexpected(done.error());
    }
    const auto first = db_.number("select min(first_seq) from batch");
    if (!first) {
        return std::unexpected(first.error());
    }
    std::uint64_t oldest = 0;
    change_status([&](LogStatus& s) {
        s.first_seq = *first ? static_cast<std::uint64_t>(**first) : s.last_seq + 1;
        oldest = s.first_seq;
    });
    measure();
    const auto more = db_.number(
        "select 1 from batch where first_seq = " + std::to_string(oldest) +
        " and first_seq + events <= " + std::to_string(seq)
    );
    return more ? Result<bool>(more->has_value()) : std::unexpected(more.error());
}

Result<void> SqliteLog::replace(const StoredBatch& batch) {
    return transaction([&] {
        return sql_.replace.with(batch.first_seq, batch.format, checksum(batch), batch.bytes).run();
    });
}

Result<std::unique_ptr<LogCopy>> SqliteLog::copy_to(const std::string& path) {
    if (auto done = write_head(); !done) {
        return std::unexpected(done.error());
    }
    return copy_database(db_, path, options_.vfs);
}

Result<void> SqliteLog::purged(std::uint64_t up_to_seq, const AuditEntry& how) {
    const auto done = transaction([&]() -> Result<void> {
        for (const Erasure& erasure : erasures_) {
            if (erasure.seq <= up_to_seq) {
                if (auto one = forget_name(erasure, how.at); !one) {
                    return one;
                }
            }
        }
        return insert_audit(how);
    });
    if (!done) {
        return done;
    }
    std::erase_if(erasures_, [&](const Erasure& e) { return e.seq <= up_to_seq; });
    change_status([&](LogStatus& s) { s.erasures_pending = erasures_.size(); });
    // What was overwritten must leave the WAL as well.
    if (const auto emptied = db_.checkpoint(true);
        !emptied && emptied.error().code != FaultCode::DiskFull) {
        stop_writes("checkpoint: " + emptied.error().detail);
    }
    return {};
}

// The erased customer's id goes from the erasure and from the audit; a hash stays in its place.
Result<void> SqliteLog::forget_name(const Erasure& erasure, Instant at) {
    auto mark =
        db_.prepare("update erasure set customer = x'', purged_at = ?2, crc = ?3 where seq = ?1");
    auto entries =
        db_.prepare("select number, at, seq, kind, by from audit where subject = ?1 and seq <= ?2");
    auto rename =
        db_.prepare("update audit set subject = ?2, detail = x'', crc = ?3 where number = ?1");
    for (const auto* statement : {&mark, &entries, &rename}) {
        if (!*statement) {
            return std::unexpected(statement->error());
        }
    }
    Erasure unnamed = erasure;
    unnamed.customer.clear();
    if (auto done = mark->with(erasure.seq, at.ms, crc_of(unnamed)).run(); !done) {
        return done;
    }
    std::vector<std::pair<std::int64_t, AuditEntry>> named;
    for (entries->with(erasure.customer, erasure.seq);;) {
        const auto row = entries->step();
        if (!row) {
            return std::unexpected(row.error());
        }
        if (!*row) {
            break;
        }
        named.push_back(
            {entries->number(0),
             {{entries->number(1)},
              entries->count(2),
              std::string(entries->bytes(3)),
              "erased " + std::to_string(erasure.customer_hash),
              std::string(entries->bytes(4)),
              ""}}
        );
    }
    for (const auto& [number, entry] : named) {
        if (auto done = rename->with(number, entry.subject, crc_of(entry)).run(); !done) {
            return done;
        }
    }
    return {};
}

}  // namespace patron::store
