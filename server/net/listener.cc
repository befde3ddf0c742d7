#include "server/net/listener.h"

#include <stdexcept>
#include <utility>

#include <sys/socket.h>

#include <boost/asio/steady_timer.hpp>

namespace patron::net {

namespace {

using ReusePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;

Tcp::endpoint endpoint_of(const std::string& address, std::uint16_t port) {
    ErrorCode error;
    const auto parsed = asio::ip::make_address(address, error);
    if (error) {
        throw std::runtime_error("cannot listen on '" + address + "': give an IP address");
    }
    return {parsed, port};
}

[[noreturn]] void fail_to_listen(const Tcp::endpoint& endpoint, const ErrorCode& error) {
    throw std::runtime_error(
        "cannot listen on " + endpoint.address().to_string() + " port " +
        std::to_string(endpoint.port()) + ": " + error.message() +
        "; choose another address or port, or stop what uses it"
    );
}

Acceptor listen_on(asio::io_context& io, const Tcp::endpoint& endpoint, bool shared) {
    Acceptor acceptor(io.get_executor());
    ErrorCode error;
    acceptor.open(endpoint.protocol(), error);
    if (!error) {
        acceptor.set_option(Acceptor::reuse_address(true), error);
    }
    if (!error && shared) {
        acceptor.set_option(ReusePort(true), error);
    }
    if (!error) {
        acceptor.bind(endpoint, error);
    }
    if (!error) {
        acceptor.listen(asio::socket_base::max_listen_connections, error);
    }
    if (error) {
        fail_to_listen(endpoint, error);
    }
    return acceptor;
}

}  // namespace

Acceptor open_acceptor(
    asio::io_context& io, const std::string& address, std::uint16_t port, bool shared
) {
    return listen_on(io, endpoint_of(address, port), shared);
}

void refuse_taken_port(const std::string& address, std::uint16_t port) {
    asio::io_context io;
    listen_on(io, endpoint_of(address, port), false);
}

Listener::Listener(Acceptor acceptor, NetCounters& counters, OnAccept on_accept)
    : acceptor_(std::move(acceptor))
    , pause_(acceptor_.get_executor())
    , counters_(counters)
    , on_accept_(std::move(on_accept)) {}

void Listener::do_accept() {
    acceptor_.async_accept([this](ErrorCode error, Socket socket) {
        if (!acceptor_.is_open()) {
            return;
        }
        if (error) {
            return on_error();
        }
        on_accept_(std::move(socket));
        do_accept();
    });
}

void Listener::on_error() {
    counters_.accept_errors.add(1);
    pause_.expires_after(kPause);
    pause_.async_wait([this](ErrorCode error) {
        if (!error && acceptor_.is_open()) {
            do_accept();
        }
    });
}

void Listener::close() {
    ErrorCode ignored;
    acceptor_.close(ignored);
    pause_.cancel();
}

}  // namespace patron::net
