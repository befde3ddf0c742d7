#pragma once
// The event log in an SQLite file: one row a batch, one transaction an append (LOG_FORMAT.md).
//
// Shapes     tables batch, head, answer, erasure, audit; policy and meta are the folder's. Every row that
//            is read back carries a CRC32C: SQLite has none of its own.
// Order      Fsync: an append returns when its transaction is synced. Interval: it returns when it is
//            written; `tick` syncs at least every sync_interval_ms. None: the system writes when it likes.
//            `head` names a sequence number that the log had reached, as of the last checkpoint or end:
//            a log that ends before it has lost its tail.
// Errors     as event_log.h. A failed write or sync is never tried again; no room is, once a second.
// Bounds     the WAL is carried over once it holds kWalPagesMax pages, and when there is time.
// Threads    the apply thread; `status` any.

#include <chrono>
#include <memory>
#include <mutex>
#include <string>

#include "store/event_log.h"
#include "store/limits.h"
#include "store/sqlite_db.h"

namespace patron::store {

struct SqliteLogOptions {
    std::string path;
    const char* vfs = nullptr;
    Durability durability = Durability::Fsync;
    std::int64_t sync_interval_ms = 1000;
};

class SqliteLog final : public EventLog {
  public:
    static constexpr int kWalPagesMax = 250;
    static constexpr std::size_t kAnswersMax = limits::kIdempotencyKeysMax;

    // The tables an empty file gets.
    static const char* schema();
    // Over a connection whose file has its tables; checks head and ends of the log.
    static Result<std::unique_ptr<SqliteLog>> open(SqliteDb db, const SqliteLogOptions& options);
    ~SqliteLog() override;

    std::string_view name() const override { return "sqlite"; }
    bool durable() const override { return true; }
    Result<void> append(const LogBatch& batch) override;
    Durability durability() const override { return options_.durability; }
    LogStatus status() const override;
    std::optional<std::chrono::milliseconds> tick(bool idle) override;
    void stop_writes(const std::string& why) override;
    Result<std::unique_ptr<LogCursor>> read_from(std::uint64_t seq) override;
    Result<bool> forget_below(std::uint64_t seq) override;
    Result<void> replace(const StoredBatch& batch) override;
    Result<std::unique_ptr<LogCopy>> copy_to(const std::string& path) override;
    std::optional<Instant> told_until() const override { return told_until_; }
    std::vector<Erasure> pending_erasures() const override { return erasures_; }
    Result<void> purged(std::uint64_t up_to_seq, const AuditEntry& how) override;

    // Those still young at `now`, oldest first.
    Result<std::vector<KeptAnswer>> answers(Instant now);

  private:
    using Clock = std::chrono::steady_clock;
    struct Statements {
        SqliteStatement begin, commit, rollback, add_batch, add_answer, add_audit, add_erasure;
        SqliteStatement head, replace, forget, old_answers, told;
    };

    SqliteLog(SqliteDb db, const SqliteLogOptions& options);
    Result<void> prepare();
    Result<void> read_ends();
    Result<void> read_erasures();
    Result<void> read_told();
    Result<void> insert_told(const LogBatch& batch);
    Result<void> insert(const LogBatch& batch);
    Result<void> insert_audit(const AuditEntry& entry);
    // One transaction around `work`: all of it or nothing, and the status says how it went.
    template <class Work>
    Result<void> transaction(Work work);
    Result<void> judge(Result<void> outcome);
    Result<void> refusal() const;
    Result<void> forget_name(const Erasure& erasure, Instant at);
    Result<void> write_head();
    Result<void> sync_now();
    void checkpoint();
    void measure();
    void add_commit(Clock::time_point begun);
    template <class Change>
    void change_status(Change change);

    SqliteLogOptions options_;
    SqliteDb db_;
    Statements sql_;
    std::string encoded_;
    std::vector<Erasure> erasures_;
    std::optional<Instant> told_until_;
    std::uint64_t answers_added_ = 0;
    std::uint64_t head_ = 0;  // as it stands in the table
    bool failed_ = false;
    bool full_ = false;
    bool unsynced_ = false;
    Clock::time_point synced_at_ = Clock::now();
    Clock::time_point tried_at_ = Clock::now();
    mutable std::mutex mutex_;
    LogStatus status_;
};

}  // namespace patron::store
