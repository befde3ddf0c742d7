#pragma once
// What the generators did lately, for who watches: filled by them once a second, emptied by the watcher.
//
// Threads    any; one lock, taken a few times a second.

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "tools/load/class_tally.h"

namespace patron::tools {

struct LiveFigures {
    std::string name;
    std::uint64_t sent = 0;  // since the start, as the next three
    std::uint64_t answered = 0;
    std::uint64_t errors = 0;
    std::uint64_t waiting = 0;
    LatencyHistogram recent{LatencyHistogram::kTwoDigits};
};

class LiveBoard {
  public:
    // `place` names generator and class; `recent` of the tally is moved over.
    void post(std::uint32_t part, std::uint32_t place, ClassTally& tally, std::uint64_t waiting) {
        const std::lock_guard lock(mutex_);
        LiveFigures& to = figures_[{place, part}];
        to.name = tally.name;
        to.sent = tally.whole.sent;
        to.answered = tally.whole.answered;
        to.errors = tally.whole.failed() + tally.whole.refused + tally.whole.shed;
        to.waiting = waiting;
        to.recent.merge(tally.recent);
        tally.recent.clear();
    }

    // Per class, over all generators; what was recent is not any more.
    std::vector<LiveFigures> take() {
        const std::lock_guard lock(mutex_);
        std::vector<LiveFigures> out;
        for (auto& [key, from] : figures_) {
            if (out.empty() || out.back().name != from.name) {
                out.emplace_back().name = from.name;
            }
            LiveFigures& to = out.back();
            to.sent += from.sent;
            to.answered += from.answered;
            to.errors += from.errors;
            to.waiting += from.waiting;
            to.recent.merge(from.recent);
            from.recent.clear();
        }
        return out;
    }

  private:
    std::mutex mutex_;
    std::map<std::pair<std::uint32_t, std::uint32_t>, LiveFigures> figures_;
};

}  // namespace patron::tools
