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
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "store/clock.h"
#include "store/event.h"
#include "store/event_log.h"
#include "store/metrics.h"
#include "store/reading.h"
#include "store/result.h"

namespace patron::store {

struct StoreOptions {
    scoring::FactSchema schema;
    scoring::Policy policy;
    const Clock* clock = nullptr;  // outlives the store
    std::unique_ptr<EventLog> log;
    std::size_t partitions = 0;     // 0: the build's default
    std::size_t threads = 0;        // of the beat; 0: one per core
    std::size_t dedupe_window = 0;  // ids; 0: the default
    std::size_t customers_max = 0;  // 0: what the partitions can hold
    std::uint64_t hash_seed = 0;    // of the ids' hashes; ids come from outside
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

enum class OnError : std::uint8_t { Reject, Skip };

struct IngestReply {
    std::uint64_t accepted = 0;  // applied, without duplicates
    std::uint64_t duplicates = 0;
    std::uint64_t seq = 0;
    std::vector<Fault> rejected;  // index: position in EventBatch::events; Skip only
    std::vector<std::pair<std::string, CustomerAnswer>> scores;  // in order of first touch
};

struct IngestRequest {
    EventBatch batch;
    OnError on_error = OnError::Reject;
    std::size_t return_scores_max = 0;  // 0: none wanted
    std::vector<std::uint64_t> hashes;  // of the events' customers; `submit` fills it in
    std::move_only_function<void(Result<IngestReply>)> done;
};

// One or more customers as of one instant.
struct CustomerQuestion {
    std::vector<std::string> ids;
    std::optional<Instant> at;  // absent: now. A past the state has moved on from: PastNotKept
    bool portrait = false;
    // In the order of ids; unknown customers are absent.
    std::move_only_function<void(Result<std::vector<std::optional<CustomerAnswer>>>)> done;
};

// One customer as a scan sees it; views end with the call.
struct ScanRow {
    std::string_view id;
    const Reading& reading;         // without outlook unless the scan asks for it
    Money spend_longest_window;     // net, as of the instant
    const ProfileDetails* profile;  // nullptr: none known
    std::uint64_t facts_hash;       // 0 unless the scan asks for hashes
    std::uint64_t state_hash;
};

struct ScanEnd {
    Instant at;
    std::uint64_t seq = 0;
    const scoring::CompiledPolicy* policy = nullptr;
};

// A pass over all customers at one instant, partition by partition between batches of events, so that
// ingest goes on. Each partition is seen whole; two partitions may lie some batches apart.
class Scan {
  public:
    virtual ~Scan() = default;
    virtual bool wants_outlook() const { return false; }
    virtual bool wants_hashes() const { return false; }
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
    ReadOutcome read(CustomerKey key, std::string_view id, Instant now, Reading& out) const;
    std::optional<Fault> ask(CustomerQuestion question);
    std::optional<Fault> scan(std::unique_ptr<Scan> scan, std::optional<Instant> at);

    // -- in: events --
    std::optional<Fault> submit(IngestRequest request);
    // `done(true)` once `seq` can be read, `done(false)` after kMinSeqWaitMs without it.
    std::optional<Fault> wait_for(
        std::uint64_t seq, std::move_only_function<void(bool reached)> done
    );

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
