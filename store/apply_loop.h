#pragma once
// The heartbeat: takes all that waits, finds what counts, logs it, applies it partition by partition,
// publishes, answers. Before the first beat it recovers what the data folder keeps.
//
// Order      requests in the order of submission; a beat ends behind a request that had to be refused,
//            so that the next beat judges the later ones by what was really applied. Questions about
//            customers are answered before the beat's events, so that none waits for more than a beat.
// Time       one `now` a beat. What time has changed by then happens before the beat's events. An idle
//            beat makes outlooks ready, packs ledgers and carries a scan on, slice by slice; with rests
//            between the slices while the store is in use.
// Bounds     a beat takes at most kBeatEventsMax events, an idle slice kIdleSlice of time.
// Threads    owns one thread; the partitions are touched by it and its parallel tasks only.

#include <atomic>
#include <deque>
#include <memory>
#include <thread>
#include <vector>

#include "store/change_teller.h"
#include "store/ingest_queue.h"
#include "store/keeper.h"
#include "store/lately_used.h"
#include "store/parallel.h"
#include "store/partition.h"

namespace patron::store {

// What the beat counts; read by any thread.
struct BeatCounters {
    std::atomic<std::uint64_t> applied_seq{0};
    std::atomic<std::uint64_t> duplicates{0};
    std::atomic<std::uint64_t> rejected{0};
    std::atomic<std::uint64_t> beats{0};
    std::atomic<std::uint64_t> beat_us_sum{0};
    std::array<std::atomic<std::uint64_t>, kBeatBucketsUs.size() + 1> beat_buckets{};
    std::atomic<std::uint64_t> refreshed{0};
    std::atomic<std::uint64_t> customers{0};
    std::atomic<std::uint64_t> erased{0};
    std::atomic<std::uint64_t> entries{0};
    std::atomic<std::uint64_t> bytes{0};
    std::atomic<std::uint64_t> armed{0};
    std::atomic<std::int64_t> told_until_ms{0};
};

class ApplyLoop {
  public:
    struct Parts {
        std::vector<std::unique_ptr<Partition>>& partitions;
        std::function<std::unique_ptr<Partition>()> make_partition;
        IngestQueue& queue;
        EventLog& log;
        const DataFolder* folder;  // nullptr: nothing is kept
        KeepOptions keep;
        KeepBoard& board;
        IdempotencyTable& answers;
        const Clock& clock;
        const scoring::CompiledPolicy& policy;
        std::uint32_t policy_number;  // in the folder; 0 without one
        BeatCounters& counters;
        ChangeFeed& feed;
        LatelyUsed& lately_used;
        std::size_t threads;
    };
    explicit ApplyLoop(Parts parts);
    ~ApplyLoop();  // the queue must have been stopped

  private:
    using SteadyTime = std::chrono::steady_clock::time_point;
    // Below this much work a beat is quicker on its own thread than spread.
    static constexpr std::size_t kSpreadWorkMin = 256;

    void run();
    bool recover();
    bool beat(bool busy);  // false: stopped and nothing is left
    std::optional<SteadyTime> deadline() const;
    void count_beat(SteadyTime begun);
    void count_customers();
    void count_store();
    std::uint64_t applied_seq() const {
        return parts_.counters.applied_seq.load(std::memory_order_relaxed);
    }

    // Requests.
    void apply(std::vector<IngestRequest>& requests, BeatContext now);
    void gather(std::vector<IngestRequest>& requests);
    // The number of requests that this beat applies; the one at that place, if any, is refused.
    std::size_t check(std::vector<IngestRequest>& requests, std::optional<Fault>& refused);
    bool worth_refusing() const;
    void take_back_ids(std::size_t first_event);
    std::vector<IngestReply> replies_of(std::size_t requests);
    Result<void> append(
        std::vector<IngestRequest>& requests, const std::vector<IngestReply>& replies, Instant now
    );
    void refuse(IngestRequest& request, const Fault& fault);
    void apply_partitions(std::size_t requests, BeatContext context);
    void reply(
        std::vector<IngestRequest>& requests, std::vector<IngestReply>& replies, BeatContext context
    );
    void add_scores(IngestRequest& request, IngestReply& reply, BeatContext context);

    // What needs the beat (apply_loop_reads.cc).
    void answer(std::vector<CustomerQuestion>& questions, BeatContext now);
    using Answers = std::vector<std::optional<CustomerAnswer>>;
    void answer(CustomerQuestion& question, BeatContext now);
    std::optional<Fault> answer_in_turn(
        const CustomerQuestion& question, Answers& answers, BeatContext now
    );
    std::optional<Fault> answer_spread(
        const CustomerQuestion& question, Answers& answers, BeatContext now
    );
    std::optional<Fault> answer_one(
        const CustomerQuestion& question,
        std::size_t i,
        std::size_t partition,
        Answers& answers,
        BeatContext now
    );
    void answer(PictureQuestion& question, BeatContext now);
    void settle_waits(bool stopping);
    void carry_scan_on(BeatContext now);
    void abandon_scans();
    void idle_work(BeatContext now, bool idle);
    bool prepare_for_readers(BeatContext now);
    bool make_outlooks_ready(BeatContext now);
    bool compact_one();

    Partition& partition_for(std::uint64_t hash);
    void for_partitions(std::size_t work, const std::function<void(std::size_t)>& task);

    Parts parts_;
    Parallel parallel_;
    Keeper keeper_;
    ChangeTeller teller_;
    std::vector<BeatEvent> events_;
    std::vector<std::size_t> first_event_;          // of each request, and the end
    std::vector<std::vector<std::uint32_t>> mine_;  // events by partition
    std::vector<std::vector<Fault>> skipped_;       // by request
    std::vector<KeptAnswer> kept_answers_;          // of the beat's requests with a key
    std::vector<SeqWait> waits_;
    std::deque<PendingScan> scans_;
    Instant scan_at_;  // of the front scan
    // Where it goes on, by partition; nothing: seen.
    std::vector<std::optional<Row>> scan_from_;
    SteadyTime scan_rests_until_{};
    std::size_t outlooks_from_ = 0;  // the partition where idle work goes on
    bool idle_work_left_ = false;
    bool packed_before_ = false;
    std::optional<SteadyTime> held_off_until_;  // no idle work before
    bool asked_lately_ = false;                 // since the last slice of idle work
    SteadyTime counted_at_{};
    std::thread thread_;  // last: everything above is there when it starts
};

}  // namespace patron::store
