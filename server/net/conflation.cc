#include "server/net/conflation.h"

#include <algorithm>

#include "store/check.h"

namespace patron::net {

Walk Conflation::read(const store::ChangeFeed& feed, std::size_t changes_max) {
    PATRON_CHECK(!ready_);
    const Walk walk = walk_feed(
        feed,
        position_,
        end_,
        changes_max,
        [this](const store::Change& change, std::uint64_t offset) { return add(change, offset); }
    );
    if (walk == Walk::Arrived || (walk == Walk::Tired && merged_.size() >= kCustomersMax)) {
        end_ = position_;
        finish_reading();
        return Walk::Arrived;
    }
    return walk;
}

bool Conflation::add(const store::Change& change, std::uint64_t offset) {
    const std::uint64_t place = std::uint64_t{change.place.partition} << 32U | change.place.row;
    const auto [found, is_new] =
        by_place_.try_emplace(place, static_cast<std::uint32_t>(merged_.size()));
    if (is_new) {
        merged_.push_back(
            {change.place, change.from, change.profile_before, change.risk_before, offset, 1}
        );
    } else {
        Merged& merged = merged_[found->second];
        merged.newest = offset;
        ++merged.count;
    }
    if (!change.to) {
        by_place_.erase(found);  // whoever comes to this place next is somebody else
    }
    return merged_.size() < kCustomersMax;
}

void Conflation::finish_reading() {
    by_place_ = {};
    std::ranges::sort(merged_, {}, &Merged::newest);
    ready_ = true;
}

Walk Conflation::tell(const store::ChangeFeed& feed, std::size_t changes_max, const Visit& visit) {
    PATRON_CHECK(ready_);
    std::size_t told = 0;
    while (next_ < merged_.size()) {
        const auto batches = feed.after(merged_[next_].newest - 1, 1);
        if (!batches || batches->empty()) {
            return Walk::Lost;
        }
        const store::ChangeBatch& batch = *batches->front();
        for (; next_ < merged_.size() && merged_[next_].newest <= batch.last_offset(); ++next_) {
            if (told++ == changes_max) {
                return Walk::Tired;
            }
            const Merged& merged = merged_[next_];
            store::Change change = batch.changes[merged.newest - batch.first_offset];
            change.from = merged.from;
            change.profile_before = merged.profile_before;
            change.risk_before = merged.risk_before;
            if ((change.from || change.to) && !visit(change, merged.count)) {
                ++next_;
                return Walk::Tired;
            }
        }
    }
    return Walk::Arrived;
}

}  // namespace patron::net
