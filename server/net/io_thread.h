#pragma once
// One thread with its own io_context, listening socket, connections and deadlines; nothing in it is
// locked but its mailbox.
//
// Order      built -> start -> ask_to_stop -> join.
// Threads    built, started, asked and joined by the owner; all else happens on its own thread.
// Owns       its sessions: `join` returns after the last one is gone.

#include <optional>
#include <thread>

#include <boost/asio/posix/basic_stream_descriptor.hpp>

#include "server/net/asio_types.h"
#include "server/net/broadcaster.h"
#include "server/net/listener.h"
#include "server/net/session_host.h"

namespace patron::net {

class IoThread final : private SessionHost {
  public:
    IoThread(
        const ServerOptions& server_options,
        endpoints::Handler& api,
        SharedCounts& shared,
        StreamSource* stream_source,  // nullptr: no request becomes a stream
        std::uint16_t port
    );
    ~IoThread();

    std::uint16_t port() const { return port_; }
    const NetCounters& net_counters() const { return counters; }

    void start();
    // Accepts no more, closes what is idle, and what is busy after its answer or after `grace`.
    void ask_to_stop(std::chrono::milliseconds grace);
    void join();

  private:
    using Descriptor = asio::posix::basic_stream_descriptor<Executor>;

    void on_accept(Socket socket);
    void await_mail();
    void on_mail();
    void begin_stop();
    void close_all();
    void await_tick();
    void on_tick();
    void on_session_gone() override;
    void finish();

    asio::io_context io_;
    Listener listener_;
    Descriptor mail_;
    Timer tick_;
    Mail mailed_;
    std::optional<Broadcaster> broadcaster_;
    std::uint16_t port_;
    std::atomic<std::int64_t> grace_ms_{0};
    std::chrono::steady_clock::time_point stop_at_{};
    bool tick_pending_ = false;
    std::thread thread_;
};

}  // namespace patron::net
