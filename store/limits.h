#pragma once
// Every bound of the product, by name and unit, with what happens at it.
//
// Source     design: bodies 413, headers 431, queues and connections 503, ids and lists 422.

#include <cstddef>
#include <cstdint>

namespace patron::store::limits {

// Identity.
inline constexpr std::size_t kCustomerIdBytesMax = 128;
inline constexpr std::size_t kEventIdBytesMax = 64;
inline constexpr std::size_t kTextFieldBytesMax = 256;  // reason, by, region, tags, ...
inline constexpr std::size_t kTagsMax = 32;

// Time.
inline constexpr std::int64_t kFutureSkewMsMax = 5 * 60 * 1000;  // beyond: refused

// One request.
inline constexpr std::size_t kHeaderBytesMax = 8 * 1024;       // beyond: 431
inline constexpr std::size_t kBodyBytesMax = 8 * 1024 * 1024;  // beyond: 413
inline constexpr std::size_t kEventsPerRequestMax = 100'000;   // beyond: 413
inline constexpr std::size_t kIdsPerRequestMax = 10'000;       // beyond: 413
inline constexpr std::size_t kReturnedScoresMax = 100;
inline constexpr std::size_t kListLimitMax = 1'000;
inline constexpr std::size_t kRejectedListedMax = 1'000;
inline constexpr std::size_t kJsonDepthMax = 32;

// The server.
inline constexpr std::size_t kConnectionsMax = 10'000;            // beyond: 503 and close
inline constexpr std::size_t kQueueEventsMax = 1'000'000;         // waiting for a beat; beyond: 503
inline constexpr std::size_t kQueueBytesMax = 256 * 1024 * 1024;  // their strings; beyond: 503
inline constexpr std::size_t kQueueQuestionsMax = 65'536;         // reads that wait for a beat
inline constexpr std::size_t kQueueScansMax = 64;                 // lists and counts that wait
inline constexpr std::size_t kQueueKeepTasksMax = 16;             // snapshots and backups asked for
inline constexpr std::size_t kBeatEventsMax = 32'768;  // the rest waits for the next beat
inline constexpr std::int64_t kMinSeqWaitMs = 500;     // then 425

// Keys of requests sent again, with their answers; beyond, the oldest are forgotten.
inline constexpr std::size_t kIdempotencyKeyBytesMax = 255;
inline constexpr std::size_t kIdempotencyKeysMax = 100'000;
inline constexpr std::size_t kIdempotencyBytesMax = 64 * 1024 * 1024;
inline constexpr std::int64_t kIdempotencyKeepMs = 24 * 60 * 60 * 1000;

// The live stream.
inline constexpr std::size_t kFeedChangesMax = 262'144;  // kept for who resumes; the oldest go
inline constexpr std::size_t kFeedBytesMax = 128 * 1024 * 1024;  // of them
inline constexpr std::size_t kStreamsMax = 5'000;                // beyond: 503
inline constexpr std::size_t kStreamsPerClientMax = 100;         // of one address; beyond: 429
inline constexpr std::size_t kStreamCustomersMax = 1'000;        // named in one filter; beyond: 413
inline constexpr std::size_t kStreamLagMax = 4'096;              // changes; beyond: conflated
inline constexpr std::size_t kStreamBlockBytesMax = 256 * 1024;  // under way to one subscriber
inline constexpr std::size_t kStreamFrameBytesMax =
    4 * 1024;                                              // from a WebSocket client; beyond: 1009
inline constexpr std::size_t kPicturePageCustomers = 256;  // of a snapshot, at a time
inline constexpr std::int64_t kStreamHeartbeatMs = 15'000;
inline constexpr std::int64_t kStatsEveryMsMin = 100;  // of the topic `stats`
inline constexpr std::int64_t kForecastDaysMax = 366;  // beyond: 400

// One customer and all of them.
inline constexpr std::uint32_t kEntriesPerCustomerMax = 500'000;  // beyond: history_full
inline constexpr std::size_t kDedupeWindowDefault = 4'000'000;    // ids; the oldest are forgotten
inline constexpr std::size_t kTiersMax = 16;
inline constexpr std::size_t kWindowsMax = 4;

}  // namespace patron::store::limits
