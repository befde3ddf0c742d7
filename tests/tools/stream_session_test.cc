#include "tools/patron/stream_session.h"

#include <atomic>
#include <csignal>
#include <deque>
#include <functional>
#include <mutex>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

#include "server/start_error.h"
#include "tools/patron/stream_command.h"

namespace patron::tools {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using server::ExitCode;
using server::StartError;
using std::chrono::milliseconds;
using Tcp = asio::ip::tcp;

const std::string kStream =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n";

std::string problem(int status, const std::string& more = "") {
    const std::string body = R"({"title":"no","detail":"not today"})";
    return "HTTP/1.1 " + std::to_string(status) +
           " No\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + more + "\r\n" + body;
}

// Answers one connection after the other with the next of its texts and hangs up; the last stays open.
class ScriptedStream {
  public:
    explicit ScriptedStream(std::deque<std::string> answers)
        : answers_(std::move(answers)), serving_([this] { serve(); }) {}
    ~ScriptedStream() {
        ending_ = true;
        Tcp::socket knock(io_);
        error_code ignored;
        knock.connect(acceptor_.local_endpoint(), ignored);
        serving_.join();
    }
    ScriptedStream(const ScriptedStream&) = delete;
    ScriptedStream& operator=(const ScriptedStream&) = delete;

    ServerUrl url() const {
        return {"127.0.0.1", std::to_string(acceptor_.local_endpoint().port()), ""};
    }
    std::vector<std::string> requests() {
        const std::lock_guard lock(mutex_);
        return requests_;
    }

  private:
    void serve() {
        std::vector<Tcp::socket> open;
        for (;;) {
            Tcp::socket socket(io_);
            acceptor_.accept(socket);
            if (ending_ || answers_.empty()) {
                return;
            }
            asio::streambuf head;
            error_code failed;
            asio::read_until(socket, head, "\r\n\r\n", failed);
            {
                const std::lock_guard lock(mutex_);
                requests_.emplace_back(
                    asio::buffers_begin(head.data()), asio::buffers_end(head.data())
                );
            }
            asio::write(socket, asio::buffer(answers_.front()), failed);
            answers_.pop_front();
            if (answers_.empty()) {
                open.push_back(std::move(socket));
            }
        }
    }

    asio::io_context io_;
    Tcp::acceptor acceptor_{io_, Tcp::endpoint(asio::ip::address_v4::loopback(), 0)};
    std::deque<std::string> answers_;
    std::mutex mutex_;
    std::vector<std::string> requests_;
    std::atomic<bool> ending_ = false;
    std::thread serving_;
};

class Collected : public StreamSink {
  public:
    explicit Collected(std::size_t enough) : enough_(enough) {}
    bool message(std::string_view text) override {
        messages.emplace_back(text);
        return messages.size() < enough_;
    }
    void caught_up() override {
        if (on_caught_up && !messages.empty()) {
            on_caught_up();
        }
    }
    void notice(const std::string& text) override { notices.push_back(text); }

    std::vector<std::string> messages;
    std::vector<std::string> notices;
    std::function<void()> on_caught_up;

