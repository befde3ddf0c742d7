#pragma once
// What became of the requests of one class: counts, latencies, and both second by second.
//
// Shapes     `counted` is what was due from the end of the warm-up on, `whole` is everything. Latencies are
//            of right answers (200), and of what was never answered with the time waited until the end.
//            A slot's sent, answered and failed happened in it; its latencies are of what was due in it.
// Units      nanoseconds from the start of the run.
// Bounds     at most kSlotsMax slots; they are longer than a second when the run is longer than that.
// Threads    one owner; `merge` of another thread's afterwards.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "tools/load/latency_histogram.h"

namespace patron::tools {

enum class Failure : std::uint8_t {
    NoConnection,  // could not connect
    Lost,          // the connection ended while an answer was due
    Garbled,       // an answer that cannot be read
    Wrong,         // 200, but it does not say what was asked for
};
inline constexpr std::size_t kFailures = 4;
std::string_view failure_name(Failure failure);

inline constexpr std::size_t kStatusEnd = 1000;

struct LoadCounts {
    std::uint64_t sent = 0;
    std::uint64_t answered = 0;  // with 200 and what was asked for
    std::uint64_t shed = 0;      // 429, 503
    std::uint64_t refused = 0;   // other statuses
    std::uint64_t units = 0;     // events or ids of what was answered
    std::array<std::uint64_t, kFailures> failures{};
    std::array<std::uint64_t, kStatusEnd> statuses{};

    std::uint64_t failed() const;
    void merge(const LoadCounts& other);
};

struct LoadWindow {
    std::int64_t from_ns = 0;
    std::int64_t end_ns = 0;
    std::int64_t planned_end_ns = end_ns;  // slots are as long as it wants them

    // Ends it earlier than planned, in the warm-up perhaps.
    void cut(std::int64_t end);
    std::int64_t slot_ns() const;
    std::size_t slots() const;
};

struct LoadSlot {
    std::uint64_t sent = 0;
    std::uint64_t answered = 0;
    std::uint64_t failed = 0;  // shed too
    LatencyHistogram latency{LatencyHistogram::kTwoDigits};
};

class ClassTally {
  public:
    static constexpr std::size_t kSlotsMax = 3600;

    ClassTally(std::string name, LoadWindow window);

    void sent(std::int64_t due_ns, std::int64_t now_ns, std::int64_t lag_ns);
    void answered(std::int64_t due_ns, std::int64_t now_ns, std::uint64_t units);
    void refused(std::int64_t due_ns, std::int64_t now_ns, int status);
    void failed(std::int64_t due_ns, std::int64_t now_ns, Failure failure);
    // A try to connect that nobody waited for in particular.
    void no_connection(std::int64_t now_ns);
    // At the end of the run.
    void unanswered(std::int64_t due_ns, std::int64_t now_ns);
    void unsent(std::int64_t due_ns, std::int64_t now_ns, std::uint64_t count);
    // Nothing is due any more from `end_ns` on.
    void cut(std::int64_t end_ns);
    // First one of something wrong, in words.
    void remember(std::string_view what);

    void merge(const ClassTally& other);

    std::string name;
    LoadWindow window;
    LoadCounts counted;
    LoadCounts whole;
    std::uint64_t unanswered_count = 0;
    std::uint64_t unsent_count = 0;
    LatencyHistogram latency;
    LatencyHistogram lag;  // of sends behind the instant when they could have been made
    std::vector<LoadSlot> slots;
    std::string first_wrong;

    // Since the last look, for who watches.
    LatencyHistogram recent{LatencyHistogram::kTwoDigits};

    // Everything that did not end well but was not shed.
    std::uint64_t errors() const {
        return counted.failed() + counted.refused + unanswered_count + unsent_count;
    }

  private:
    bool counts(std::int64_t due_ns) const { return due_ns >= window.from_ns; }
    LoadSlot* slot_at(std::int64_t ns);
    void add_latency(std::int64_t due_ns, std::int64_t now_ns, std::uint64_t times = 1);

    std::int64_t slot_ns_;
};

}  // namespace patron::tools
