// What one writes first: the chat server of Boost.Beast's examples, with events instead of chat. For every
// change one shared text and one `async_write` per listener, each with a queue; one thread.
//
//     naive_push MESSAGE_BYTES      the first line on stdout names the port
//
// Shapes     GET with an upgrade: a listener, who may name customers (`?customer=`). POST: NDJSON lines; each is
//            a change of the customer it names, told as JSON text of that size.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>

#include <sys/resource.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;
using Tcp = asio::ip::tcp;
using Text = std::shared_ptr<const std::string>;
using Request = http::request<http::string_body>;

constexpr std::uint64_t kBodyBytesMax = 8 * 1024 * 1024;
constexpr std::string_view kCustomerField = R"("customer":")";
constexpr std::string_view kCustomersAsked = "?customer=";

class Listener;

struct Hall {
    std::unordered_set<Listener*> listeners;
    std::size_t message_bytes = 0;
};

class Listener : public std::enable_shared_from_this<Listener> {
  public:
    Listener(Hall& hall, beast::tcp_stream stream) : hall_(hall), ws_(std::move(stream)) {}
    ~Listener() { hall_.listeners.erase(this); }

    void run(const Request& request) {
        std::string_view target(request.target().data(), request.target().size());
        const std::size_t at = target.find(kCustomersAsked);
        for (target.remove_prefix(
                 at == std::string_view::npos ? target.size() : at + kCustomersAsked.size()
             );
             !target.empty();) {
            const std::size_t end = std::min(target.find(','), target.size());
            customers_.emplace(target.substr(0, end));
            target.remove_prefix(std::min(end + 1, target.size()));
        }
        ws_.set_option(websocket::stream_base::timeout::suggested(beast::role_type::server));
        ws_.async_accept(request, [self = shared_from_this()](beast::error_code error) {
            if (!error) {
                self->hall_.listeners.insert(self.get());
                self->send(std::make_shared<const std::string>(R"({"type":"hello"})"));
                self->read();
            }
        });
    }

    bool wants(const std::string& customer) const {
        return customers_.empty() || customers_.contains(customer);
    }

    void send(const Text& text) {
        queue_.push_back(text);
        if (queue_.size() == 1) {
            write();
        }
    }

  private:
    void read() {
        ws_.async_read(buffer_, [self = shared_from_this()](beast::error_code error, std::size_t) {
            if (!error) {
                self->buffer_.consume(self->buffer_.size());
                self->read();
            }
        });
    }

    void write() {
        ws_.async_write(
            asio::buffer(*queue_.front()),
            [self = shared_from_this()](beast::error_code error, std::size_t) {
                if (error) {
                    return;
                }
                self->queue_.pop_front();
                if (!self->queue_.empty()) {
                    self->write();
                }
            }
        );
    }

    Hall& hall_;
    websocket::stream<beast::tcp_stream> ws_;
    beast::flat_buffer buffer_;
    std::unordered_set<std::string> customers_;
    std::deque<Text> queue_;
};

std::string change_of(const std::string& customer, std::size_t bytes) {
    std::string text = R"({"type":"change","customer_id":")" + customer + R"(","score":")";
    text.resize(std::max(bytes, text.size() + 2) - 2, '.');
    return text + R"("})";
}

std::uint64_t tell(Hall& hall, std::string_view body) {
    std::uint64_t changes = 0;
    for (std::size_t at = body.find(kCustomerField); at != std::string_view::npos;
         at = body.find(kCustomerField, at)) {
        at += kCustomerField.size();
        const std::string customer(body.substr(at, body.find('"', at) - at));
        const auto text =
            std::make_shared<const std::string>(change_of(customer, hall.message_bytes));
        for (Listener* const listener : hall.listeners) {
            if (listener->wants(customer)) {
                listener->send(text);
            }
        }
        ++changes;
    }
    return changes;
}

class Connection : public std::enable_shared_from_this<Connection> {
  public:
    Connection(Hall& hall, Tcp::socket socket) : hall_(hall), stream_(std::move(socket)) {}

    void read() {
        parser_ = std::make_unique<http::request_parser<http::string_body>>();
        parser_->body_limit(kBodyBytesMax);
        http::async_read(
            stream_,
            buffer_,
            *parser_,
            [self = shared_from_this()](beast::error_code error, std::size_t) {
                if (!error) {
                    self->on_request(self->parser_->release());
                }
            }
        );
    }

  private:
    void on_request(const Request& request) {
        if (websocket::is_upgrade(request)) {
            std::make_shared<Listener>(hall_, std::move(stream_))->run(request);
            return;
        }
        const std::uint64_t accepted = tell(hall_, request.body());
        answer_.result(http::status::ok);
        answer_.set(http::field::content_type, "application/json");
        answer_.body() =
            R"({"accepted":)" + std::to_string(accepted) + R"(,"duplicates":0,"seq":0})";
        answer_.prepare_payload();
        http::async_write(
            stream_,
            answer_,
            [self = shared_from_this()](beast::error_code error, std::size_t) {
                if (!error) {
                    self->read();
                }
            }
        );
    }

    Hall& hall_;
    beast::tcp_stream stream_;
    beast::flat_buffer buffer_;
    std::unique_ptr<http::request_parser<http::string_body>> parser_;
    http::response<http::string_body> answer_;
};

void accept(Tcp::acceptor& acceptor, Hall& hall) {
    acceptor.async_accept([&](beast::error_code error, Tcp::socket socket) {
        if (!error) {
            socket.set_option(Tcp::no_delay(true));
            std::make_shared<Connection>(hall, std::move(socket))->read();
        }
        accept(acceptor, hall);
    });
}

void allow_many_sockets() {
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

int main(int argc, char** argv) {
    const long bytes = argc == 2 ? std::strtol(argv[1], nullptr, 10) : 0;
    if (bytes < 100 || bytes > 16 * 1024) {
        std::fprintf(stderr, "usage: naive_push MESSAGE_BYTES (100 to 16384)\n");
        return 2;
    }
    allow_many_sockets();
    Hall hall;
    hall.message_bytes = static_cast<std::size_t>(bytes);
    asio::io_context context(1);
    Tcp::acceptor acceptor(context, {asio::ip::address_v4::loopback(), 0});
    std::printf("naive_push listening on http://127.0.0.1:%d\n", acceptor.local_endpoint().port());
    std::fflush(stdout);
    accept(acceptor, hall);
    context.run();
}
