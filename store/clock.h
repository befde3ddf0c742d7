#pragma once
// What time it is: the one door to the system's clock, so that tests and histories own time.
//
// Units      Instant in Unix ms.
// Threads    `now` may be called from any thread.

#include <atomic>

#include "scoring/units.h"

namespace patron::store {

class Clock {
  public:
    virtual ~Clock() = default;
    virtual scoring::Instant now() const = 0;
};

class SystemClock final : public Clock {
  public:
    scoring::Instant now() const override;
};

// Stands still until it is set.
class FixedClock final : public Clock {
  public:
    explicit FixedClock(scoring::Instant now) : now_ms_(now.ms) {}
    scoring::Instant now() const override { return {now_ms_.load(std::memory_order_acquire)}; }
    void set(scoring::Instant now) { now_ms_.store(now.ms, std::memory_order_release); }

  private:
    std::atomic<std::int64_t> now_ms_;
};

}  // namespace patron::store
