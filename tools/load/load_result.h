#pragma once
// Everything a load found out, for the reports.
//
// Threads    values.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tools/load/class_tally.h"
#include "tools/load/load_options.h"
#include "tools/load/subscribers.h"

namespace patron::tools {

struct ClassResult {
    ClassTally tally;
    std::optional<double> asked_rate;  // requests a second; none: closed loop, or a feed
    std::string unit;                  // of what one request carries: events, ids; else empty

    double seconds() const {
        const LoadWindow& window = tally.window;
        return static_cast<double>(std::max<std::int64_t>(window.end_ns - window.from_ns, 0)) / 1e9;
    }
    double answered_rate() const { return static_cast<double>(tally.counted.answered) / seconds(); }
    double sent_rate() const { return static_cast<double>(tally.counted.sent) / seconds(); }
    double unit_rate() const { return static_cast<double>(tally.counted.units) / seconds(); }
};

struct FeedResult {
    FeedCounts counts;
    std::size_t subscribers = 0;
};

struct LoadResult {
    LoadOptions options;
    std::string server_version;   // JSON, or empty
    std::int64_t started_ms = 0;  // Unix
    double took_s = 0;
    std::vector<ClassResult> classes;
    std::optional<FeedResult> feed;
    std::string trouble_after;  // what went wrong when the server was put in order again
    bool interrupted = false;   // it ended before its time

    double counted_seconds() const { return classes.empty() ? 0 : classes.front().seconds(); }

    std::uint64_t errors() const {
        std::uint64_t sum = 0;
        for (const ClassResult& one : classes) {
            sum += one.tally.errors();
        }
        return sum;
    }
    // What a reader of the figures must know: a generator that was late itself, a hidden waiting.
    std::vector<std::string> warnings() const;
};

}  // namespace patron::tools
