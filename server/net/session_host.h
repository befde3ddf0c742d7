#pragma once
// What the sessions of one I/O thread share.
//
// Threads    the I/O thread only, except `open_connections`, which all I/O threads count together.

#include <atomic>
#include <boost/smart_ptr/intrusive_ptr.hpp>
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

namespace patron::net {

class HttpSession;
void intrusive_ptr_add_ref(HttpSession* session) noexcept;
void intrusive_ptr_release(HttpSession* session) noexcept;
using SessionPtr = boost::intrusive_ptr<HttpSession>;

struct SessionHost {
    SessionHost(
        const ServerOptions& server_options,
        endpoints::Handler& api,
        std::atomic<std::size_t>& connections,
        std::chrono::milliseconds tick,
        std::size_t letters_max
    )
        : options(server_options)
        , handler(api)
        , open_connections(connections)
        , wheel(tick)
        , mailbox(std::make_shared<Mailbox>(letters_max)) {}
    SessionHost(const SessionHost&) = delete;
    SessionHost& operator=(const SessionHost&) = delete;

    // A session has ended; it is not in the wheel any more.
    virtual void on_session_gone() = 0;

    const ServerOptions& options;
    endpoints::Handler& handler;
    std::atomic<std::size_t>& open_connections;
    DeadlineWheel wheel;
    NetCounters counters;
    MemoryBudget body_memory;
    std::shared_ptr<Mailbox> mailbox;
    std::unordered_map<std::uint64_t, SessionPtr> waiting;  // by ticket, for an answer that comes later
    std::uint64_t last_ticket = 0;
    bool stopping = false;

  protected:
    ~SessionHost() = default;
};

}  // namespace patron::net
