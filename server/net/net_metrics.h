#pragma once
// What the I/O threads count: one NetCounters per thread, summed by whoever asks.
//
// Threads    one writer (its I/O thread), any number of readers; every counter is exact by itself,
//            two of them need not be of the same moment.
// Cost       a plain load, add and store; no locked instruction.

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace patron::net {

class Counter {
  public:
    void add(std::uint64_t n) {
        value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
    }
    void subtract(std::uint64_t n) {
        value_.store(value_.load(std::memory_order_relaxed) - n, std::memory_order_relaxed);
    }
    std::uint64_t get() const { return value_.load(std::memory_order_relaxed); }

  private:
    std::atomic<std::uint64_t> value_{0};
};

inline constexpr std::size_t kStatusClasses = 6;  // index 2 counts 2xx; 0 is not used

struct alignas(64) NetCounters {
    std::array<Counter, kStatusClasses> answers;
    Counter bytes_in;
    Counter bytes_out;
    Counter connections_open;
    Counter connections_accepted;
    Counter connections_refused;  // over the limit
    Counter accept_errors;        // e.g. no file descriptor left
    Counter deadlines_passed;     // connections closed for being slow; idle ones are not counted
    Counter streams_open;
    Counter streams_begun;
    Counter streams_refused;  // over a limit
    Counter stream_messages;  // to each subscriber
    Counter stream_bytes;
    Counter stream_conflated;    // changes left out because a newer one of the customer was told
    Counter stream_gaps;         // times a subscriber was told that something is missing
    Counter stream_closed_slow;  // streams ended because the subscriber did not read
};

struct NetTotals {
    std::array<std::uint64_t, kStatusClasses> answers{};
    std::uint64_t bytes_in = 0;
    std::uint64_t bytes_out = 0;
    std::uint64_t connections_open = 0;
    std::uint64_t connections_accepted = 0;
    std::uint64_t connections_refused = 0;
    std::uint64_t accept_errors = 0;
    std::uint64_t deadlines_passed = 0;
    std::uint64_t streams_open = 0;
    std::uint64_t streams_begun = 0;
    std::uint64_t streams_refused = 0;
    std::uint64_t stream_messages = 0;
    std::uint64_t stream_bytes = 0;
    std::uint64_t stream_conflated = 0;
    std::uint64_t stream_gaps = 0;
    std::uint64_t stream_closed_slow = 0;

    void add(const NetCounters& counters) {
        for (std::size_t i = 0; i < kStatusClasses; ++i) {
            answers[i] += counters.answers[i].get();
        }
        bytes_in += counters.bytes_in.get();
        bytes_out += counters.bytes_out.get();
        connections_open += counters.connections_open.get();
        connections_accepted += counters.connections_accepted.get();
        connections_refused += counters.connections_refused.get();
        accept_errors += counters.accept_errors.get();
        deadlines_passed += counters.deadlines_passed.get();
        streams_open += counters.streams_open.get();
        streams_begun += counters.streams_begun.get();
        streams_refused += counters.streams_refused.get();
        stream_messages += counters.stream_messages.get();
        stream_bytes += counters.stream_bytes.get();
        stream_conflated += counters.stream_conflated.get();
        stream_gaps += counters.stream_gaps.get();
        stream_closed_slow += counters.stream_closed_slow.get();
    }
};

}  // namespace patron::net
