#pragma once
// The concrete Asio types of this folder: one io_context per I/O thread, never an erased executor.

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

namespace patron::net {

namespace asio = boost::asio;
using ErrorCode = boost::system::error_code;
using Executor = asio::io_context::executor_type;
using Tcp = asio::ip::tcp;
using Socket = asio::basic_stream_socket<Tcp, Executor>;
using Acceptor = asio::basic_socket_acceptor<Tcp, Executor>;
using Timer = asio::basic_waitable_timer<
    std::chrono::steady_clock,
    asio::wait_traits<std::chrono::steady_clock>,
    Executor>;

}  // namespace patron::net
