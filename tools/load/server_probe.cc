#include "tools/load/server_probe.h"

#include <chrono>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace patron::tools {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;

constexpr std::chrono::seconds kPatience{10};
constexpr std::uint64_t kAnswerBytesMax = 8UL * 1024 * 1024;

// Asynchronous inside, because only so do Asio's operations keep a deadline.
template <class Start>
error_code settle(asio::io_context& io, beast::tcp_stream& stream, Start start) {
    error_code result;
    stream.expires_after(kPatience);
    start([&result](error_code error, auto&&...) { result = error; });
    io.restart();
    io.run();
    return result;
}

}  // namespace

std::expected<HttpAnswer, std::string> get_once(const ServerUrl& url, std::string_view path) {
    asio::io_context io{1};
    beast::tcp_stream stream{io};
    error_code failed;
    const auto found = asio::ip::tcp::resolver(io).resolve(url.host, url.port, failed);
    if (!failed) {
        failed = settle(io, stream, [&](auto done) { stream.async_connect(found, done); });
    }
    http::request<http::empty_body> request{http::verb::get, url.prefix + std::string(path), 11};
    request.set(http::field::host, url.host + ":" + url.port);
    request.set(http::field::connection, "close");
    if (!failed) {
        failed = settle(io, stream, [&](auto done) { http::async_write(stream, request, done); });
    }
    beast::flat_buffer buffer;
    http::response_parser<http::string_body> parser;
    parser.body_limit(kAnswerBytesMax);
    if (!failed) {
        failed =
            settle(io, stream, [&](auto done) { http::async_read(stream, buffer, parser, done); });
    }
    if (failed) {
        return std::unexpected(url.text() + ": " + failed.message());
    }
    return HttpAnswer{parser.get().result_int(), std::nullopt, std::move(parser.get().body())};
}

std::string server_version(const ServerUrl& url) {
    const auto answer = get_once(url, "/version");
    if (!answer || answer->status != 200) {
        return {};
    }
    error_code error;
    const boost::json::value value = boost::json::parse(answer->body, error);
    return !error && value.is_object() ? boost::json::serialize(value) : std::string();
}

}  // namespace patron::tools
