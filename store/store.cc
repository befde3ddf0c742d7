#include "store/store.h"

#include <algorithm>
#include <array>
#include <random>

#include "scoring/check.h"
#include "scoring/score_batch.h"
#include "store/apply_loop.h"
#include "store/limits.h"

#ifndef PATRON_PARTITION_COUNT_DEFAULT
#define PATRON_PARTITION_COUNT_DEFAULT 64
#endif

namespace patron::store {
namespace {

// Of a start: nobody can go on in one that he has not seen.
std::uint64_t new_epoch() {
    std::random_device random;
    return std::uint64_t{random()} << 32 | random();
}

std::chrono::steady_clock::time_point wait_deadline() {
    return std::chrono::steady_clock::now() + std::chrono::milliseconds(limits::kMinSeqWaitMs);
}

}  // namespace

class Store::Impl {
  public:
    Impl(StoreOptions options, std::shared_ptr<const scoring::CompiledPolicy> policy)
        : options_(std::move(options)), policy_(std::move(policy)) {
        if (options_.folder != nullptr) {
            take_folder();
        }
        const std::size_t count =
            options_.partitions != 0 ? options_.partitions : PATRON_PARTITION_COUNT_DEFAULT;
        const auto make = [bounds = bounds(count)] {
            return std::make_unique<Partition>(bounds);
        };
        for (std::size_t p = 0; p < count; ++p) {
            partitions_.push_back(make());
        }
        if (options_.folder != nullptr) {
            for (const auto& partition : partitions_) {
                partition->begin_replay();
            }
        }
        loop_ = std::make_unique<ApplyLoop>(ApplyLoop::Parts{
            partitions_,
            make,
            queue_,
            *options_.log,
            options_.folder.get(),
            options_.keep,
            board_,
            answers_,
            *options_.clock,
            *policy_,
            options_.folder != nullptr ? options_.folder->policy() : 0,
            counters_,
            feed_,
            lately_used_,
            options_.threads
        });
    }

    void stop() {
        board_.stop();
        queue_.stop();
        loop_.reset();
    }

    const Partition& partition(std::uint64_t hash) const {
        return *partitions_[partition_of(hash, partitions_.size())];
    }

    std::optional<Fault> not_ready() const {
        if (board_.ready()) {
            return std::nullopt;
        }
        return Fault{FaultCode::NotReady, "the store is being recovered", {}};
    }

    StoreOptions options_;
    std::shared_ptr<const scoring::CompiledPolicy> policy_;
    std::vector<std::unique_ptr<Partition>> partitions_;
    IngestQueue queue_;
    BeatCounters counters_;
    ChangeFeed feed_{new_epoch(), {limits::kFeedChangesMax, limits::kFeedBytesMax}};
    KeepBoard board_;
    IdempotencyTable answers_;
    LatelyUsed lately_used_;
    std::unique_ptr<ApplyLoop> loop_;  // last: ends before what it works on

  private:
    void take_folder() {
        options_.log = options_.folder->take_log();
        options_.partitions = options_.folder->partitions();
        options_.hash_seed = options_.folder->hash_seed();
        for (KeptAnswer& answer : options_.folder->take_answers()) {
            answers_.keep(std::move(answer));
        }
    }

