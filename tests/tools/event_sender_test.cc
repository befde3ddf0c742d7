#include "tools/patron/event_sender.h"

#include <algorithm>
#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <gtest/gtest.h>

#include "server/start_error.h"

namespace patron::tools {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using Tcp = asio::ip::tcp;

struct Scripted {
    unsigned status = 200;
    std::string body;
    bool hang_up = false;  // instead of answering
};

std::string taken(std::size_t events) {
    return "{\"accepted\":" + std::to_string(events) + ",\"duplicates\":0,\"rejected\":[]}";
}

std::vector<std::string> lines_of(const std::string& body) {
    std::istringstream in(body);
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);) {
        lines.push_back(line);
    }
    return lines;
}

// Answers every request as `answer` says; a thread for each connection.
class ScriptedServer {
  public:
    using Answer = std::function<Scripted(const std::string& target, const std::string& body)>;

    explicit ScriptedServer(Answer answer)
        : answer_(std::move(answer)), accepting_([this] { accept(); }) {}
    ~ScriptedServer() {
        ending_ = true;
        Tcp::socket knock(io_);
        boost::system::error_code ignored;
        knock.connect(acceptor_.local_endpoint(), ignored);
        accepting_.join();
        for (std::thread& connection : connections_) {
            connection.join();
        }
    }
    ScriptedServer(const ScriptedServer&) = delete;
    ScriptedServer& operator=(const ScriptedServer&) = delete;

    ServerUrl url() const {
        return {"127.0.0.1", std::to_string(acceptor_.local_endpoint().port()), ""};
    }

  private:
    void accept() {
        for (;;) {
            Tcp::socket socket(io_);
            acceptor_.accept(socket);
            if (ending_) {
                return;
            }
            connections_.emplace_back([this, moved = std::move(socket)]() mutable { talk(moved); });
        }
    }

    void talk(Tcp::socket& socket) {
        boost::beast::flat_buffer buffer;
        boost::system::error_code error;
        for (;;) {
            http::request<http::string_body> request;
            http::read(socket, buffer, request, error);
            if (error) {
                return;
            }
            const Scripted scripted = answer_(std::string(request.target()), request.body());
            if (scripted.hang_up) {
                return;
            }
            http::response<http::string_body> response{http::status(scripted.status), 11};
            response.set(http::field::retry_after, "0");
            response.body() = scripted.body;
            response.prepare_payload();
            http::write(socket, response, error);
        }
    }

    asio::io_context io_;
    Tcp::acceptor acceptor_{io_, Tcp::endpoint(asio::ip::address_v4::loopback(), 0)};
    std::atomic<bool> ending_{false};
    std::vector<std::thread> connections_;
    Answer answer_;
    std::thread accepting_;
};

std::string name_of(int customer) {
    return std::to_string(customer).insert(0, 1, 'c');
}

std::string event(int customer, int number) {
    std::ostringstream line;
    line << name_of(customer) << ' ' << number << '\n';
    return line.str();
}

TEST(EventSender, KeepsTheOrderOfEachCustomerOverSeveralConnections) {
    std::mutex mutex;
    std::map<std::string, std::vector<int>> seen;
    ScriptedServer server([&](const std::string& target, const std::string& body) {
        EXPECT_EQ(target, "/v1/events?on_error=skip");
        const std::lock_guard lock(mutex);
        const auto lines = lines_of(body);
        for (const std::string& line : lines) {
            std::istringstream words(line);
            std::string customer;
            int number = 0;
            words >> customer >> number;
            seen[customer].push_back(number);
        }
        return Scripted{200, taken(lines.size())};
    });
    SendTotals totals;
    {
        EventSender sender({server.url(), 3, 1024, 50}, nullptr);
        for (int number = 0; number < 100; ++number) {
            for (int customer = 0; customer < 20; ++customer) {
                sender.send(name_of(customer), event(customer, number), 0);
            }
        }
        totals = sender.finish();
    }
    EXPECT_EQ(totals.accepted, 2000U);
    EXPECT_EQ(seen.size(), 20U);
    for (const auto& [customer, numbers] : seen) {
        EXPECT_EQ(numbers.size(), 100U) << customer;
        EXPECT_TRUE(std::ranges::is_sorted(numbers)) << customer;
    }
}

TEST(EventSender, WaitsForABusyServerAndTriesALostConnectionAgain) {
    std::atomic<int> requests{0};
    ScriptedServer server([&](const std::string&, const std::string& body) {
        switch (requests++) {
            case 0:
                return Scripted{503, "{}"};
            case 1:
                return Scripted{200, "", true};
            default:
                return Scripted{200, taken(lines_of(body).size())};
        }
    });
    SendTotals totals;
    {
        EventSender sender({server.url(), 1, 1024, 10}, nullptr);
        for (int number = 0; number < 25; ++number) {
            sender.send("c", event(1, number), 0);
        }
        totals = sender.finish();
    }
    EXPECT_EQ(totals.accepted, 25U);
    EXPECT_EQ(totals.waits, 2U);
    EXPECT_EQ(requests, 5) << "three batches, the first of them three times";
}

TEST(EventSender, BringsRefusalsBackToTheirPlaces) {
    ScriptedServer server([&](const std::string&, const std::string&) {
        return Scripted{
            200,
            R"({"accepted":2,"duplicates":0,"rejected":[{"index":1,"code":"odd","detail":"no"}]})"
        };
    });
    std::vector<std::string> refused;
    SendTotals totals;
    {
        EventSender sender({server.url(), 1, 1024, 3}, [&](const RefusedEvent& event) {
            refused.push_back(
                std::to_string(event.place) + " " + std::string(event.line) + " " +
                event.refusal.reason
            );
        });
        for (int number = 0; number < 6; ++number) {
            sender.send("c", event(1, number), 100 + static_cast<std::uint64_t>(number));
        }
        totals = sender.finish();
    }
    EXPECT_EQ(refused, (std::vector<std::string>{"101 c1 1 odd", "104 c1 4 odd"}));
    EXPECT_EQ(totals.accepted, 4U);
    EXPECT_EQ(totals.refused, 2U);
}

server::ExitCode failure_of(const ServerUrl& url) {
    try {
        EventSender sender({url, 2, 1024, 10}, nullptr);
        for (int number = 0; number < 1000; ++number) {
            sender.send("c", event(1, number), 0);
        }
        sender.finish();
    } catch (const server::StartError& error) {
        return error.code();
    }
    return server::ExitCode::Ok;
}

TEST(EventSender, EndsWhenTheServerCannotBeUnderstoodOrReached) {
    ScriptedServer refusing([](const std::string&, const std::string&) {
        return Scripted{404, R"({"detail":"no such thing"})"};
    });
    EXPECT_EQ(failure_of(refusing.url()), server::ExitCode::Protocol);
    ScriptedServer other([](const std::string&, const std::string&) {
        return Scripted{200, "hello"};
    });
    EXPECT_EQ(failure_of(other.url()), server::ExitCode::Protocol);
    ServerUrl nobody;
    {
        asio::io_context io;
        Tcp::acceptor unused(io, Tcp::endpoint(asio::ip::address_v4::loopback(), 0));
        nobody = {"127.0.0.1", std::to_string(unused.local_endpoint().port()), ""};
    }
    EXPECT_EQ(failure_of(nobody), server::ExitCode::Unavailable);
}

}  // namespace
}  // namespace patron::tools
