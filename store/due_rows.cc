#include "store/due_rows.h"

namespace patron::store {
namespace {

// So many rows are looked at one by one before they are sorted in.
constexpr std::size_t kAddedMax = 64;

bool later(const DueRow& a, const DueRow& b) {
    return a.at > b.at;
}

}  // namespace

void DueRows::add_near(Row row, Instant at) {
    wheel_.disarm(row);
    added_.push_back({at, row});
    std::push_heap(added_.begin(), added_.end(), later);
    next_ = std::min(next_, at);
}

bool DueRows::take_begun(Instant now, std::size_t limit, std::vector<Row>& out) {
    const std::int64_t tick = now.ms / TimingWheel::kTickMs;
    near_end_ = std::max(near_end_, Instant{(tick + 1) * TimingWheel::kTickMs});
    next_known_ = false;
    return wheel_.take_due(now, limit, out);
}

Instant DueRows::horizon(std::size_t limit, Instant until) {
    if (added_.size() > kAddedMax) {
        const auto middle = static_cast<std::ptrdiff_t>(sorted_.size());
        std::sort(added_.begin(), added_.end(), later);
        sorted_.insert(sorted_.end(), added_.begin(), added_.end());
        std::inplace_merge(sorted_.begin(), sorted_.begin() + middle, sorted_.end(), later);
        added_.clear();
    }
    return sorted_.size() <= limit ? until : std::min(until, sorted_[sorted_.size() - limit].at);
}

const DueRow* DueRows::first() const {
    if (sorted_.empty()) {
        return added_.empty() ? nullptr : &added_.front();
    }
    return !added_.empty() && added_.front().at < sorted_.back().at ? &added_.front()
                                                                    : &sorted_.back();
}

void DueRows::pop() {
    next_known_ = false;
    if (first() == (added_.empty() ? nullptr : &added_.front())) {
        std::pop_heap(added_.begin(), added_.end(), later);
        added_.pop_back();
        return;
    }
    sorted_.pop_back();
    if (sorted_.empty()) {
        sorted_.shrink_to_fit();
    }
}

void DueRows::find_next() const {
    const DueRow* near = first();
    next_ = near == nullptr ? wheel_.next() : std::min(near->at, wheel_.next());
    next_known_ = true;
}

std::size_t DueRows::bytes() const {
    return wheel_.bytes() + (sorted_.capacity() + added_.capacity()) * sizeof(DueRow);
}

}  // namespace patron::store
