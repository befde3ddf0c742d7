#include "tools/patron/http_client.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include "server/start_error.h"

namespace patron::tools {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;

constexpr std::uint64_t kAnswerBytesMax = 8UL * 1024 * 1024;

[[noreturn]] void fail_url(std::string_view url, std::string_view why) {
    throw server::StartError(
        server::ExitCode::Usage,
        "'" + std::string(url) + "' " + std::string(why) + "; say --to http://127.0.0.1:8080"
    );
}

std::optional<std::chrono::seconds> seconds_of(std::string_view text) {
    std::int64_t seconds = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), seconds);
    const bool whole = !text.empty() && parsed.ptr == text.data() + text.size() && seconds >= 0;
    return whole ? std::optional(std::chrono::seconds(seconds)) : std::nullopt;
}

}  // namespace

std::string ServerUrl::text() const {
    const bool v6 = host.find(':') != std::string::npos;
    return "http://" + (v6 ? "[" + host + "]" : host) + ":" + port + prefix;
}

ServerUrl parse_server_url(std::string_view url) {
    constexpr std::string_view kScheme = "http://";
    if (url.starts_with("https://")) {
        fail_url(url, "asks for TLS, which this command does not speak");
    }
    if (!url.starts_with(kScheme)) {
        fail_url(url, "is not the address of a server");
    }
    std::string_view rest = url.substr(kScheme.size());
    ServerUrl out;
    const std::size_t slash = std::min(rest.find('/'), rest.size());
    out.prefix = rest.substr(slash);
    while (out.prefix.ends_with('/')) {
        out.prefix.pop_back();
    }
    rest = rest.substr(0, slash);
    std::size_t host_end = std::min(rest.find(':'), rest.size());
    if (rest.starts_with('[')) {
        const std::size_t close = rest.find(']');
        if (close == std::string_view::npos) {
            fail_url(url, "has no ] behind its address");
        }
        out.host = rest.substr(1, close - 1);
        host_end = close + 1;
    } else {
        out.host = rest.substr(0, host_end);
    }
    const std::string_view port = rest.substr(host_end);
    out.port = port.empty() ? "80" : port.substr(1);
    unsigned number = 0;
    const char* end = out.port.data() + out.port.size();
    const auto parsed = std::from_chars(out.port.data(), end, number);
    if (out.host.empty() || (!port.empty() && port.front() != ':') || parsed.ptr != end ||
        number == 0 || number > 65535) {
        fail_url(url, "has no host or no port");
    }
    return out;
}

// Asynchronous inside, because only so do Asio's operations keep a deadline.
struct HttpClient::Connection {
    ServerUrl url;
    std::chrono::seconds deadline;
    asio::io_context io{1};
    asio::ip::tcp::resolver resolver{io};
    beast::tcp_stream stream{io};
    beast::flat_buffer buffer{};
    bool connected = false;

    // Runs what was started to its end.
    error_code settle(const error_code& result) {
        io.restart();
        io.run();
        return result;
    }

    error_code connect() {
        error_code failed;
        const auto found = resolver.resolve(url.host, url.port, failed);
        if (failed) {
            return failed;
        }
        buffer.clear();
        stream.expires_after(deadline);
        stream.async_connect(found, [&](error_code error, const auto&) { failed = error; });
        settle(failed);
        if (!failed) {
            stream.socket().set_option(asio::ip::tcp::no_delay(true), failed);
        }
        connected = !failed;
        return failed;
    }

    template <class Message>
    error_code send(Message& message) {
        error_code failed;
        stream.expires_after(deadline);
        http::async_write(stream, message, [&](error_code error, std::size_t) { failed = error; });
        settle(failed);
        return failed;
    }

    template <class Parser>
    error_code receive(Parser& parser) {
        error_code failed;
        stream.expires_after(deadline);
        http::async_read(stream, buffer, parser, [&](error_code error, std::size_t) {
            failed = error;
        });
        settle(failed);
        return failed;
    }

    void close() {
        error_code ignored;
        stream.socket().close(ignored);
        connected = false;
    }
};

HttpClient::HttpClient(ServerUrl url, std::chrono::seconds deadline)
    : connection_(new Connection{std::move(url), deadline}) {}

HttpClient::~HttpClient() = default;
HttpClient::HttpClient(HttpClient&&) noexcept = default;

std::expected<HttpAnswer, std::string> HttpClient::post(
    std::string_view target, std::string_view content_type, std::string_view body
) {
    Connection& to = *connection_;
    const auto failed = [&](const error_code& why) {
        to.close();
        return std::unexpected(to.url.text() + ": " + why.message());
    };
    if (!to.connected) {
        if (const error_code error = to.connect()) {
            return failed(error);
        }
    }
    http::request<http::span_body<const char>> request{
        http::verb::post, to.url.prefix + std::string(target), 11
    };
    request.set(http::field::host, to.url.host + ":" + to.url.port);
    request.set(http::field::content_type, content_type);
    request.body() = beast::span<const char>(body.data(), body.size());
    request.prepare_payload();
    http::response_parser<http::string_body> parser;
    parser.body_limit(kAnswerBytesMax);
    // An answer may come before the request is through (413, 503 and close): it is read either way.
    const error_code sent = to.send(request);
    if (const error_code received = to.receive(parser)) {
        return failed(sent ? sent : received);
    }
    auto answer = parser.release();
    if (sent || !answer.keep_alive()) {
        to.close();
    }
    return HttpAnswer{
        answer.result_int(), seconds_of(answer[http::field::retry_after]), std::move(answer.body())
    };
}

}  // namespace patron::tools
