#pragma once
// SIGINT or SIGTERM while a load runs: it ends early and tells what it found. A second one ends the process.
//
// Units      nanoseconds of the steady clock.
// Threads    made and destroyed by one, one at a time; `came_ns` from any.

#include <array>
#include <csignal>
#include <cstdint>

namespace patron::tools {

class Interrupt {
  public:
    Interrupt();   // listens from now on
    ~Interrupt();  // what was done about the signals before is done again
    Interrupt(const Interrupt&) = delete;
    Interrupt& operator=(const Interrupt&) = delete;

    // When the first one came; 0: none yet.
    static std::int64_t came_ns();

  private:
    std::array<struct sigaction, 2> before_{};
};

}  // namespace patron::tools