    Partition::Bounds bounds(std::size_t partitions) const {
        const std::size_t held = kChunksMax * kChunkRows;
        const std::size_t asked = (options_.customers_max + partitions - 1) / partitions;
        const std::size_t window =
            options_.dedupe_window != 0 ? options_.dedupe_window : limits::kDedupeWindowDefault;
        return {
            options_.customers_max != 0 ? std::min(asked, held) : held,
            std::max<std::size_t>(1, window / partitions),
            options_.hash_seed
        };
    }
};

Result<std::unique_ptr<Store>> Store::open(StoreOptions options) {
    PATRON_CHECK(options.clock != nullptr);
    PATRON_CHECK((options.log != nullptr) != (options.folder != nullptr));
    auto policy = scoring::compile(options.policy, options.schema);
    if (policy == nullptr) {
        return fail(
            FaultCode::PolicyInvalid,
            "unknown time zone \"" + options.schema.time_zone + "\"",
            "time_zone"
        );
    }
    const bool recovers = options.folder != nullptr;
    auto impl = std::make_unique<Impl>(std::move(options), std::move(policy));
    if (!recovers) {
        (void)impl->board_.wait();  // there is nothing to recover: ready at once
    }
    return std::unique_ptr<Store>(new Store(std::move(impl)));
}

Store::Store(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Store::~Store() {
    stop();
}

void Store::stop() {
    impl_->stop();
}

CustomerKey Store::key_of(std::string_view id) const {
    impl_->lately_used_.note();
    return {customer_hash(id, impl_->options_.hash_seed)};
}

void Store::prefetch(CustomerKey key) const {
    if (impl_->board_.ready()) {
        impl_->partition(key.hash).prefetch(key.hash);
    }
}

void Store::prefetch_record(CustomerKey key) const {
    if (impl_->board_.ready()) {
        impl_->partition(key.hash).prefetch_record(key.hash);
    }
}

ReadOutcome Store::read(
    CustomerKey key, std::string_view id, Instant now, Reading& out, Outlook outlook
) const {
    if (!impl_->board_.ready()) [[unlikely]] {
        return ReadOutcome::AskTheBeat;  // which says what the matter is
    }
    // Before the record: what is read is at least as new as this.
    out.seq = applied_seq();
    return impl_->partition(key.hash).read(*impl_->policy_, key.hash, id, now, out, outlook);
}

void Store::read_together(std::span<ScoreRead> reads, Instant now, Outlook outlook) const {
    constexpr std::size_t kGroup = 32;
    if (!impl_->board_.ready()) [[unlikely]] {
        for (ScoreRead& read : reads) {
            read.outcome = ReadOutcome::AskTheBeat;
        }
        return;
    }
    if (reads.size() == 1) {  // whom a vector would cost more
        ScoreRead& only = reads.front();
        only.outcome = read(only.key, only.id, now, only.reading, outlook);
        return;
    }
    std::array<scoring::ScoreRow, kGroup> rows;
    std::array<ScoreRead*, kGroup> of;
    while (!reads.empty()) {
        const std::size_t group = std::min(reads.size(), kGroup);
        const std::uint64_t seq = applied_seq();  // before the records, as above
        std::size_t found = 0;
        for (ScoreRead& read : reads.first(group)) {
            read.outcome = ReadOutcome::Unknown;
            if (impl_->partition(read.key.hash)
                    .find_standing(read.key.hash, read.id, read.reading.standing)) {
                read.reading.seq = seq;
                rows[found].standing = &read.reading.standing;
                of[found++] = &read;
            }
        }
        scoring::score_rows(*impl_->policy_, now, std::span(rows).first(found));
        for (std::size_t i = 0; i < found; ++i) {
            Reading& reading = of[i]->reading;
            const bool known =
                rows[i].holds && (reading.standing.outlook_known || outlook == Outlook::Spared);
            of[i]->outcome = known ? ReadOutcome::Found : ReadOutcome::AskTheBeat;
            reading.score = rows[i].score;
            reading.policy = impl_->policy_.get();
        }
        reads = reads.subspan(group);
    }
}

std::optional<Fault> Store::ask(CustomerQuestion question) {
    if (auto fault = impl_->not_ready()) {
        return fault;
    }
    return impl_->queue_.push(std::move(question));
}

std::optional<Fault> Store::scan(std::unique_ptr<Scan> scan, std::optional<Instant> at) {
    if (auto fault = impl_->not_ready()) {
        return fault;
    }
    if (at && *at < clock().now()) {
        return Fault{
            FaultCode::PastNotKept, "lists and counts look at the present and the future", "at"
        };
    }
    return impl_->queue_.push(PendingScan{std::move(scan), at});
}

std::optional<Fault> Store::submit(IngestRequest request) {
    if (auto fault = impl_->not_ready()) {
        return fault;
    }
    const std::vector<Event>& events = request.batch.events;
    request.hashes.resize(events.size());
    std::transform(events.begin(), events.end(), request.hashes.begin(), [this](const Event& e) {
        return key_of(e.customer).hash;
    });
    return impl_->queue_.push(std::move(request));
}

ChangeFeed& Store::changes() {
    return impl_->feed_;
}

std::optional<Fault> Store::picture(PictureQuestion question) {
    if (auto fault = impl_->not_ready()) {
        return fault;
    }
    return impl_->queue_.push(std::move(question));
}

std::optional<Fault> Store::count(std::move_only_function<void(LiveCounts)> done) {
    if (auto fault = impl_->not_ready()) {
        return fault;
    }
    return impl_->queue_.push(std::move(done));
}

std::optional<Fault> Store::wait_for_time(Instant time, std::move_only_function<void(bool)> done) {
    if (auto fault = impl_->not_ready()) {
        return fault;
    }
    return impl_->queue_.push(SeqWait{0, time, wait_deadline(), std::move(done)});
}

bool Store::ready() const {
    return impl_->board_.ready();
}
RecoveryProgress Store::recovery() const {
    return impl_->board_.progress();
}
Result<RecoveryReport> Store::wait_until_ready() {
    return impl_->board_.wait();
}

std::optional<Fault> Store::snapshot(std::move_only_function<void(Result<SnapshotInfo>)> done) {
    if (auto fault = impl_->not_ready()) {
        return fault;
    }
    return impl_->queue_.push(KeepTask{{}, std::move(done), nullptr});
}

std::optional<Fault> Store::backup(
    std::string directory, std::move_only_function<void(Result<BackupInfo>)> done
) {
    if (auto fault = impl_->not_ready()) {
        return fault;
    }
    return impl_->queue_.push(KeepTask{std::move(directory), nullptr, std::move(done)});
}

KeepStatus Store::keep_status() const {
    return impl_->board_.status();
}
IdempotencyTable& Store::answers() {
    return impl_->answers_;
}

std::optional<Fault> Store::wait_for(std::uint64_t seq, std::move_only_function<void(bool)> done) {
    if (auto fault = impl_->not_ready()) {
        return fault;
    }
    return impl_->queue_.push(SeqWait{seq, std::nullopt, wait_deadline(), std::move(done)});
}

std::uint64_t Store::applied_seq() const {
    return impl_->counters_.applied_seq.load(std::memory_order_acquire);
}

std::uint64_t Store::customers() const {
    return impl_->counters_.customers.load(std::memory_order_relaxed);
}

const scoring::CompiledPolicy& Store::policy() const {
    return *impl_->policy_;
}
const Clock& Store::clock() const {
    return *impl_->options_.clock;
}
const EventLog& Store::log() const {
    return *impl_->options_.log;
}

StoreMetrics Store::metrics() const {
    const BeatCounters& c = impl_->counters_;
    const auto load = [](const std::atomic<std::uint64_t>& counter) {
        return counter.load(std::memory_order_relaxed);
    };
    const IngestQueue::Sizes queue = impl_->queue_.sizes();
    StoreMetrics out;
    out.customers = load(c.customers);
    out.erased = load(c.erased);
    out.ledger_entries = load(c.entries);
    out.memory_bytes = load(c.bytes);
    out.events_applied = load(c.applied_seq);
    out.events_duplicate = load(c.duplicates);
    out.requests_rejected = load(c.rejected);
    out.beats = load(c.beats);
    out.beat_us_sum = load(c.beat_us_sum);
    std::transform(c.beat_buckets.begin(), c.beat_buckets.end(), out.beat_buckets.begin(), load);
    out.queue_events = queue.events;
    out.queue_bytes = queue.bytes;
    out.queue_questions = queue.questions;
    out.queue_refused = queue.refused;
    out.records_refreshed = load(c.refreshed);
    out.alarms_armed = load(c.armed);
    out.told_until = {c.told_until_ms.load(std::memory_order_relaxed)};
    out.changes_told = impl_->feed_.head();
    return out;
}

}  // namespace patron::store
