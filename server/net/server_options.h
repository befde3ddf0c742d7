#pragma once
// How the HTTP server listens, and the bounds and deadlines of its connections.
//
// Units      deadlines in milliseconds; they fire at the next tick of a coarse wheel, never early.
// Threads    a value.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include "store/limits.h"

namespace patron::net {

struct ServerOptions {
    std::string address = "127.0.0.1";
    std::uint16_t port = 0;  // 0: the system picks one
    unsigned io_threads = 1;

    std::size_t connections_max = store::limits::kConnectionsMax;  // beyond: 503 and close
    std::size_t body_bytes_max = store::limits::kBodyBytesMax;     // beyond: 413
    std::size_t streams_max = store::limits::kStreamsMax;          // beyond: 503
    std::size_t streams_per_client_max = store::limits::kStreamsPerClientMax;  // beyond: 429
    // What the read buffers of all connections may hold beyond their first 16 KiB; beyond: 503.
    std::size_t body_memory_bytes_max = 512UL * 1024 * 1024;

    std::chrono::milliseconds header_deadline{10'000};  // first byte to end of header; then 408
    std::chrono::milliseconds body_deadline{30'000};    // end of header to end of body; then 408
    std::chrono::milliseconds idle_deadline{60'000};    // between requests; then closed
    std::chrono::milliseconds write_deadline{30'000};   // without any progress; then closed
    std::chrono::milliseconds stream_heartbeat{store::limits::kStreamHeartbeatMs};
    std::chrono::milliseconds drain_deadline{2'000};  // for the peer to close after our last answer
};

}  // namespace patron::net
