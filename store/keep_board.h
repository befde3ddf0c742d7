#pragma once
// What the apply thread tells everybody of recovery and of snapshots.
//
// Order      `ready` is set after everything recovery made can be read.
// Blocking   `wait` until recovery has ended.
// Threads    any.

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>

#include "store/store.h"

namespace patron::store {

class KeepBoard {
  public:
    bool ready() const { return ready_.load(std::memory_order_acquire); }
    // The store stops: recovery is to give up.
    void stop() { stopping_.store(true, std::memory_order_release); }
    bool stopping() const { return stopping_.load(std::memory_order_acquire); }

    void progress(RecoveryProgress::Phase phase, std::uint64_t done, std::uint64_t total) {
        phase_.store(phase, std::memory_order_relaxed);
        done_.store(done, std::memory_order_relaxed);
        total_.store(total, std::memory_order_relaxed);
    }
    void add_done(std::uint64_t more) { done_.fetch_add(more, std::memory_order_relaxed); }
    RecoveryProgress progress() const {
        return {
            phase_.load(std::memory_order_relaxed),
            done_.load(std::memory_order_relaxed),
            total_.load(std::memory_order_relaxed)
        };
    }

    void end_recovery(Result<RecoveryReport> report);
    Result<RecoveryReport> wait();

    template <class Change>
    void change(Change change) {
        const std::lock_guard guard(mutex_);
        change(status_);
    }
    KeepStatus status() const {
        const std::lock_guard guard(mutex_);
        return status_;
    }

  private:
    std::atomic<bool> ready_{false};
    std::atomic<bool> stopping_{false};
    std::atomic<RecoveryProgress::Phase> phase_{RecoveryProgress::Phase::Opening};
    std::atomic<std::uint64_t> done_{0};
    std::atomic<std::uint64_t> total_{0};
    mutable std::mutex mutex_;
    std::condition_variable ended_;
    std::optional<Result<RecoveryReport>> report_;
    KeepStatus status_;
};

}  // namespace patron::store
