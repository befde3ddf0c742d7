#pragma once
// A load's result as a table and a few sentences.
//
// Threads    pure.

#include <string>

#include "tools/load/load_result.h"

namespace patron::tools {

// The load in one line: "read, 10,000/s (constant) for 10 s after 1 s of warm-up, 64 connections".
std::string load_sentence(const LoadOptions& options);
// "patron 0.1.0 (c99ac9b)", or nothing.
std::string server_sentence(const LoadResult& result);
// How waits of so many people would have been felt.
struct FeltShares {
    std::uint64_t at_once = 0;       // below 100 ms
    std::uint64_t noticed = 0;       // below a second
    std::uint64_t interrupting = 0;  // a second or more
};
FeltShares felt_shares(const LatencyHistogram& latency);

std::string report_text(const LoadResult& result);

}  // namespace patron::tools
