#include "server/net/http_server.h"

#include <chrono>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "tests/net/raw_client.h"
#include "tests/net/sample_handler.h"

namespace patron::net {
namespace {

using namespace std::chrono_literals;

class HttpServerTest : public testing::Test {
  protected:
    void start(ServerOptions options = {}) {
        server_ = std::make_unique<HttpServer>(options, handler_);
        server_->start();
    }
    RawClient client() { return RawClient(server_->port()); }

    // Polls a counter that another thread moves; gives up after the client's patience.
    void wait_for(const std::function<bool(const NetTotals&)>& reached) {
        const auto end =
            std::chrono::steady_clock::now() + std::chrono::seconds(RawClient::kPatienceSeconds);
        while (!reached(server_->totals())) {
            ASSERT_LT(std::chrono::steady_clock::now(), end) << "the server never got there";
            std::this_thread::yield();
        }
    }

    SampleHandler handler_;
    std::unique_ptr<HttpServer> server_;
};

TEST_F(HttpServerTest, AnswersAndKeepsTheConnection) {
    start();
    RawClient c = client();
    for (int i = 0; i < 3; ++i) {
        const Answer answer = c.ask(get("/q?" + std::to_string(i)));
        EXPECT_EQ(answer.status, 200);
        EXPECT_EQ(answer.body, std::to_string(i));
        EXPECT_EQ(answer.head.find("Connection"), std::string::npos);
    }
    // Bytes out are counted after the write, so the client may be here first.
    wait_for([](const NetTotals& now) { return now.bytes_out > 3 * 60; });
    const NetTotals totals = server_->totals();
    EXPECT_EQ(totals.answers[2], 3U);
    EXPECT_EQ(totals.connections_open, 1U);
    EXPECT_EQ(totals.bytes_in, 3 * get("/q?0").size());
}

TEST_F(HttpServerTest, PipelinedAnswersKeepTheirOrderAroundLaterOnes) {
    start();
    RawClient c = client();
    std::string requests;
    for (int i = 0; i < 1000; ++i) {
        requests += get((i % 7 == 3 ? "/later?" : "/q?") + std::to_string(i));
    }
    std::thread sender([&] { EXPECT_TRUE(c.send(requests)); });
    for (int i = 0; i < 1000; ++i) {
        ASSERT_EQ(c.read().body, std::to_string(i));
    }
    sender.join();
}

TEST_F(HttpServerTest, WhatWasAnsweredBeforeALaterOneIsSentAtOnce) {
    start();
    RawClient c = client();
    c.send(get("/q?1") + get("/hold?2") + get("/q?3"));
    EXPECT_EQ(c.read().body, "1");
    handler_.wait_held(1);
    handler_.release_held();
    EXPECT_EQ(c.read().body, "2");
    EXPECT_EQ(c.read().body, "3");
}

TEST_F(HttpServerTest, ADroppedCompletionAnswers503) {
    start();
    RawClient c = client();
    c.send(get("/q?1") + get("/drop") + get("/q?2"));
    EXPECT_EQ(c.read().body, "1");
    const Answer dropped = c.read();
    EXPECT_EQ(dropped.status, 503);
    EXPECT_NE(dropped.body.find("\"code\":\"stopping\""), std::string::npos);
    EXPECT_EQ(c.read().body, "2");
}

TEST_F(HttpServerTest, ACompletionAfterItsConnectionIsDropped) {
    start();
    {
        RawClient gone = client();
        gone.send(get("/q?1") + get("/hold?2") + get("/big?50000000"));
        EXPECT_EQ(gone.read().body, "1");
        handler_.wait_held(1);
    }
    handler_.release_held();
    RawClient c = client();
    EXPECT_EQ(c.ask(get("/q?3")).body, "3");
    wait_for([](const NetTotals& totals) { return totals.connections_open == 1; });
}

TEST_F(HttpServerTest, CompletionsOutliveTheServer) {
    start();
    RawClient c = client();
    c.send(get("/hold?1"));
    handler_.wait_held(1);
    server_->stop(0ms);
    EXPECT_EQ(c.read_to_end(), "");
    server_.reset();
    handler_.release_held();
}

TEST_F(HttpServerTest, HugeAnswersArriveWholeAndInOrder) {
    start();
    RawClient c = client();
    c.send(get("/big?3000000") + get("/q?1") + get("/big?5000000") + get("/later?2"));
    EXPECT_EQ(c.read().body, std::string(3'000'000, 'x'));
    EXPECT_EQ(c.read().body, "1");
    EXPECT_EQ(c.read().body.size(), 5'000'000U);
    EXPECT_EQ(c.read().body, "2");
}

TEST_F(HttpServerTest, LargeBodiesArriveWhole) {
    start();
    RawClient c = client();
    std::string body;
    for (int i = 0; body.size() < 2'000'000; ++i) {
        body += std::to_string(i) + ' ';
    }
    for (int round = 0; round < 3; ++round) {
        std::thread sender([&] { c.send(post("/echo", body) + get("/q?next")); });
        EXPECT_EQ(c.read().body, body);
        EXPECT_EQ(c.read().body, "next");
        sender.join();
    }
}

TEST_F(HttpServerTest, ChunkedBodiesArriveWhole) {
    start();
    RawClient c = client();
    std::string message = "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    std::string body;
    for (std::size_t n = 1; n < 700; ++n) {
        char size[16];
        std::snprintf(size, sizeof size, "%zx\r\n", n);
        const std::string data(n, static_cast<char>('a' + n % 26));
        message += size + data + "\r\n";
        body += data;
    }
    message += "0\r\n\r\n";
    std::thread sender([&] { c.send(message + message + get("/q?next")); });
    EXPECT_EQ(c.read().body, body);
    EXPECT_EQ(c.read().body, body);
    EXPECT_EQ(c.read().body, "next");
    sender.join();
}

TEST_F(HttpServerTest, RequestsSentByteByByteAreAnswered) {
    start();
    RawClient c = client();
    const std::string requests = get("/q?1") + post("/echo", "body") + get("/q?2");
    for (const char byte : requests) {
        c.send({&byte, 1});
    }
    EXPECT_EQ(c.read().body, "1");
    EXPECT_EQ(c.read().body, "body");
    EXPECT_EQ(c.read().body, "2");
}

TEST_F(HttpServerTest, ServesManyConnectionsOnSeveralThreads) {
    start({.io_threads = 2});
    std::vector<std::thread> clients;
    for (int id = 0; id < 64; ++id) {
        clients.emplace_back([this, id] {
            RawClient c(server_->port());
            for (int i = 0; i < 50; ++i) {
                const std::string text = std::to_string(id * 1000 + i);
                c.send(get((i % 5 == 0 ? "/later?" : "/q?") + text));
                ASSERT_EQ(c.read().body, text);
            }
        });
    }
    for (std::thread& thread : clients) {
        thread.join();
    }
    EXPECT_EQ(server_->totals().answers[2], 64U * 50U);
    wait_for([](const NetTotals& totals) { return totals.connections_open == 0; });
}

TEST_F(HttpServerTest, ClosesAfterAnAnswerThatIsTheLast) {
    start();
    for (const std::string& request :
         {get("/q?1", "Connection: close\r\n"), std::string("GET /q?1 HTTP/1.0\r\n\r\n")}) {
        RawClient c = client();
        c.send(request + get("/q?2"));
        const Answer answer = c.read();
        EXPECT_EQ(answer.body, "1");
        EXPECT_NE(answer.head.find("\r\nConnection: close\r\n"), std::string::npos);
        EXPECT_EQ(c.read_to_end(), "");
    }
}

TEST_F(HttpServerTest, TellsAnOldClientThatItKeepsTheConnection) {
    start();
    RawClient c = client();
    const std::string fields = " HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
    c.send("GET /q?1" + fields + "GET /later?2" + fields);
    for (const std::string_view expected : {"1", "2"}) {
        const Answer answer = c.read();
        EXPECT_EQ(answer.body, expected);
        EXPECT_NE(answer.head.find("\r\nConnection: keep-alive\r\n"), std::string::npos);
    }
}

TEST_F(HttpServerTest, HeadHasNoBody) {
    start();
    RawClient c = client();
    c.send("HEAD /q?12345 HTTP/1.1\r\nHost: a\r\n\r\n" + get("/q?2"));
    const Answer answer = c.read(false);
    EXPECT_NE(answer.head.find(" 5\r\n"), std::string::npos);
    EXPECT_EQ(c.read().body, "2");
}

TEST_F(HttpServerTest, AnswersEverythingBeforeAMalformedRequestThenCloses) {
    start();
    RawClient c = client();
    c.send(get("/q?1") + get("/later?2") + "nonsense\r\n\r\n" + get("/q?3"));
    EXPECT_EQ(c.read().body, "1");
    EXPECT_EQ(c.read().body, "2");
    const Answer refused = c.read();
    EXPECT_EQ(refused.status, 400);
    EXPECT_NE(refused.head.find("application/problem+json"), std::string::npos);
    EXPECT_NE(refused.head.find("Connection: close"), std::string::npos);
    EXPECT_EQ(c.read_to_end(), "");
    EXPECT_EQ(server_->totals().answers[4], 1U);
}

TEST_F(HttpServerTest, SaysWhichMethodsThereAre) {
    start();
    RawClient c = client();
    const Answer refused = c.ask("TRACE / HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(refused.status, 405);
    EXPECT_NE(refused.head.find("Allow: GET, HEAD, POST"), std::string::npos);
}

TEST_F(HttpServerTest, ContinuesInOrder) {
    start();
    RawClient c = client();
    c.send(
        get("/later?1") +
        "POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
        "Content-Length: 4\r\n\r\n"
    );
    EXPECT_EQ(c.read().body, "1");
    EXPECT_EQ(c.read().status, 100);
    c.send("body");
    EXPECT_EQ(c.read().body, "body");
    c.send(
        "POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 99999999\r\n\r\n"
    );
    EXPECT_EQ(c.read().status, 413);
}

TEST_F(HttpServerTest, ARefusedBodyIsReadAwaySoThatTheAnswerArrives) {
    start({.body_bytes_max = 1000});
    RawClient c = client();
    std::thread sender([&] { c.send(post("/echo", std::string(4'000'000, 'x'))); });
    EXPECT_EQ(c.read().status, 413);
    sender.join();
}

TEST_F(HttpServerTest, BodiesShareABoundedMemory) {
    start({.body_memory_bytes_max = 300'000});
    const std::string body(200'000, 'b');
    RawClient first = client();
    EXPECT_EQ(first.ask(post("/echo", body)).body, body);
    // The first connection still keeps its grown buffer; it gives it back soon after.
    RawClient second = client();
    second.send(post("/echo", body));
    const Answer refused = second.read();
    EXPECT_EQ(refused.status, 503);
    EXPECT_NE(refused.body.find("\"code\":\"queue_full\""), std::string::npos);
    EXPECT_NE(refused.head.find("Retry-After: 1"), std::string::npos);
    int status = 503;
    while (status == 503) {
        RawClient next = client();
        status = next.ask(post("/echo", body)).status;
    }
    EXPECT_EQ(status, 200);
    EXPECT_EQ(first.ask(get("/q?1")).body, "1");
}

TEST_F(HttpServerTest, SlowHeadersGet408) {
    start({.header_deadline = 50ms});
    RawClient c = client();
    c.send(get("/q?1") + "GET / HTTP/1.1\r\n");
    EXPECT_EQ(c.read().body, "1");
    EXPECT_EQ(c.read().status, 408);
    EXPECT_EQ(c.read_to_end(), "");
    EXPECT_EQ(server_->totals().deadlines_passed, 1U);
}

TEST_F(HttpServerTest, DrippingAHeaderDoesNotRenewItsDeadline) {
    start({.header_deadline = 50ms});
    RawClient c = client();
    c.send("GET / HTTP/1.1\r\nX: ");
    std::thread dripper([&] {
        while (c.send("x")) {
            std::this_thread::yield();
        }
    });
    const int status = c.read().status;
    EXPECT_TRUE(status == 408 || status == 431) << status;
    c.read_to_end();
    dripper.join();
}

TEST_F(HttpServerTest, SlowBodiesGet408) {
    start({.body_deadline = 50ms});
    for (const std::string& kind :
         {std::string("Content-Length: 5\r\n\r\nab"),
          std::string("Transfer-Encoding: chunked\r\n\r\n5\r\na")}) {
        RawClient c = client();
        EXPECT_EQ(c.ask("POST /echo HTTP/1.1\r\nHost: a\r\n" + kind).status, 408);
        EXPECT_EQ(c.read_to_end(), "");
    }
}

TEST_F(HttpServerTest, IdleConnectionsAreClosedWithoutAWord) {
    start({.idle_deadline = 50ms});
    RawClient silent = client();
    EXPECT_EQ(silent.read_to_end(), "");
    RawClient once = client();
    EXPECT_EQ(once.ask(get("/q?1")).body, "1");
    EXPECT_EQ(once.read_to_end(), "");
    EXPECT_EQ(server_->totals().deadlines_passed, 0U);
}

TEST_F(HttpServerTest, SlowReadersAreClosed) {
    start({.write_deadline = 50ms});
    RawClient c(server_->port(), 4096);
    c.send(get("/big?50000000"));
    wait_for([](const NetTotals& totals) {
        return totals.deadlines_passed == 1 && totals.connections_open == 0;
    });
    EXPECT_LT(c.read_to_end().size(), 50'000'000U);
}

TEST_F(HttpServerTest, ClientsThatNeverCloseAreClosed) {
    start({.drain_deadline = 50ms});
    RawClient c = client();
    EXPECT_EQ(c.ask("nonsense\r\n\r\n").status, 400);
    wait_for([](const NetTotals& totals) { return totals.connections_open == 0; });
}

TEST_F(HttpServerTest, AHalfClosedClientGetsItsAnswers) {
    start();
    RawClient c = client();
    c.send(get("/q?1") + get("/later?2"));
    c.shut_down_sending();
    EXPECT_EQ(c.read().body, "1");
    EXPECT_EQ(c.read().body, "2");
    EXPECT_EQ(c.read_to_end(), "");
}

TEST_F(HttpServerTest, OneConnectionTooManyIsToldSo) {
    start({.connections_max = 2});
    RawClient first = client();
    RawClient second = client();
    EXPECT_EQ(first.ask(get("/q?1")).body, "1");
    EXPECT_EQ(second.ask(get("/q?2")).body, "2");
    {
        RawClient third = client();
        const Answer refused = third.ask(get("/q?3"));
        EXPECT_EQ(refused.status, 503);
        EXPECT_NE(refused.body.find("too_many_connections"), std::string::npos);
        EXPECT_EQ(third.read_to_end(), "");
    }
    first.close();
    wait_for([](const NetTotals& totals) { return totals.connections_open == 1; });
    RawClient fourth = client();
    EXPECT_EQ(fourth.ask(get("/q?4")).body, "4");
    EXPECT_EQ(server_->totals().connections_refused, 1U);
}

TEST_F(HttpServerTest, StoppingLetsWhatIsUnderWayFinish) {
    start();
    RawClient idle = client();
    EXPECT_EQ(idle.ask(get("/q?0")).body, "0");
    RawClient busy = client();
    busy.send(get("/hold?1") + get("/q?2"));
    handler_.wait_held(1);
    std::thread stopper([this] { server_->stop(60s); });
    EXPECT_EQ(idle.read_to_end(), "");
    handler_.release_held();
    EXPECT_EQ(busy.read().body, "1");
    const Answer last = busy.read();
    EXPECT_EQ(last.body, "2");
    EXPECT_NE(last.head.find("Connection: close"), std::string::npos);
    EXPECT_EQ(busy.read_to_end(), "");
    busy.close();
    stopper.join();
    EXPECT_EQ(server_->totals().connections_open, 0U);
}

TEST_F(HttpServerTest, StoppingDoesNotWaitBeyondItsGrace) {
    start();
    RawClient held = client();
    held.send(get("/hold?1"));
    RawClient half = client();
    half.send(get("/q?1") + "GET / HT");
    EXPECT_EQ(half.read().body, "1");
    handler_.wait_held(1);
    server_->stop(1ms);
    EXPECT_EQ(held.read_to_end(), "");
    EXPECT_EQ(half.read_to_end(), "");
    handler_.drop_held();
}

TEST_F(HttpServerTest, StopsUnderLoad) {
    for (int round = 0; round < 5; ++round) {
        start({.io_threads = 2});
        std::vector<std::thread> clients;
        for (int id = 0; id < 8; ++id) {
            // Connected here: a thread might come to it only after the stop.
            auto c = std::make_shared<RawClient>(server_->port());
            clients.emplace_back([c, id] {
                const std::string request = get(id % 2 == 0 ? "/later?1" : "/q?1");
                while (c->send(request + request) && c->read().status == 200) {
                }
            });
        }
        wait_for([](const NetTotals& totals) { return totals.answers[2] > 200; });
        server_->stop(100ms);
        for (std::thread& thread : clients) {
            thread.join();
        }
        EXPECT_EQ(server_->totals().connections_open, 0U);
    }
}

TEST_F(HttpServerTest, ServersThatNeverStartedEndQuietly) {
    const HttpServer never(ServerOptions{}, handler_);
    EXPECT_NE(never.port(), 0);
}

TEST_F(HttpServerTest, ATakenPortIsAnErrorOfOneLine) {
    start({.io_threads = 2});
    for (const unsigned io_threads : {1U, 2U}) {
        try {
            HttpServer second({.port = server_->port(), .io_threads = io_threads}, handler_);
            FAIL() << "two servers on one port";
        } catch (const std::runtime_error& error) {
            EXPECT_NE(std::string(error.what()).find("cannot listen"), std::string::npos);
        }
    }
    EXPECT_THROW(HttpServer({.address = "nowhere"}, handler_), std::runtime_error);
}

}  // namespace
}  // namespace patron::net
