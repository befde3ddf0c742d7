#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>
#include <variant>

#include <pthread.h>

#include "store/check.h"
#include "store/snapshot_file.h"
#include "store/snapshot_output.h"

namespace patron::store {
namespace {

// What the caller has handed over of a partition.
struct Given {
    std::uint64_t rows = 0;
    std::uint64_t entries = 0;
    bool closed = false;
};

}  // namespace

class SnapshotWriter::Impl {
  public:
    Impl(std::unique_ptr<SnapshotOutput> output, std::uint32_t partitions)
        : given_(partitions), open_(partitions), output_(std::move(output)), thread_([this] {
            ::pthread_setname_np(::pthread_self(), "patron-snapshot");
            run();
        }) {}

    ~Impl() {
        {
            const std::lock_guard lock(mutex_);
            given_up_ = true;
        }
        wake_.notify_one();
        thread_.join();
    }

    bool has_room() const {
        const std::lock_guard lock(mutex_);
        return blocks_waiting_ < kSnapshotBlocksQueued;
    }

    void add(SnapshotBlock block) {
        PATRON_CHECK(block.partition() < given_.size());
        Given& given = given_[block.partition()];
        PATRON_CHECK(!given.closed);
        PATRON_CHECK(has_room());
        given.rows += block.rows();
        given.entries += block.entries();
        if (block.rows() > 0) {
            hand_over(std::move(block), 1);
        }
    }

    void close_partition(PartitionSaved saved) {
        PATRON_CHECK(saved.partition < given_.size());
        Given& given = given_[saved.partition];
        PATRON_CHECK(!given.closed);
        PATRON_CHECK(saved.rows == given.rows && saved.entries == given.entries);
        PATRON_CHECK(saved.event_ids.size() + saved.erased.size() <= kSnapshotIdsMax);
        given.closed = true;
        --open_;
        hand_over(std::move(saved), 0);
    }

    void finish() {
        PATRON_CHECK(open_ == 0);
        {
            const std::lock_guard lock(mutex_);
            finishing_ = true;
        }
        wake_.notify_one();
    }

    std::optional<Result<SnapshotInfo>> outcome() const {
        const std::lock_guard lock(mutex_);
        return outcome_;
    }

  private:
    using Item = std::variant<SnapshotBlock, PartitionSaved>;

    void hand_over(Item item, std::size_t blocks) {
        {
            const std::lock_guard lock(mutex_);
            if (outcome_) {
                return;
            }
            queue_.push_back(std::move(item));
            blocks_waiting_ += blocks;
        }
        wake_.notify_one();
    }

    // -- the writer's thread --
    void run() {
        while (std::optional<Item> item = next()) {
            if (auto written = write(*item); !written) {
                return end(std::unexpected(std::move(written.error())));
            }
        }
        if (given_up()) {
            output_.reset();
        } else {
            end(output_->finish());
        }
    }

    // Nothing when all is written or nothing more is to be.
    std::optional<Item> next() {
        std::unique_lock lock(mutex_);
        wake_.wait(lock, [this] { return given_up_ || finishing_ || !queue_.empty(); });
        if (given_up_ || queue_.empty()) {
            return std::nullopt;
        }
        std::optional<Item> item(std::move(queue_.front()));
        queue_.pop_front();
        blocks_waiting_ -= std::holds_alternative<SnapshotBlock>(*item) ? 1 : 0;
        return item;
    }

    Result<void> write(const Item& item) {
        if (const auto* block = std::get_if<SnapshotBlock>(&item)) {
            return output_->add(*block);
        }
        return output_->close_partition(std::get<PartitionSaved>(item));
    }

    bool given_up() const {
        const std::lock_guard lock(mutex_);
        return given_up_;
    }

    void end(Result<SnapshotInfo> outcome) {
        output_.reset();  // a failed file is gone before anybody hears of it
        const std::lock_guard lock(mutex_);
        queue_.clear();
        blocks_waiting_ = 0;
        outcome_.emplace(std::move(outcome));
    }

    // The caller's.
    std::vector<Given> given_;
    std::size_t open_;

    std::unique_ptr<SnapshotOutput> output_;  // the writer's thread's

    mutable std::mutex mutex_;
    std::condition_variable wake_;
    // Under the mutex.
    std::deque<Item> queue_;
    std::size_t blocks_waiting_ = 0;
    bool finishing_ = false;
    bool given_up_ = false;
    std::optional<Result<SnapshotInfo>> outcome_;

    std::thread thread_;  // last: it uses all of the above
};

Result<std::unique_ptr<SnapshotWriter>> SnapshotWriter::begin(
    FileSystem& files, std::string directory, std::uint64_t seq, SnapshotAbout about
) {
    PATRON_CHECK(about.partitions > 0);
    auto output = SnapshotOutput::begin(files, std::move(directory), seq, about);
    if (!output) {
        return std::unexpected(std::move(output.error()));
    }
    auto impl = std::make_unique<Impl>(std::move(*output), about.partitions);
    return std::unique_ptr<SnapshotWriter>(new SnapshotWriter(std::move(impl)));
}

SnapshotWriter::SnapshotWriter(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SnapshotWriter::~SnapshotWriter() = default;

bool SnapshotWriter::has_room() const {
    return impl_->has_room();
}
void SnapshotWriter::add(SnapshotBlock block) {
    impl_->add(std::move(block));
}
void SnapshotWriter::close_partition(PartitionSaved saved) {
    impl_->close_partition(std::move(saved));
}
void SnapshotWriter::finish() {
    impl_->finish();
}
std::optional<Result<SnapshotInfo>> SnapshotWriter::outcome() const {
    return impl_->outcome();
}

}  // namespace patron::store
