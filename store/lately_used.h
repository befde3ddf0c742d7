#pragma once
// Whether anybody used the store since it was last asked: then idle work leaves the cores to them.
//
// Threads    `note` from any thread: one load, and one store after each `take`; `take` from the beat.

#include <atomic>

namespace patron::store {

class alignas(64) LatelyUsed {
  public:
    void note() {
        if (!noted_.load(std::memory_order_relaxed)) {
            noted_.store(true, std::memory_order_relaxed);
        }
    }
    bool take() { return noted_.exchange(false, std::memory_order_relaxed); }

  private:
    std::atomic<bool> noted_{false};
};

}  // namespace patron::store
