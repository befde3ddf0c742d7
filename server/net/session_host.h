#pragma once
// What the sessions of one I/O thread share.
//
// Threads    the I/O thread only, except SharedCounts.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <unordered_map>

#include "server/endpoints/request.h"
#include "server/net/deadline_wheel.h"
#include "server/net/mailbox.h"
#include "server/net/net_metrics.h"
#include "server/net/read_buffer.h"
#include "server/net/server_options.h"
#include "server/net/session_turns.h"
#include "server/net/stream_limits.h"

namespace patron::net {

class Broadcaster;

// The deadlines of the options in ticks of the wheel, so that arming one divides nothing.
struct DeadlineTicks {
    DeadlineTicks(const ServerOptions& options, const DeadlineWheel& wheel)
        : header(wheel.ticks(options.header_deadline))
        , body(wheel.ticks(options.body_deadline))
        , idle(wheel.ticks(options.idle_deadline))
        , idle_grown(wheel.ticks(std::min(options.idle_deadline, kKeepGrownBuffer)))
        , write(wheel.ticks(options.write_deadline))
        , drain(wheel.ticks(options.drain_deadline)) {}

    // A buffer that grew for a body is given back after so long without a request.
    static constexpr std::chrono::milliseconds kKeepGrownBuffer{1000};

    std::uint64_t header;
    std::uint64_t body;
    std::uint64_t idle;
    std::uint64_t idle_grown;
    std::uint64_t write;
    std::uint64_t drain;
};

// What all I/O threads count together.
struct SharedCounts {
    explicit SharedCounts(const ServerOptions& options)
        : streams(options.streams_max, options.streams_per_client_max) {}

    std::atomic<std::size_t> connections{0};
    StreamLimits streams;
};

struct SessionHost {
    SessionHost(
        const ServerOptions& server_options,
        endpoints::Handler& api,
        SharedCounts& shared,
        std::chrono::milliseconds tick,
        std::size_t letters_max
    )
        : options(server_options)
        , handler(api)
        , open_connections(shared.connections)
        , stream_limits(shared.streams)
        , wheel(tick)
        , deadlines(server_options, wheel)
        , mailbox(std::make_shared<Mailbox>(letters_max)) {}
    SessionHost(const SessionHost&) = delete;
    SessionHost& operator=(const SessionHost&) = delete;

    // A session has ended; it is not in the wheel any more.
    virtual void on_session_gone() = 0;

    const ServerOptions& options;
    endpoints::Handler& handler;
    std::atomic<std::size_t>& open_connections;
    StreamLimits& stream_limits;
    Broadcaster* broadcaster = nullptr;  // of the thread; nullptr: no request becomes a stream
    DeadlineWheel wheel;
    const DeadlineTicks deadlines;
    NetCounters counters;
    MemoryBudget body_memory;
    std::shared_ptr<Mailbox> mailbox;
    SessionTurns turns;
    std::unordered_map<std::uint64_t, SessionPtr>
        waiting;  // by ticket, for an answer that comes later
    std::uint64_t last_ticket = 0;
    bool stopping = false;

  protected:
    ~SessionHost() = default;
};

}  // namespace patron::net
