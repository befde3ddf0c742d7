#include "store/store.h"

#include <algorithm>

#include "scoring/check.h"
#include "store/apply_loop.h"
#include "store/limits.h"

#ifndef PATRON_PARTITION_COUNT_DEFAULT
#define PATRON_PARTITION_COUNT_DEFAULT 64
#endif

namespace patron::store {

class Store::Impl {
  public:
    Impl(StoreOptions options, std::shared_ptr<const scoring::CompiledPolicy> policy)
        : options_(std::move(options)), policy_(std::move(policy)) {
        const std::size_t count =
            options_.partitions != 0 ? options_.partitions : PATRON_PARTITION_COUNT_DEFAULT;
        for (std::size_t p = 0; p < count; ++p) {
            partitions_.push_back(std::make_unique<Partition>(bounds(count)));
        }
        loop_ = std::make_unique<ApplyLoop>(ApplyLoop::Parts{
            partitions_,
            queue_,
            *options_.log,
            *options_.clock,
            *policy_,
            counters_,
            options_.threads
        });
    }

    void stop() {
        queue_.stop();
        loop_.reset();
    }

    const Partition& partition(std::uint64_t hash) const {
        return *partitions_[partition_of(hash, partitions_.size())];
    }

    StoreOptions options_;
    std::shared_ptr<const scoring::CompiledPolicy> policy_;
    std::vector<std::unique_ptr<Partition>> partitions_;
    IngestQueue queue_;
    BeatCounters counters_;
    std::unique_ptr<ApplyLoop> loop_;  // last: ends before what it works on

  private:
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
    PATRON_CHECK(options.clock != nullptr && options.log != nullptr);
    auto policy = scoring::compile(options.policy, options.schema);
    if (policy == nullptr) {
        return fail(
            FaultCode::PolicyInvalid,
            "unknown time zone \"" + options.schema.time_zone + "\"",
            "time_zone"
        );
    }
    auto impl = std::make_unique<Impl>(std::move(options), std::move(policy));
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
    return {customer_hash(id, impl_->options_.hash_seed)};
}

void Store::prefetch(CustomerKey key) const {
    impl_->partition(key.hash).prefetch(key.hash);
}

void Store::prefetch_record(CustomerKey key) const {
    impl_->partition(key.hash).prefetch_record(key.hash);
}

ReadOutcome Store::read(CustomerKey key, std::string_view id, Instant now, Reading& out) const {
    // Before the record: what is read is at least as new as this.
    out.seq = applied_seq();
    return impl_->partition(key.hash).read(*impl_->policy_, key.hash, id, now, out);
}

std::optional<Fault> Store::ask(CustomerQuestion question) {
    return impl_->queue_.push(std::move(question));
}

std::optional<Fault> Store::scan(std::unique_ptr<Scan> scan, std::optional<Instant> at) {
    if (at && *at < clock().now()) {
        return Fault{
            FaultCode::PastNotKept, "lists and counts look at the present and the future", "at"
        };
    }
    return impl_->queue_.push(PendingScan{std::move(scan), at});
}

std::optional<Fault> Store::submit(IngestRequest request) {
    const std::vector<Event>& events = request.batch.events;
    request.hashes.resize(events.size());
    std::transform(events.begin(), events.end(), request.hashes.begin(), [this](const Event& e) {
        return key_of(e.customer).hash;
    });
    return impl_->queue_.push(std::move(request));
}

std::optional<Fault> Store::wait_for(std::uint64_t seq, std::move_only_function<void(bool)> done) {
    const auto deadline =
        std::chrono::steady_clock::now() + std::chrono::milliseconds(limits::kMinSeqWaitMs);
    return impl_->queue_.push(SeqWait{seq, deadline, std::move(done)});
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
    return out;
}

}  // namespace patron::store
