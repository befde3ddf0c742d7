#pragma once
// The newest changes, for any number of listeners, none of which is ever waited for.
//
// Shapes     a cursor is (epoch, offset): the epoch is drawn anew at every start, offsets count changes
//            from 1. Cursor 0 stands before the first change.
// Order      offsets are given in the order of `append`; one customer's changes are in order.
// Bounds     changes and bytes kept, whichever is reached first; the oldest batches go, but the newest stays,
//            however large, so that whoever keeps up loses nothing. A listener that falls behind
//            finds that its cursor has gone.
// Owns       the batches, together with whoever still reads them.
// Threads    `append` from the apply thread, everything else from any. A mutex is held for a push or for
//            copying pointers.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "store/change.h"

namespace patron::store {

struct ChangeBatch {
    std::uint64_t first_offset = 0;  // of changes[0]; the others follow
    std::vector<Change> changes;     // never empty

    std::uint64_t last_offset() const { return first_offset + changes.size() - 1; }
};
using ChangeBatchPtr = std::shared_ptr<const ChangeBatch>;

class ChangeFeed {
  public:
    struct Bounds {
        std::size_t changes = 0;
        std::size_t bytes = 0;
    };
    ChangeFeed(std::uint64_t epoch, Bounds bounds);

    std::uint64_t epoch() const { return epoch_; }
    // The offset of the newest change; 0 before the first.
    std::uint64_t head() const { return head_.load(std::memory_order_acquire); }
    // The oldest cursor from which nothing is missing.
    std::uint64_t oldest_cursor() const;

    // Whole batches that hold what came after `cursor`, in order, at least one if there is any, then up to
    // `changes_max` changes; the first may begin at or before the cursor. nullopt: some of it has gone,
    // or the cursor lies ahead of the head.
    std::optional<std::vector<ChangeBatchPtr>> after(std::uint64_t cursor, std::size_t changes_max)
        const;

    // Called after every append, on the apply thread; must be short and call neither `append` nor these two.
    // Whoever listens removes himself before he ends: once he is removed, no call is under way.
    using Listener = std::function<void()>;
    std::uint64_t add_listener(Listener listener);
    void remove_listener(std::uint64_t number);

    // Nothing, if there are none.
    void append(std::vector<Change> changes);

  private:
    struct Listening {
        std::uint64_t number;
        Listener call;
    };
    struct Kept {
        ChangeBatchPtr batch;
        std::size_t bytes;
    };

    std::uint64_t oldest_kept() const;
    void drop_oldest(std::vector<ChangeBatchPtr>& gone);

    const std::uint64_t epoch_;
    const Bounds bounds_;
    std::atomic<std::uint64_t> head_{0};
    mutable std::mutex mutex_;  // of all below but the listeners
    std::deque<Kept> batches_;
    std::size_t changes_ = 0;
    std::size_t bytes_ = 0;
    std::mutex listeners_mutex_;
    std::vector<Listening> listeners_;
    std::uint64_t last_listener_ = 0;
};

}  // namespace patron::store
