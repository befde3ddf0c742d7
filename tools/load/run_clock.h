#pragma once
// Time of a run: nanoseconds of the steady clock since its beginning.
//
// Shapes     one origin for all generators, set before the first arrival is due; before it time is
//            negative.
// Threads    `start` before the generators run; `now` from any.

#include <chrono>
#include <cstdint>

namespace patron::tools {

class RunClock {
  public:
    void start(std::int64_t ahead_ns) { origin_ = steady_ns() + ahead_ns; }
    std::int64_t now() const { return at(steady_ns()); }
    // The instant of the run at that instant of the steady clock.
    std::int64_t at(std::int64_t steady_ns) const { return steady_ns - origin_; }

  private:
    static std::int64_t steady_ns() {
        using namespace std::chrono;
        return duration_cast<nanoseconds>(steady_clock::now().time_since_epoch()).count();
    }

    std::int64_t origin_ = 0;
};

}  // namespace patron::tools
