#pragma once
// A line on stderr that says how far a long command has come; only where somebody watches.
//
// Shapes     rewrites one line; silent unless stderr is a terminal and nobody asked for quiet.
// Threads    one owner.
// Cost       a look at the clock every kStepsPerLook calls.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace patron::tools {

class Progress {
  public:
    Progress(std::string what, bool quiet);
    ~Progress();  // clears the line
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    // `share`: of the work done, 0..1; absent when nobody knows how much there is.
    template <class Share>
    void step(std::uint64_t count, Share share) {
        if (visible_ && ++steps_ % kStepsPerLook == 0) {
            look(count, share());
        }
    }

  private:
    static constexpr std::uint64_t kStepsPerLook = 256;

    void look(std::uint64_t count, std::optional<double> share);

    std::string what_;
    bool visible_ = false;
    std::uint64_t steps_ = 0;
    std::chrono::steady_clock::time_point start_;
    std::chrono::steady_clock::time_point shown_;
};

}  // namespace patron::tools
