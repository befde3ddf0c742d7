#include "tools/patron/stream_session.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <csignal>
#include <cstdint>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include "server/start_error.h"
#include "tools/patron/event_batch.h"
#include "tools/patron/event_stream.h"

namespace patron::tools {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;
using server::ExitCode;
using server::StartError;
using std::chrono::milliseconds;

constexpr std::size_t kPieceBytes = 64UL * 1024;
constexpr std::size_t kProblemBytesMax = 64UL * 1024;
constexpr std::chrono::seconds kConnectPatience{10};

// Why one connection is over, if neither the sink nor the person had enough.
struct Lost {
    std::string why;
    std::optional<milliseconds> wait;  // as the server asks
};

std::optional<milliseconds> seconds_of(std::string_view text) {
    std::uint32_t seconds = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), seconds);
    const bool whole = parsed.ec == std::errc() && parsed.ptr == text.data() + text.size();
    return whole ? std::optional(milliseconds(std::int64_t{seconds} * 1'000)) : std::nullopt;
}

bool is_busy(unsigned status) {
    return status == 429 || status == 503;
}

[[noreturn]] void throw_refusal(unsigned status, const std::string& said) {
    const bool asked_wrongly = status == 400 || status == 422;
    throw StartError(
        asked_wrongly     ? ExitCode::Usage
        : is_busy(status) ? ExitCode::Unavailable
                          : ExitCode::Protocol,
        said
    );
}

class Session {
  public:
    Session(
        const ServerUrl& url, const std::string& target, StreamPatience patience, StreamSink& sink
    )
        : url_(url), target_(target), patience_(patience), sink_(sink) {
        signals_.async_wait([this](error_code error, int) { on_signal(error); });
    }

    void run() {
        milliseconds wait = patience_.first_wait;
        for (;;) {
            heard_ = false;
            const std::optional<Lost> lost = connect_and_read();
            stream_.close();
            if (over_) {
                return;
            }
            if (!patience_.retry || !ever_connected_) {
                throw StartError(ExitCode::Unavailable, lost->why);
            }
            if (heard_) {
                wait = first_wait();
            }
            const milliseconds now = std::max(wait, lost->wait.value_or(wait));
            sink_.notice(fmt::format("{}; connecting again in {} s", lost->why, seconds(now)));
            pause(now);
            wait = std::min(wait * 2, patience_.longest_wait);
        }
    }

  private:
    using Parser = http::response_parser<http::buffer_body>;

    static double seconds(milliseconds wait) { return static_cast<double>(wait.count()) / 1'000; }
    milliseconds first_wait() const {
        return std::min(reader_.retry().value_or(patience_.first_wait), patience_.longest_wait);
    }

    void on_signal(error_code error) {
        if (!error) {
            over_ = true;
            resolver_.cancel();
            stream_.cancel();
            timer_.cancel();
        }
    }

    // Starts one operation and lets it end; signals are heard meanwhile.
    template <class Start>
    error_code settle(Start start) {
        if (over_) {
            return asio::error::operation_aborted;
        }
        std::optional<error_code> result;
        start([&result](error_code error, auto&&...) { result = error; });
        while (!result) {
            io_.run_one();
        }
        return *result;
    }

    void pause(milliseconds wait) {
        timer_.expires_after(wait);
        settle([&](auto done) { timer_.async_wait(done); });
    }

    Lost lost(std::string_view what, error_code why) const {
        return {fmt::format("{}: {}{}", url_.text(), what, why.message()), std::nullopt};
    }

    // Nothing once it is over.
    std::optional<Lost> connect_and_read() {
        asio::ip::tcp::resolver::results_type found;
        error_code failed = settle([&](auto done) {
            resolver_.async_resolve(url_.host, url_.port, [&found, done](error_code e, auto names) {
                found = std::move(names);
                done(e);
            });
        });
        if (!failed) {
            stream_.expires_after(kConnectPatience);
            failed = settle([&](auto done) { stream_.async_connect(found, done); });
        }
        if (!failed) {
            failed = ask();
        }
        Parser parser;
        parser.body_limit(boost::none);
        if (!failed) {
            buffer_.clear();
            stream_.expires_after(patience_.silence);
            failed =
                settle([&](auto done) { http::async_read_header(stream_, buffer_, parser, done); });
        }
        if (failed) {
            const char* hint = ever_connected_ ? "" : "no server to listen to (patron serve): ";
            return over_ ? std::nullopt : std::optional(lost(hint, failed));
        }
        return parser.get().result_int() == 200 ? read_events(parser) : read_problem(parser);
    }

    error_code ask() {
        http::request<http::empty_body> request{http::verb::get, url_.prefix + target_, 11};
        request.set(http::field::host, url_.host + ":" + url_.port);
        request.set(http::field::accept, "text/event-stream");
        request.set(http::field::cache_control, "no-store");
        if (!reader_.last_event_id().empty()) {
            request.set("Last-Event-ID", reader_.last_event_id());
        }
        stream_.expires_after(kConnectPatience);
        return settle([&](auto done) { http::async_write(stream_, request, done); });
    }

    // What has come of the body since the last call; nothing at its end.
    std::optional<std::string_view> read_piece(Parser& parser, error_code& failed) {
        if (parser.is_done()) {
            return std::nullopt;
        }
        auto& body = parser.get().body();
        body.data = piece_.data();
        body.size = piece_.size();
        body.more = true;
        stream_.expires_after(patience_.silence);
        failed = settle([&](auto done) { http::async_read_some(stream_, buffer_, parser, done); });
        if (failed == http::error::need_buffer) {
            failed = {};
        }
        const std::string_view read(piece_.data(), piece_.size() - body.size);
        if (failed == http::error::end_of_stream || (failed && read.empty())) {
            return std::nullopt;
        }
        return read;
    }

    std::optional<Lost> read_events(Parser& parser) {
        const std::string_view type = parser.get()[http::field::content_type];
        if (!type.starts_with("text/event-stream")) {
            throw StartError(
                ExitCode::Protocol, url_.text() + " does not answer with an event stream"
            );
        }
        ever_connected_ = true;
        reader_ = EventStreamReader(reader_.last_event_id());
        const auto on_data = [this](std::string_view data) {
            heard_ = true;
            over_ = over_ || !sink_.message(data);
            return !over_;
        };
        error_code failed;
        while (const auto piece = read_piece(parser, failed)) {
            if (!reader_.read(*piece, on_data)) {
                throw StartError(ExitCode::Protocol, "the server sent a message of over 1 MiB");
            }
            sink_.caught_up();
            if (over_) {
                return std::nullopt;
            }
        }
        if (over_) {
            return std::nullopt;
        }
        return failed ? lost("", failed)
                      : Lost{url_.text() + ": the server ended the stream", std::nullopt};
    }

    std::optional<Lost> read_problem(Parser& parser) {
        std::string body;
        error_code failed;
        while (body.size() < kProblemBytesMax) {
            const auto piece = read_piece(parser, failed);
            if (!piece) {
                break;
            }
            body += *piece;
        }
        if (over_) {
            return std::nullopt;
        }
        const unsigned status = parser.get().result_int();
        const std::string said =
            fmt::format("the server answered {}: {}", status, problem_detail(body));
        if (!is_busy(status) || !ever_connected_ || !patience_.retry) {
            throw_refusal(status, said);
        }
        return Lost{said, seconds_of(parser.get()[http::field::retry_after])};
    }

    const ServerUrl& url_;
    const std::string& target_;
    const StreamPatience patience_;
    StreamSink& sink_;
    asio::io_context io_{1};
    asio::signal_set signals_{io_, SIGINT, SIGTERM};
    asio::ip::tcp::resolver resolver_{io_};
    asio::steady_timer timer_{io_};
    beast::tcp_stream stream_{io_};
    beast::flat_buffer buffer_;
    std::array<char, kPieceBytes> piece_{};
    EventStreamReader reader_;
    bool ever_connected_ = false;
    bool heard_ = false;  // a message of the connection at hand
    bool over_ = false;
};

}  // namespace

void listen_to_stream(
    const ServerUrl& url, const std::string& target, StreamPatience patience, StreamSink& sink
) {
    Session(url, target, patience, sink).run();
}

}  // namespace patron::tools
