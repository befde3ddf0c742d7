#pragma once
// A closed loop: every connection has one batch on its way, and says the next when it was answered.
//
// Units      latencies from the write of a batch to its last answer.
// Time       `warmup_s` is not measured; then `seconds`, or with 0 until the workload has no more,
//            or until `units` were answered in all.
//            At the end it waits for the answers still under way, uncounted.
// Errors     a wrong answer is counted, the first one kept as text; a connection that fails or says
//            nothing for 30 seconds ends the process.
// Threads    one.
// Blocking   until the end.

#include <cstdint>
#include <string>

#include "bench/e2e/latency_histogram.h"
#include "bench/e2e/workload.h"

namespace patron::bench {

struct LoopOptions {
    std::uint16_t port = 0;
    std::uint32_t connections = 1;
    double warmup_s = 0;
    double seconds = 0;
    std::uint64_t units = 0;  // not 0: until so many were answered
};

struct LoopResult {
    std::uint64_t units = 0;      // measured
    std::uint64_t units_all = 0;  // with warm-up and end
    std::uint64_t batches = 0;
    std::uint64_t bytes_out = 0;
    std::uint64_t bytes_in = 0;
    std::uint64_t wrong = 0;
    std::string first_wrong;
    double seconds = 0;
    double cpu_s = 0;  // of this process, measured part
    LatencyHistogram latencies;
};

LoopResult run_closed_loop(Workload& workload, const LoopOptions& options);

}  // namespace patron::bench
