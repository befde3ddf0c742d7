#pragma once
// The HTTP server: listens, and brings every request to one handler.
//
// Order      built (bound and listening: the port is known) -> start -> stop; connections that
// arrive
//            before `start` wait.
// Errors     the constructor throws std::runtime_error, one line, if it cannot listen.
// Threads    `totals` from any thread; the rest from its owner. The handler is called on the I/O
// threads. Blocking   `stop` waits for requests under way, at most `grace` (and the last tick of
// the deadlines).

#include <chrono>
#include <cstdint>
#include <memory>

#include "server/endpoints/request.h"
#include "server/net/net_metrics.h"
#include "server/net/server_options.h"

namespace patron::net {

class StreamSource;

class HttpServer {
  public:
    // `streams`: what requests that become streams are told; without it no request may.
    HttpServer(ServerOptions options, endpoints::Handler& handler, StreamSource* streams = nullptr);
    ~HttpServer();
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;

    std::uint16_t port() const;
    NetTotals totals() const;

    void start();
    void stop(std::chrono::milliseconds grace);

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace patron::net
