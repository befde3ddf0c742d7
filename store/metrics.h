#pragma once
// What the store says of itself at a scrape.
//
// Units      counts since the start; bytes; seconds where the name says so.
// Threads    values, taken one by one: numbers of one scrape may lie a beat apart.

#include <array>
#include <cstddef>
#include <cstdint>

#include "scoring/units.h"

namespace patron::store {

// Upper bounds of the beat's duration buckets, in microseconds; the last bucket is open.
inline constexpr std::array<std::uint64_t, 10> kBeatBucketsUs{
    10, 50, 100, 500, 1'000, 5'000, 10'000, 50'000, 100'000, 1'000'000
};

struct StoreMetrics {
    std::uint64_t customers = 0;
    std::uint64_t erased = 0;
    std::uint64_t ledger_entries = 0;
    std::uint64_t memory_bytes = 0;  // columns, records, index, ledgers, dedupe window

    std::uint64_t events_applied = 0;
    std::uint64_t events_duplicate = 0;
    std::uint64_t requests_rejected = 0;
    std::uint64_t beats = 0;
    std::uint64_t beat_us_sum = 0;
    std::array<std::uint64_t, kBeatBucketsUs.size() + 1> beat_buckets{};

    std::uint64_t queue_events = 0;
    std::uint64_t queue_bytes = 0;
    std::uint64_t queue_questions = 0;
    std::uint64_t queue_refused = 0;

    std::uint64_t records_refreshed = 0;  // reads that had to ask the beat

    std::uint64_t alarms_armed = 0;  // customers that time will move
    std::uint64_t changes_told = 0;  // to listeners
    scoring::Instant told_until;     // what time had changed by then has been told
};

}  // namespace patron::store
