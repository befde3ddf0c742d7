#include "server/net/http_server.h"

#include <utility>
#include <vector>

#include "server/net/io_thread.h"
#include "server/net/listener.h"
#include "store/check.h"

namespace patron::net {

struct HttpServer::Impl {
    explicit Impl(ServerOptions server_options)
        : options(std::move(server_options)), shared(options) {}

    ServerOptions options;
    SharedCounts shared;
    std::vector<std::unique_ptr<IoThread>> threads;
    bool started = false;
};

HttpServer::HttpServer(ServerOptions options, endpoints::Handler& handler, StreamSource* streams)
    : impl_(std::make_unique<Impl>(std::move(options))) {
    PATRON_CHECK(impl_->options.io_threads > 0);
    if (impl_->options.io_threads > 1) {
        refuse_taken_port(impl_->options.address, impl_->options.port);
    }
    std::uint16_t port = impl_->options.port;
    for (unsigned i = 0; i < impl_->options.io_threads; ++i) {
        impl_->threads.push_back(
            std::make_unique<IoThread>(impl_->options, handler, impl_->shared, streams, port)
        );
        port = impl_->threads.front()->port();
    }
}

HttpServer::~HttpServer() {
    stop(std::chrono::milliseconds(0));
}

std::uint16_t HttpServer::port() const {
    return impl_->threads.front()->port();
}

NetTotals HttpServer::totals() const {
    NetTotals totals;
    for (const auto& thread : impl_->threads) {
        totals.add(thread->net_counters());
    }
    return totals;
}

void HttpServer::start() {
    PATRON_CHECK(!impl_->started);
    impl_->started = true;
    for (const auto& thread : impl_->threads) {
        thread->start();
    }
}

void HttpServer::stop(std::chrono::milliseconds grace) {
    if (!impl_->started) {
        return;
    }
    for (const auto& thread : impl_->threads) {
        thread->ask_to_stop(grace);
    }
    for (const auto& thread : impl_->threads) {
        thread->join();
    }
}

}  // namespace patron::net
