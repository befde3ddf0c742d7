#pragma once
// The store: one row per customer, written by one heartbeat, read by everybody.
//
// Shapes     two roads. In: submit -> queue -> beat -> columns, published. Out: read, lock-free, from
//            the published record; what the record cannot answer (a standing that has run out, another
//            instant, a portrait, a scan) is asked through the beat.
// Time       a reading is true at its instant: a record past its validity is never answered from.
// Order      a request is applied whole, in the order of submission; its reply comes after its events
//            can be read. seq counts applied events.
// Errors     a Fault at once (queue full, stopping: the callback is dropped uncalled) or in the reply; a
//            refused request changes nothing.
// Bounds     limits.h.
// Blocking   submit, ask and scan never wait; read never waits.
// Threads    every member from any thread; callbacks run on the apply thread and must be short.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "store/change_feed.h"
#include "store/clock.h"
#include "store/data_folder.h"
#include "store/event.h"
#include "store/event_log.h"
#include "store/idempotency.h"
#include "store/metrics.h"
#include "store/reading.h"
#include "store/result.h"
#include "store/snapshot_file.h"

namespace patron::store {

// When snapshots are taken and what is kept; see keeper.h.
struct KeepOptions {
    std::uint64_t snapshot_log_bytes = std::uint64_t{1}
                                       << 30;         // grown since the last: time for one
    std::int64_t snapshot_every_ms = 60 * 60 * 1000;  // and after this long, if events came
    std::size_t snapshots_kept = 2;
    std::uint64_t log_retain_bytes = std::uint64_t{16} << 30;  // beyond, what snapshots cover goes
};

struct StoreOptions {
    scoring::FactSchema schema;
    scoring::Policy policy;
    const Clock* clock = nullptr;        // outlives the store
    std::unique_ptr<DataFolder> folder;  // either this, with its own log, partitions and hash_seed,
    std::unique_ptr<EventLog> log;       // or a log
    KeepOptions keep;
    std::size_t partitions = 0;     // 0: the build's default
    std::size_t threads = 0;        // of the beat; 0: one per core
    std::size_t dedupe_window = 0;  // ids; 0: the default
    std::size_t customers_max = 0;  // 0: what the partitions can hold
    std::uint64_t hash_seed = 0;    // of the ids' hashes; ids come from outside
};

struct RecoveryProgress {
    enum class Phase : std::uint8_t { Opening, Snapshot, Replay, Ready, Failed };
    Phase phase = Phase::Opening;
    std::uint64_t done = 0;   // customers of the snapshot, or events of the replay
    std::uint64_t total = 0;  // 0: not known
};

struct RecoveryReport {
    std::optional<SnapshotInfo> snapshot;  // where it began
    std::uint64_t replayed = 0;            // events
    std::uint64_t seq = 0;
    double snapshot_seconds = 0;
    double replay_seconds = 0;
    std::vector<std::string>
        notices;  // what an operator should hear: a torn tail cut, a snapshot passed over
};

struct BackupInfo {
    std::string directory;
    std::uint64_t seq = 0;
    std::uint64_t bytes = 0;
    SnapshotInfo snapshot;
};

struct KeepStatus {
    std::optional<SnapshotInfo> last_snapshot;
    std::uint64_t snapshots = 0;  // since the start
    std::uint64_t snapshots_failed = 0;
    std::string last_failure;
    bool snapshot_under_way = false;
    std::uint64_t pause_us_max = 0;       // longest slice of a snapshot that a beat waited for
    std::optional<Instant> snapshot_due;  // at the latest; absent: nothing is kept
    std::uint64_t erasures_pending = 0;
};

// Where an id lives; made once per request, used to prefetch and to read.
struct CustomerKey {
    std::uint64_t hash = 0;
};

enum class ReadOutcome : std::uint8_t {
    Found,
    Unknown,
    AskTheBeat,  // known, but the record has run out or lacks its outlook
};

// One customer among those read together.
struct ScoreRead {
    CustomerKey key;
    std::string_view id;
    ReadOutcome outcome = ReadOutcome::Unknown;
    Reading reading;  // where it is Found
};

// Whether a reader wants to know what comes next: the transition, and what is missing for it. Right after
// an event that takes the beat; the rest of the score does not.
enum class Outlook : bool { Spared, Wanted };

enum class OnError : std::uint8_t { Reject, Skip };

struct IngestReply {
    std::uint64_t accepted = 0;  // applied, without duplicates
    std::uint64_t duplicates = 0;
    std::uint64_t seq = 0;
    std::vector<Fault> rejected;  // index: position in EventBatch::events; Skip only
    std::vector<std::pair<std::string, CustomerAnswer>> scores;  // in order of first touch
};

// A request that may be sent again: its answer is logged with its events. Begun in `answers()`; the
// store keeps or releases the key before `done` is called.
struct Idempotency {
    std::string key;
    Fingerprint fingerprint{};
    // The answer to keep, from a reply without scores. On the apply thread.
    std::move_only_function<std::string(const IngestReply&)> render;
};

struct IngestRequest {
    EventBatch batch;
    OnError on_error = OnError::Reject;
    std::size_t return_scores_max = 0;  // 0: none wanted
    std::vector<std::uint64_t> hashes;  // of the events' customers; `submit` fills it in
    std::optional<Idempotency> idempotency;
    std::move_only_function<void(Result<IngestReply>)> done;
};

// A page of the picture that changes are told against: what was said last of each customer.
struct PictureQuestion {
    RowPlace from;                  // the page begins here
    std::size_t customers_max = 0;  // at most
    // Which customers; called on the apply thread. The profile is nullptr when none is known.
    std::function<bool(std::string_view id, const scoring::Visible&, const ProfileDetails*)> wants;
    std::move_only_function<void(PicturePage)> done;
};

// One or more customers as of one instant.
struct CustomerQuestion {
    std::vector<std::string> ids;
    std::optional<Instant> at;  // absent: now. A past the state has moved on from: PastNotKept
    bool portrait = false;
    // In the order of ids; unknown customers are absent.
    std::move_only_function<void(Result<std::vector<std::optional<CustomerAnswer>>>)> done;
};

// A transition to come, if nothing happens but that time passes.
struct FutureTransition {
    Instant at;
    scoring::Visible from;
    scoring::Visible to;
};

// What a reader would get, without copies.
struct ReadingView {
    const scoring::Standing& standing;  // without outlook unless the scan asks for it
    const scoring::Score& score;
    const scoring::CompiledPolicy* policy;
};

// One customer as a scan sees it; views end with the call.
struct ScanRow {
    std::string_view id;
    ReadingView reading;
    Money spend_longest_window;     // net, as of the instant
    const ProfileDetails* profile;  // nullptr: none known, or the scan does not ask for it
    std::uint64_t facts_hash;       // 0 unless the scan asks for hashes
    std::uint64_t state_hash;
    std::span<const FutureTransition>
        transitions;  // ascending; empty unless the scan asks for them
};

struct ScanEnd {
    Instant at;
    std::uint64_t seq = 0;
    const scoring::CompiledPolicy* policy = nullptr;
};

// What costs a scan extra.
struct ScanWants {
    bool outlook = false;
    bool profile = false;
    bool hashes = false;
    // Every visible transition after the scan's instant, up to and including this one.
    std::optional<Instant> transitions_until = {};
    bool anything() const { return outlook || profile || hashes || transitions_until; }
};

// A pass over all customers at one instant, slice by slice between batches of events, so that ingest goes
// on. Each customer is seen whole; two customers may lie some batches apart.
class Scan {
  public:
    virtual ~Scan() = default;
    virtual ScanWants wants() const { return {}; }
    virtual void begin(std::size_t /*partitions*/) {}
    // Partitions run in parallel, rows of one partition in turn.
    virtual void row(std::size_t partition, const ScanRow& row) = 0;
    virtual void finish(const ScanEnd& end) = 0;
    // The store stopped before the scan was done.
    virtual void abandon() = 0;
};

class Store {
  public:
    // Fails for an unknown time zone.
    static Result<std::unique_ptr<Store>> open(StoreOptions options);
    ~Store();  // stops
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;

