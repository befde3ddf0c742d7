#include "store/purge_job.h"

#include <algorithm>

#include "store/event_codec.h"
#include "store/partition_map.h"

namespace patron::store {

PurgeJob::PurgeJob(EventLog& log, const std::vector<Erasure>& erasures) : log_(&log) {
    for (const Erasure& erasure : erasures) {
        Erasure& kept = erasures_[erasure.customer];
        if (erasure.seq >= kept.seq) {
            kept = erasure;
        }
        last_ = std::max(last_, erasure.seq);
    }
}

Result<bool> PurgeJob::step() {
    if (cursor_ == nullptr) {
        auto cursor = log_->read_from(log_->status().first_seq);
        if (!cursor) {
            return std::unexpected(cursor.error());
        }
        cursor_ = *std::move(cursor);
    }
    for (std::size_t bytes = 0; bytes < kSliceBytes;) {
        StoredBatch batch;
        const auto more = cursor_->next(batch);
        if (!more) {
            return more;
        }
        if (!*more || batch.first_seq > last_) {
            return false;
        }
        bytes += batch.bytes.size();
        if (auto done = clean(batch); !done) {
            return std::unexpected(done.error());
        }
    }
    return true;
}

Result<void> PurgeJob::clean(StoredBatch& batch) {
    if (auto good = check(batch); !good) {
        return good;
    }
    const auto goes = [&](std::uint32_t position, const Event& e) -> std::optional<RemovedEvent> {
        const auto at = erasures_.find(e.customer);
        if (at == erasures_.end() || batch.first_seq + position > at->second.seq) {
            return std::nullopt;
        }
        ++removed_;
        const std::uint64_t customer = at->second.customer_hash;
        return RemovedEvent{
            position, false, customer, e.id.empty() ? 0 : hash_bytes(e.id, customer)
        };
    };
    auto rest = remove_events(batch.format, batch.bytes, batch.events, goes);
    if (!rest) {
        return std::unexpected(rest.error());
    }
    if (!*rest) {
        return {};
    }
    batch.bytes = **std::move(rest);
    batch.format = kEventFormat;
    return log_->replace(batch);
}

}  // namespace patron::store
