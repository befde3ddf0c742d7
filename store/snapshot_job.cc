#include "store/snapshot_job.h"

namespace patron::store {

SnapshotJob::~SnapshotJob() {
    if (writer_ != nullptr && saving_) {
        (*partitions_)[partition_]->abandon_save();
    }
}

SnapshotJob::Step SnapshotJob::step(std::uint64_t applied_seq) {
    if (auto ended = writer_->outcome()) {
        outcome_ = *std::move(ended);
        return Step::Ended;
    }
    if (partition_ == partitions_->size() || !writer_->has_room()) {
        return Step::Waiting;
    }
    if (!early_.empty()) {
        writer_->add(std::move(early_.back()));
        early_.pop_back();
        return Step::More;
    }
    if (save_slice(applied_seq) && partition_ == partitions_->size()) {
        writer_->finish();
        return Step::Waiting;
    }
    return Step::More;
}

// True when a partition is done.
bool SnapshotJob::save_slice(std::uint64_t applied_seq) {
    Partition& partition = *(*partitions_)[partition_];
    const auto number = static_cast<std::uint32_t>(partition_);
    if (!saving_) {
        partition.begin_save(number);
        saving_ = true;
        seq_ = applied_seq;
        block_.emplace(number);
    }
    const bool more = partition.save_rows(*block_, kSliceRows);
    early_ = partition.take_early_blocks();
    if (block_->full() || (!more && block_->rows() > 0)) {
        writer_->add(*std::move(block_));
        block_.emplace(number);
        if (more || !early_.empty() || !writer_->has_room()) {
            return false;
        }
    }
    if (more || !early_.empty()) {
        return false;
    }
    PartitionSaved saved = partition.end_save();
    saved.applied_seq = seq_;
    writer_->close_partition(std::move(saved));
    saving_ = false;
    ++partition_;
    return true;
}

}  // namespace patron::store