    // -- out: reads --
    CustomerKey key_of(std::string_view id) const;
    // In two steps, some work apart: the index slot, then the record it names.
    void prefetch(CustomerKey key) const;
    void prefetch_record(CustomerKey key) const;
    // The score at `now`, from the published record alone.
    ReadOutcome read(
        CustomerKey key,
        std::string_view id,
        Instant now,
        Reading& out,
        Outlook outlook = Outlook::Wanted
    ) const;
    // The same of many, as of one instant and with their arithmetic in vectors: sets outcomes and readings.
    void read_together(std::span<ScoreRead> reads, Instant now, Outlook outlook = Outlook::Wanted)
        const;
    std::optional<Fault> ask(CustomerQuestion question);
    std::optional<Fault> scan(std::unique_ptr<Scan> scan, std::optional<Instant> at);

    // -- in: events --
    std::optional<Fault> submit(IngestRequest request);
    // `done(true)` once `seq` can be read, `done(false)` after kMinSeqWaitMs without it.
    std::optional<Fault> wait_for(
        std::uint64_t seq, std::move_only_function<void(bool reached)> done
    );

    // -- out: changes --
    ChangeFeed& changes();
    // Looks at a bounded number of customers, so a page may be short, even empty, and still have a next.
    std::optional<Fault> picture(PictureQuestion question);
    std::optional<Fault> count(std::move_only_function<void(LiveCounts)> done);
    // `done(true)` once every transition due by then has been said, and all that events changed; `done(false)` after kMinSeqWaitMs.
    std::optional<Fault> wait_for_time(
        Instant time, std::move_only_function<void(bool reached)> done
    );

    // -- kept beyond memory --
    // Until recovery is done every read, question and request is refused with NotReady.
    bool ready() const;
    RecoveryProgress recovery() const;
    // Waits for the end of recovery: its report, or why the store cannot start.
    Result<RecoveryReport> wait_until_ready();
    // `done` once the snapshot is on the disk; one at a time, a second asks for the next.
    std::optional<Fault> snapshot(std::move_only_function<void(Result<SnapshotInfo>)> done);
    // A copy of log and snapshot into `directory`, which must not exist yet.
    std::optional<Fault> backup(
        std::string directory, std::move_only_function<void(Result<BackupInfo>)> done
    );
    KeepStatus keep_status() const;
    IdempotencyTable& answers();

    // -- about --
    std::uint64_t applied_seq() const;
    std::uint64_t customers() const;
    const scoring::CompiledPolicy& policy() const;
    const Clock& clock() const;
    const EventLog& log() const;
    StoreMetrics metrics() const;

    // Refuses new work, finishes what is queued, ends the beat. Idempotent.
    void stop();

  private:
    class Impl;
    explicit Store(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace patron::store
