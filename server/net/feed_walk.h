#pragma once
// A walk along the feed of changes, a bounded number of steps at a time.
//
// Order      by offset.
// Threads    any; the batches walked over are held until the walk returns.

#include <cstddef>
#include <cstdint>

#include "store/change_feed.h"

namespace patron::net {

enum class Walk : std::uint8_t {
    Arrived,  // at the end asked for
    Tired,    // so many changes were seen, or the visitor has enough
    Lost,     // what comes next has left the feed
};

// Visits what comes after `position` up to and including `to`; `position` follows. `visit(change, offset)`
// returns false when that change was the last it takes for now.
template <class Visit>
Walk walk_feed(
    const store::ChangeFeed& feed,
    std::uint64_t& position,
    std::uint64_t to,
    std::size_t changes_max,
    Visit visit
) {
    if (position >= to) {
        return Walk::Arrived;
    }
    const auto batches = feed.after(position, changes_max);
    if (!batches) {
        return Walk::Lost;
    }
    std::size_t seen = 0;
    for (const store::ChangeBatchPtr& batch : *batches) {
        while (position < batch->last_offset()) {
            if (position >= to) {
                return Walk::Arrived;
            }
            if (seen == changes_max) {
                return Walk::Tired;
            }
            ++seen;
            ++position;
            if (!visit(batch->changes[position - batch->first_offset], position)) {
                return position >= to ? Walk::Arrived : Walk::Tired;
            }
        }
    }
    return position >= to ? Walk::Arrived : Walk::Tired;
}

}  // namespace patron::net
