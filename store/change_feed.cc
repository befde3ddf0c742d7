#include "store/change_feed.h"

#include <algorithm>
#include <utility>

#include "store/check.h"

namespace patron::store {
namespace {

// Texts that fit into the string itself cost nothing more.
std::size_t heap_bytes(const std::string& text) {
    static const std::size_t inline_bytes = std::string().capacity();
    return text.capacity() > inline_bytes ? text.capacity() + 1 : 0;
}

// Counted whole for each change that has it, although they may share it: never too little.
std::size_t profile_bytes(const ProfileDetails& profile) {
    std::size_t sum = sizeof profile + profile.tags.capacity() * sizeof(std::string);
    for (const std::string* text :
         {&profile.preferred_channel,
          &profile.region,
          &profile.industry,
          &profile.owner,
          &profile.birthday}) {
        sum += heap_bytes(*text);
    }
    for (const std::string& tag : profile.tags) {
        sum += heap_bytes(tag);
    }
    return sum;
}

std::size_t batch_bytes(const ChangeBatch& batch) {
    std::size_t sum = sizeof batch + batch.changes.capacity() * sizeof(Change);
    for (const Change& change : batch.changes) {
        sum += heap_bytes(change.id);
        sum += change.profile == nullptr ? 0 : profile_bytes(*change.profile);
        const auto& before = change.profile_before;
        sum += before == nullptr || before == change.profile ? 0 : profile_bytes(*before);
    }
    return sum;
}

}  // namespace

ChangeFeed::ChangeFeed(std::uint64_t epoch, Bounds bounds) : epoch_(epoch), bounds_(bounds) {}

std::uint64_t ChangeFeed::oldest_kept() const {
    return batches_.empty() ? head_.load(std::memory_order_relaxed)
                            : batches_.front().batch->first_offset - 1;
}

std::uint64_t ChangeFeed::oldest_cursor() const {
    const std::lock_guard lock(mutex_);
    return oldest_kept();
}

std::optional<std::vector<ChangeBatchPtr>> ChangeFeed::after(
    std::uint64_t cursor, std::size_t changes_max
) const {
    std::vector<ChangeBatchPtr> found;
    const std::lock_guard lock(mutex_);
    if (cursor < oldest_kept() || cursor > head_.load(std::memory_order_relaxed)) {
        return std::nullopt;
    }
    const auto holds_more = [](std::uint64_t at, const Kept& kept) {
        return at < kept.batch->last_offset();
    };
    auto next = std::upper_bound(batches_.begin(), batches_.end(), cursor, holds_more);
    for (; next != batches_.end(); ++next) {
        if (!found.empty() && next->batch->last_offset() - cursor > changes_max) {
            break;
        }
        found.push_back(next->batch);
    }
    return found;
}

std::uint64_t ChangeFeed::add_listener(Listener listener) {
    const std::lock_guard lock(listeners_mutex_);
    listeners_.push_back({++last_listener_, std::move(listener)});
    return last_listener_;
}

void ChangeFeed::remove_listener(std::uint64_t number) {
    const std::lock_guard lock(listeners_mutex_);
    std::erase_if(listeners_, [&](const Listening& listening) {
        return listening.number == number;
    });
}

void ChangeFeed::append(std::vector<Change> changes) {
    if (changes.empty()) {
        return;
    }
    auto batch = std::make_shared<ChangeBatch>();
    batch->first_offset = head() + 1;
    batch->changes = std::move(changes);
    const std::size_t bytes = batch_bytes(*batch);
    const std::uint64_t last = batch->last_offset();
    {
        std::vector<ChangeBatchPtr> gone;  // thousands of texts: freed after the lock
        const std::lock_guard lock(mutex_);
        changes_ += batch->changes.size();
        bytes_ += bytes;
        batches_.push_back({std::move(batch), bytes});
        drop_oldest(gone);
        head_.store(last, std::memory_order_release);
    }
    const std::lock_guard lock(listeners_mutex_);
    for (const Listening& listening : listeners_) {
        listening.call();
    }
}

void ChangeFeed::drop_oldest(std::vector<ChangeBatchPtr>& gone) {
    while (batches_.size() > 1 && (changes_ > bounds_.changes || bytes_ > bounds_.bytes)) {
        Kept& oldest = batches_.front();
        changes_ -= oldest.batch->changes.size();
        bytes_ -= oldest.bytes;
        gone.push_back(std::move(oldest.batch));
        batches_.pop_front();
    }
}

}  // namespace patron::store
