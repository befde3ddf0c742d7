#pragma once
// Where accepted events are kept beyond memory: an engine behind one small interface.
//
// Order      batches are appended in the order in which they are applied; append returns before apply.
//            Every logged event was applied: duplicates and refused events are not in the log, so the
//            event at position i of a batch has the sequence number first_seq + i.
// Errors     append: DiskFull (refused, may be tried again), DiskFailed once and WritesStopped ever
//            after. Reading: DataDamaged with the sequence number. A failed append keeps nothing.
// Blocking   everything may wait for the disk.
// Threads    the apply thread alone; `name`, `durable` and `status` from any thread.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "store/event.h"
#include "store/idempotency.h"
#include "store/result.h"

namespace patron::store {

// An act of an operator, not of a customer: who did what, when.
struct AuditEntry {
    Instant at;
    std::uint64_t seq = 0;  // of the event it goes with; 0: none
    std::string kind;       // override, policy, compaction, repair, restore
    std::string subject;    // the customer, the policy, the file
    std::string by;
    std::string detail;
};

// A customer whose events are to go from the log as well.
struct Erasure {
    std::string customer;
    std::uint64_t customer_hash = 0;
    std::uint64_t seq = 0;  // of the erasure: events up to here go
    Instant at;
};

struct LogBatch {
    std::uint64_t first_seq = 0;
    Instant accepted_at;
    std::uint32_t policy_revision = 0;
    std::span<const Event* const> events;
    std::span<const KeptAnswer> answers;
    std::span<const AuditEntry> audit;
    std::span<const Erasure> erasures;
    // Until when listeners were told what time had changed, where that is not `accepted_at`. A batch may
    // hold this alone.
    std::optional<Instant> told_until;
};

// A batch as it was read; `check` before its events are used.
struct StoredBatch {
    std::uint64_t first_seq = 0;
    std::uint32_t events = 0;
    Instant accepted_at;
    std::uint32_t policy_revision = 0;
    std::uint32_t format = 0;
    std::uint32_t crc = 0;
    std::string bytes;

    std::uint64_t last_seq() const { return first_seq + events - 1; }
};
std::uint32_t checksum(const StoredBatch& batch);
// DataDamaged unless the checksum agrees.
Result<void> check(const StoredBatch& batch);

class LogCursor {
  public:
    virtual ~LogCursor() = default;
    // The next batch in order of first_seq; false behind the last. Gaps are DataDamaged.
    virtual Result<bool> next(StoredBatch& out) = 0;
};

enum class Durability : std::uint8_t { Fsync, Interval, None };
enum class LogHealth : std::uint8_t { Good, DiskFull, Failed };

struct LogStatus {
    LogHealth health = LogHealth::Good;
    std::string detail;           // what went wrong
    std::uint64_t first_seq = 1;  // of the oldest event kept; past last_seq: none is kept
    std::uint64_t last_seq = 0;
    std::uint64_t bytes = 0;           // on the disk
    std::uint64_t appended_bytes = 0;  // since the start
    std::uint64_t erasures_pending = 0;
    std::uint64_t commits = 0;
    std::uint64_t commit_us_sum = 0;
    std::uint64_t commit_us_max = 0;
    std::uint64_t checkpoint_us_max = 0;
};

// A copy of the log under way, some of it at a time, events going on meanwhile.
class LogCopy {
  public:
    virtual ~LogCopy() = default;
    // True when the copy is whole, synced, and as of the last append.
    virtual Result<bool> step() = 0;
};

class EventLog {
  public:
    virtual ~EventLog() = default;
    virtual std::string_view name() const = 0;
    // Whether what `append` accepted survives the process.
    virtual bool durable() const = 0;
    virtual Result<void> append(const LogBatch& batch) = 0;

    // What engines that keep nothing do not have.
    virtual Durability durability() const { return Durability::None; }
    virtual LogStatus status() const { return {}; }
    // What the last append said of it; nothing: nobody was ever told.
    virtual std::optional<Instant> told_until() const { return std::nullopt; }
    // Work that is due between batches; when to call again at the latest.
    virtual std::optional<std::chrono::milliseconds> tick(bool /*idle*/) { return std::nullopt; }
    // Ends writes for good: something else under the same roof could not be synced.
    virtual void stop_writes(const std::string& /*why*/) {}
    // From the batch that holds `seq` on.
    virtual Result<std::unique_ptr<LogCursor>> read_from(std::uint64_t seq);
    // Forgets the oldest batches that lie wholly below `seq`, some of them, but never the newest; false
    // when none is left.
    virtual Result<bool> forget_below(std::uint64_t /*seq*/) { return false; }
    // Puts `batch` in the place of the one with the same first_seq.
    virtual Result<void> replace(const StoredBatch& /*batch*/) { return {}; }
    virtual Result<std::unique_ptr<LogCopy>> copy_to(const std::string& /*path*/) {
        return fail_without_folder();
    }
    // Erasures whose events are still in the log or in a snapshot, and the word that they are not.
    virtual std::vector<Erasure> pending_erasures() const { return {}; }
    virtual Result<void> purged(std::uint64_t /*up_to_seq*/, const AuditEntry& /*how*/) {
        return {};
    }

  protected:
    static std::unexpected<Fault> fail_without_folder();
};

// Keeps nothing: what is acknowledged lives as long as the process.
std::unique_ptr<EventLog> make_memory_only_log();

}  // namespace patron::store
