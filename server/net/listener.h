#pragma once
// Takes the connections of one I/O thread from a listening socket of its own.
//
// Order      with several I/O threads the system spreads connections over their sockets
// (SO_REUSEPORT). Errors     `open_acceptor` throws with one line that says what to do. While
// running, an error such as
//            "no file descriptor left" pauses accepting for kPause: never a spin, never an end.
// Threads    the I/O thread; `open_acceptor` before it runs.

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "server/net/asio_types.h"
#include "server/net/net_metrics.h"

namespace patron::net {

// Bound and listening. `shared` lets further I/O threads listen on the same port.
Acceptor open_acceptor(
    asio::io_context& io, const std::string& address, std::uint16_t port, bool shared
);

// With SO_REUSEPORT a second server on the same port would silently take half of the connections:
// this throws if anybody listens there already.
void refuse_taken_port(const std::string& address, std::uint16_t port);

class Listener {
  public:
    static constexpr std::chrono::milliseconds kPause{100};

    using OnAccept = std::function<void(Socket)>;

    Listener(Acceptor acceptor, NetCounters& counters, OnAccept on_accept);

    std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
    void start() { do_accept(); }
    void close();

  private:
    void do_accept();
    void on_error();

    Acceptor acceptor_;
    Timer pause_;
    NetCounters& counters_;
    OnAccept on_accept_;
};

}  // namespace patron::net
