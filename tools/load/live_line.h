#pragma once
// The line that says, once a second, how a load is going; rewritten in a terminal.
//
// Shapes     silent with --quiet; without a terminal only with --progress, then line by line.
// Threads    one owner.

#include <chrono>
#include <vector>

#include "tools/load/live_board.h"
#include "tools/load/load_options.h"

namespace patron::tools {

class LiveLine {
  public:
    explicit LiveLine(const LoadOptions& options);
    ~LiveLine();  // clears the line
    LiveLine(const LiveLine&) = delete;
    LiveLine& operator=(const LiveLine&) = delete;

    void show(const std::vector<LiveFigures>& figures);

  private:
    bool terminal_;
    bool visible_;
    double whole_s_;
    std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
};

}  // namespace patron::tools