  private:
    std::size_t enough_;
};

constexpr StreamPatience kHasty{milliseconds(1), milliseconds(4), milliseconds(60'000), true};

ExitCode listen(ScriptedStream& server, Collected& sink, StreamPatience patience = kHasty) {
    try {
        listen_to_stream(server.url(), "/v1/stream?tier=gold", patience, sink);
        return ExitCode::Ok;
    } catch (const StartError& error) {
        sink.notices.emplace_back(error.what());
        return error.code();
    }
}

using Texts = std::vector<std::string>;

TEST(StreamSession, AsksForEventsAndHandsThemOn) {
    ScriptedStream server({kStream + "id: a:1\ndata: one\n\n: beat\n\ndata: two\n\n"});
    Collected sink(2);
    EXPECT_EQ(listen(server, sink), ExitCode::Ok);
    EXPECT_EQ(sink.messages, (Texts{"one", "two"}));
    ASSERT_EQ(server.requests().size(), 1u);
    const std::string request = server.requests()[0];
    EXPECT_TRUE(request.starts_with("GET /v1/stream?tier=gold HTTP/1.1\r\n")) << request;
    EXPECT_NE(request.find("Accept: text/event-stream\r\n"), std::string::npos);
    EXPECT_EQ(request.find("Last-Event-ID"), std::string::npos);
    EXPECT_TRUE(sink.notices.empty());
}

TEST(StreamSession, GoesOnFromTheLastEventId) {
    ScriptedStream server({
        kStream + "id: a:1\ndata: one\n\nid: a:2\ndata: cut",
        kStream + "data: two\n\n",
        problem(503, "Retry-After: 0\r\n"),
        kStream + "id: a:3\ndata: three\n\n",
        kStream + "data: four\n\n",
    });
    Collected sink(4);
    EXPECT_EQ(listen(server, sink), ExitCode::Ok);
    EXPECT_EQ(sink.messages, (Texts{"one", "two", "three", "four"}));
    const auto requests = server.requests();
    ASSERT_EQ(requests.size(), 5u);
    for (const std::size_t i : {1U, 2U, 3U}) {
        EXPECT_NE(requests[i].find("Last-Event-ID: a:1\r\n"), std::string::npos) << requests[i];
    }
    EXPECT_NE(requests[4].find("Last-Event-ID: a:3\r\n"), std::string::npos) << requests[4];
    ASSERT_EQ(sink.notices.size(), 4u);
    EXPECT_NE(sink.notices[0].find("connecting again in"), std::string::npos);
    EXPECT_NE(sink.notices[2].find("503"), std::string::npos);
}

TEST(StreamSession, WaitsLongerEachTimeUntilItHearsSomething) {
    ScriptedStream server({
        kStream + "retry: 2\ndata: one\n\n",
        kStream,
        kStream,
        kStream,
        kStream + "data: two\n\n",
        kStream + "data: three\n\n",
    });
    StreamPatience patience = kHasty;
    patience.first_wait = milliseconds(100'000);  // the server wants it sooner
    patience.longest_wait = milliseconds(300);
    Collected sink(3);
    EXPECT_EQ(listen(server, sink, patience), ExitCode::Ok);
    ASSERT_EQ(sink.notices.size(), 5u);
    EXPECT_NE(sink.notices[0].find("in 0.002 s"), std::string::npos) << sink.notices[0];
    EXPECT_NE(sink.notices[1].find("in 0.004 s"), std::string::npos) << sink.notices[1];
    EXPECT_NE(sink.notices[3].find("in 0.016 s"), std::string::npos) << sink.notices[3];
    EXPECT_NE(sink.notices[4].find("in 0.3 s"), std::string::npos) << sink.notices[4];
}

TEST(StreamSession, EndsWithALostConnectionIfAsked) {
    ScriptedStream server({kStream + "data: one\n\n", ""});
    Collected sink(9);
    StreamPatience patience = kHasty;
    patience.retry = false;
    EXPECT_EQ(listen(server, sink, patience), ExitCode::Unavailable);
    EXPECT_EQ(sink.messages, Texts{"one"});
}

TEST(StreamSession, TakesAServerThatSaysNothingForLost) {
    ScriptedStream server({kStream + "data: one\n\n"});
    Collected sink(9);
    StreamPatience patience = kHasty;
    patience.retry = false;
    patience.silence = milliseconds(20);
    EXPECT_EQ(listen(server, sink, patience), ExitCode::Unavailable);
    EXPECT_EQ(sink.messages, Texts{"one"});
}

TEST(StreamSession, TellsWhatTheServerRefuses) {
    const std::pair<int, ExitCode> cases[]{
        {400, ExitCode::Usage},
        {422, ExitCode::Usage},
        {404, ExitCode::Protocol},
        {429, ExitCode::Unavailable},
        {503, ExitCode::Unavailable},
    };
    for (const auto& [status, code] : cases) {
        ScriptedStream server({problem(status)});
        Collected sink(1);
        EXPECT_EQ(listen(server, sink), code) << status;
        ASSERT_EQ(sink.notices.size(), 1u);
        EXPECT_NE(sink.notices[0].find("not today"), std::string::npos) << sink.notices[0];
    }
    ScriptedStream other({"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"});
    Collected sink(1);
    EXPECT_EQ(listen(other, sink), ExitCode::Protocol);
}

TEST(StreamSession, RefusesAMessageWithoutEnd) {
    ScriptedStream server({kStream + "data: " + std::string(2UL * 1024 * 1024, 'x')});
    Collected sink(1);
    EXPECT_EQ(listen(server, sink), ExitCode::Protocol);
}

TEST(StreamSession, EndsAtASignal) {
    for (const int signal : {SIGINT, SIGTERM}) {
        ScriptedStream server({kStream + "data: one\n\n"});
        Collected sink(9);
        sink.on_caught_up = [signal] {
            ::kill(::getpid(), signal);
        };
        EXPECT_EQ(listen(server, sink), ExitCode::Ok);
        EXPECT_EQ(sink.messages, Texts{"one"});
    }
}

struct Outcome {
    int code = -1;
    std::string out;
    std::string err;
};

Outcome run(const std::vector<std::string>& args) {
    std::ostringstream out;
    std::ostringstream err;
    const int code = stream_command(args, out, err);
    return {code, out.str(), err.str()};
}

TEST(StreamCommand, NobodyThereIsUnavailable) {
    const Outcome seen = run({"--to", "http://127.0.0.1:1"});
    EXPECT_EQ(seen.code, 69) << seen.err;
    EXPECT_NE(seen.err.find("patron serve"), std::string::npos) << "the next step";
}

TEST(StreamCommand, RefusesWrongFlags) {
    EXPECT_EQ(run({"--to", "https://127.0.0.1:1"}).code, 2);
    EXPECT_EQ(run({"--count", "0"}).code, 2);
    EXPECT_EQ(run({"--min-risk-change", "2"}).code, 2);
    EXPECT_EQ(run({"--output", "xml"}).code, 2);
    EXPECT_EQ(run({"--tier", "gold", "silver"}).code, 2) << "words are joined by commas";
}

TEST(StreamCommand, AsksAsItsFlagsSay) {
    const std::string change = R"({"type":"change","customer_id":"C","at":"2026-11-22T12:00:01Z",)"
                               R"("changes":{"tier":{"from":"gold","to":"silver"}},"cause":"time",)"
                               R"("score":{"churn_risk":0.5}})";
    ScriptedStream server({kStream + "id: a:1\ndata: " + change + "\n\n"});
    const Outcome seen = run(
        {"--to",
         server.url().text(),
         "--topics",
         "tier,risk_band",
         "--tier",
         "gold",
         "--band",
         "high",
         "--lifecycle",
         "at_risk",
         "--customer",
         "A,B",
         "--customer",
         "C",
         "--min-risk-change",
         "0.1",
         "--snapshot",
         "--cursor",
         "0000000000000001:7",
         "--stats-ms",
         "1000",
         "--count",
         "1"}
    );
    EXPECT_EQ(seen.code, 0) << seen.err;
    EXPECT_EQ(seen.out, "12:00:01.000  C  tier gold -> silver  (time)  risk 0.5000\n");
    ASSERT_EQ(server.requests().size(), 1u);
    EXPECT_TRUE(server.requests()[0].starts_with(
        "GET /v1/stream?topics=tier,risk_band&tier=gold&band=high&lifecycle=at_risk&customer=A,B,C"
        "&min_risk_change=0.1&snapshot=true&cursor=0000000000000001%3A7&stats_ms=1000 HTTP/1.1\r\n"
    )) << server.requests()[0];
}

}  // namespace
}  // namespace patron::tools
