#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "server/net/http_server.h"
#include "tests/net/stream_client.h"
#include "tests/net/stream_handler.h"

namespace patron::net {
namespace {

using namespace std::chrono_literals;

class StreamServerTest : public testing::TestWithParam<Door> {
  protected:
    void start(ServerOptions options = {}) {
        server_ = std::make_unique<HttpServer>(options, handler_, &source_);
        server_->start();
    }
    StreamClient client(int receive_buffer = 0) {
        return {server_->port(), GetParam(), receive_buffer};
    }
    void wait_for(const std::function<bool(const NetTotals&)>& reached) {
        const auto end =
            std::chrono::steady_clock::now() + std::chrono::seconds(RawClient::kPatienceSeconds);
        while (!reached(server_->totals())) {
            ASSERT_LT(std::chrono::steady_clock::now(), end) << "the server never got there";
            std::this_thread::yield();
        }
    }
    void wait_for_streams(std::uint64_t count) {
        wait_for([=](const NetTotals& now) { return now.streams_open == count; });
    }
    bool by_websocket() const { return GetParam() == Door::WebSocket; }
    // Every customer moves to another tier.
    void move_all(std::uint32_t customers, std::uint8_t tier) {
        std::vector<FakeStreamSource::Move> moves;
        for (std::uint32_t i = 0; i < customers; ++i) {
            moves.push_back({i, tier});
        }
        source_.move(moves);
    }
    auto knows_the_truth() {
        return
            [truth = source_.tiers(), head = source_.changes().head()](const StreamReplica& now) {
                return now.tiers() == truth && now.cursor().ends_with(":" + std::to_string(head));
            };
    }

    FakeStreamSource source_;
    StreamHandler handler_{source_};
    std::unique_ptr<HttpServer> server_;
};

INSTANTIATE_TEST_SUITE_P(
    Doors,
    StreamServerTest,
    testing::Values(Door::Sse, Door::WebSocket),
    [](const auto& door) { return door.param == Door::Sse ? "Sse" : "WebSocket"; }
);

TEST_P(StreamServerTest, AFreshStreamIsGreetedAndToldWhatIsNew) {
    start();
    StreamClient c = client();
    c.open("");
    ASSERT_TRUE(c.read_until("hello"));
    source_.move(1, 1);
    ASSERT_TRUE(c.read_until("enter"));
    source_.move(1, 2);
    ASSERT_TRUE(c.read_until("change"));
    EXPECT_EQ(c.replica().tiers(), source_.tiers());
    wait_for([](const NetTotals& now) { return now.stream_messages == 3; });
    const NetTotals totals = server_->totals();
    EXPECT_EQ(totals.streams_open, 1U);
    EXPECT_EQ(totals.streams_begun, 1U);
    EXPECT_EQ(totals.connections_open, 1U);
    EXPECT_EQ(totals.answers[by_websocket() ? 1 : 2], 1U);
}

TEST_P(StreamServerTest, AnswersBeforeItAreWrittenFirst) {
    start();
    StreamClient c = client();
    std::string before;
    for (int i = 0; i < 10; ++i) {
        before += get("/q?" + std::to_string(i));
    }
    c.socket().send(before);
    c.send_request("");
    for (int i = 0; i < 10; ++i) {
        EXPECT_EQ(c.socket().read().body, std::to_string(i));
    }
    c.expect_head();
    EXPECT_TRUE(c.read_until("hello"));
}

TEST_P(StreamServerTest, WhatFollowsTheRequestIsFramesOrNothing) {
    start();
    StreamClient c = client();
    if (by_websocket()) {
        c.socket().send(upgrade("/v1/stream") + client_frame(kPing, "early"));
        c.expect_head();
        ASSERT_TRUE(c.read_until([](const StreamReplica& now) { return !now.pongs().empty(); }));
        EXPECT_EQ(c.replica().pongs()[0], "early");
    } else {
        c.socket().send(get("/v1/stream") + get("/q?late") + "no HTTP\r\n\r\n");
        c.expect_head();
        ASSERT_TRUE(c.read_until("hello"));
        c.socket().send(get("/q?later"));
        source_.move(1, 1);
        ASSERT_TRUE(c.read_until("enter"));
    }
}

TEST_P(StreamServerTest, ARefusedUpgradeLeavesTheConnectionHttp) {
    start();
    RawClient c(server_->port());
    c.send(upgrade("/v1/stream?tier=nonsense") + get("/q?1"));
    EXPECT_EQ(c.read().status, 400);
    EXPECT_EQ(c.read().body, "1");
    EXPECT_EQ(server_->totals().streams_begun, 0U);
}

TEST_P(StreamServerTest, WhoComesBackIsToldWhatHeMissed) {
    start();
    std::string cursor;
    {
        StreamClient c = client();
        c.open("");
        source_.move(1, 1);
        ASSERT_TRUE(c.read_until("enter"));
        cursor = c.replica().cursor();
    }
    source_.move(2, 2);
    source_.move(1, 3);
    StreamClient c = client();
    c.replica().expect_seamless(false);  // it is another one, who knows nothing of before
    c.open("", "Last-Event-ID: " + cursor + "\r\n");
    ASSERT_TRUE(c.read_until("change"));
    EXPECT_EQ(c.replica().types(), (std::vector<std::string>{"resumed", "enter", "change"}));
    wait_for_streams(1);
}

TEST_P(StreamServerTest, AnUnknownCursorIsAGapAndASnapshot) {
    start();
    move_all(1'000, 2);
    StreamClient c = client();
    c.open("cursor=0000000000000001:5");
    ASSERT_TRUE(c.read_until("snapshot_end"));
    EXPECT_EQ(c.replica().types()[0], "gap");
    EXPECT_EQ(c.replica().count("customer"), 1'000U);
    EXPECT_EQ(c.replica().tiers(), source_.tiers());
    EXPECT_EQ(server_->totals().stream_gaps, 1U);
}

TEST_P(StreamServerTest, ASnapshotAndWhatChangesBetweenItsPages) {
    start();
    move_all(1'000, 2);
    source_.hold_pictures(true);
    StreamClient c = client();
    c.open("snapshot=true");
    bool more = true;
    for (std::uint8_t round = 0; more; ++round) {
        while (source_.held_pictures() == 0) {
            std::this_thread::yield();
        }
        const std::size_t known = c.replica().count("customer");
        move_all(1'100, round % 4);
        more = source_.answer_pictures();
        ASSERT_TRUE(c.read_until([=](const StreamReplica& now) {
            return now.count("customer") > known;
        }));
    }
    ASSERT_TRUE(c.read_until("snapshot_end"));
    EXPECT_TRUE(c.read_until(knows_the_truth()));
    EXPECT_GT(c.replica().count("change"), 100U);
    source_.move(1, 0);
    source_.move(1, 1);
    EXPECT_TRUE(c.read_until(knows_the_truth()));
}

TEST_P(StreamServerTest, APageThatIsDroppedIsAskedForAgain) {
    ServerOptions options;
    options.drain_deadline = 40ms;  // ticks often
    start(options);
    move_all(10, 2);
    source_.hold_pictures(true);
    StreamClient c = client();
    c.open("snapshot=true");
    for (int i = 0; i < 3; ++i) {
        while (source_.held_pictures() == 0) {
            std::this_thread::yield();
        }
        source_.drop_pictures();
    }
    source_.hold_pictures(false);
    source_.answer_pictures();
    EXPECT_TRUE(c.read_until("snapshot_end"));
}

TEST_P(StreamServerTest, ManySubscribersOfManyGroupsAllKnowTheTruth) {
    ServerOptions options;
    options.io_threads = 2;
    start(options);
    std::deque<StreamClient> clients;
    for (int i = 0; i < 40; ++i) {
        clients.emplace_back(server_->port(), i % 4 == 3 ? Door::Sse : GetParam());
        clients.back().open(i % 2 == 0 ? "" : i % 3 == 0 ? "tier=gold" : "customer=c7,c8");
        ASSERT_TRUE(clients.back().read_until("hello"));
    }
    for (std::uint32_t i = 0; i < 3'000; ++i) {
        source_.move(i * 7 % 100, i % 11 == 0 ? std::nullopt : std::optional<std::uint8_t>(i % 4));
    }
    // The last word for everybody.
    source_.move(7, std::nullopt);
    source_.move(7, 2);
    const std::string end = ":" + std::to_string(source_.changes().head());
    for (int i = 0; i < 40; ++i) {
        auto truth = source_.tiers();
        std::erase_if(truth, [&](const auto& entry) {
            const bool named = entry.first == "c7" || entry.first == "c8";
            return i % 2 != 0 && (i % 3 == 0 ? entry.second != "gold" : !named);
        });
        EXPECT_TRUE(clients[static_cast<std::size_t>(i)].read_until([&](const StreamReplica& now) {
            return now.cursor().ends_with(end);
        }));
        EXPECT_EQ(clients[static_cast<std::size_t>(i)].replica().tiers(), truth) << i;
    }
}

// 40 MB would have to be kept for whoever does not read; others hear everything meanwhile.
TEST_P(StreamServerTest, WhoDoesNotReadIsClosedAndOthersGoOn) {
    ServerOptions options;
    options.write_deadline = 400ms;
    start(options);
    StreamClient deaf = client(4'096);
    deaf.open("");
    StreamClient c = client();
    c.open("");
    ASSERT_TRUE(c.read_until("hello"));
    for (std::uint8_t round = 0; round < 80; ++round) {
        move_all(1'000, round % 4);
        ASSERT_TRUE(c.read_until(knows_the_truth()));
    }
    wait_for_streams(1);
    EXPECT_EQ(server_->totals().stream_closed_slow, 1U);
    EXPECT_EQ(server_->totals().deadlines_passed, 1U);
    source_.move(1, 2);
    EXPECT_TRUE(c.read_until(knows_the_truth()));
}

TEST_P(StreamServerTest, WhoReadsLateIsToldTheNewest) {
    start();
    StreamClient late = client(4'096);
    late.open("");
    ASSERT_TRUE(late.read_until("hello"));
    for (int round = 0; round < 100; ++round) {
        move_all(1'000, static_cast<std::uint8_t>(round % 4));
    }
    source_.move(5'000, 1);  // who went and came back is not told
    ASSERT_TRUE(late.read_until(knows_the_truth()));
    EXPECT_GT(late.replica().conflated(), 10'000U);
    wait_for([&](const NetTotals& now) {
        return now.stream_conflated == late.replica().conflated();
    });
    // Caught up, it is told as before.
    const std::uint64_t before = late.replica().conflated();
    source_.move(1, 0);
    source_.move(1, 1);
    EXPECT_TRUE(late.read_until(knows_the_truth()));
    EXPECT_EQ(late.replica().conflated(), before);
}

TEST_P(StreamServerTest, StatsAreCountedAndSentAgainAndAgain) {
    start();
    move_all(10, 1);
    StreamClient c = client();
    c.open("topics=stats&stats_ms=100");
    ASSERT_TRUE(c.read_until("stats"));
    EXPECT_EQ(c.replica().last().at("customers").to_number<int>(), 10);
    move_all(20, 1);
    EXPECT_TRUE(c.read_until([](const StreamReplica& now) {
        return now.count("stats") > 2 && now.last().at("customers").to_number<int>() == 20;
    }));
    EXPECT_EQ(c.replica().count("enter"), 0U);
}

TEST_P(StreamServerTest, AHeartbeatSaysWhereTheGroupIs) {
    ServerOptions options;
    options.stream_heartbeat = 10ms;
    options.drain_deadline = 40ms;
    start(options);
    StreamClient c = client();
    c.open("customer=c1");
    for (std::uint32_t i = 2; i < 7; ++i) {
        source_.move(i, 1);
    }
    EXPECT_TRUE(c.read_until([](const StreamReplica& now) {
        return now.count("heartbeat") > 2 && now.cursor().ends_with(":5");
    }));
    EXPECT_EQ(c.replica().count("enter"), 0U);
    EXPECT_EQ(c.replica().last().at("seq").to_number<int>(), 5);
}

TEST_P(StreamServerTest, WhoeverSendsNoMoreHasGone) {
    start();
    StreamClient c = client();
    c.open("");
    ASSERT_TRUE(c.read_until("hello"));
    c.socket().shut_down_sending();
    c.read_to_end();
    wait_for_streams(0);
    wait_for([](const NetTotals& now) { return now.connections_open == 0; });
    source_.move(1, 1);  // nobody listens any more
    StreamClient next = client();
    next.open("");
    EXPECT_TRUE(next.read_until("hello"));
    EXPECT_TRUE(next.replica().cursor().ends_with(":1"));
}

TEST_P(StreamServerTest, AStopIsToldAndEndsEveryStream) {
    start();
    StreamClient c = client();
    c.open("");
    ASSERT_TRUE(c.read_until("hello"));
    std::thread stopping([this] { server_->stop(5s); });
    c.read_to_end();
    EXPECT_EQ(c.close_code(), by_websocket() ? 1001U : 0U);
    c.socket().close();
    stopping.join();
    EXPECT_EQ(server_->totals().streams_open, 0U);
    EXPECT_EQ(server_->totals().connections_open, 0U);
}

TEST_P(StreamServerTest, AStopDoesNotWaitForWhoDoesNotRead) {
    start();
    StreamClient deaf = client(4'096);
    deaf.open("");
    ASSERT_TRUE(deaf.read_until("hello"));
    for (int round = 0; round < 40; ++round) {
        move_all(1'000, static_cast<std::uint8_t>(round % 4));
    }
    server_->stop(50ms);
    EXPECT_EQ(server_->totals().connections_open, 0U);
}

TEST_P(StreamServerTest, SoManyStreamsAndNoMore) {
    ServerOptions options;
    options.streams_max = 2;
    start(options);
    StreamClient a = client();
    a.open("");
    {
        StreamClient b = client();
        b.open("");
        ASSERT_TRUE(b.read_until("hello"));
        RawClient c(server_->port());
        const std::string request = by_websocket() ? upgrade("/v1/stream") : get("/v1/stream");
        const Answer refused = c.ask(request);
        EXPECT_EQ(refused.status, 503);
        EXPECT_NE(refused.body.find("too_many_streams"), std::string::npos);
        EXPECT_EQ(c.ask(get("/q?1")).body, "1") << "it goes on as HTTP";
        EXPECT_EQ(server_->totals().streams_refused, 1U);
    }
    wait_for_streams(1);
    StreamClient d = client();
    d.open("");
    EXPECT_TRUE(d.read_until("hello"));
}

TEST_P(StreamServerTest, SoManyStreamsOfOneClient) {
    ServerOptions options;
    options.streams_per_client_max = 1;
    start(options);
    StreamClient a = client();
    a.open("");
    ASSERT_TRUE(a.read_until("hello"));
    RawClient c(server_->port());
    const Answer refused = c.ask(by_websocket() ? upgrade("/v1/stream") : get("/v1/stream"));
    EXPECT_EQ(refused.status, 429);
    EXPECT_NE(refused.head.find("Retry-After:"), std::string::npos);
}

// SSE has no way back.
class WebSocketStreamTest : public StreamServerTest {};
INSTANTIATE_TEST_SUITE_P(Door, WebSocketStreamTest, testing::Values(Door::WebSocket));

struct Closing {
    const char* name;
    std::string sent;
    unsigned code;
};

TEST_P(WebSocketStreamTest, WhatAClientSaysEndsItWithAReason) {
    start();
    const Closing cases[] = {
        {"close", client_frame(kClose, close_payload(1000, "bye")), 1000},
        {"message", client_frame(kFinalText, "{}"), 1008},
        {"empty message", client_frame(kFinalText, ""), 1008},
        {"too long", client_header(kFinalBinary, 1U << 20), 1009},
        {"no frame", "GET / HTTP/1.1\r\n", 1002},
        {"bad text", client_frame(kFinalText, "\xFF"), 1007},
    };
    for (const Closing& closing : cases) {
        StreamClient c = client();
        c.open("");
        ASSERT_TRUE(c.read_until("hello"));
        c.socket().send(closing.sent);
        c.read_to_end();
        EXPECT_EQ(c.close_code(), closing.code) << closing.name;
    }
    wait_for_streams(0);
}

TEST_P(WebSocketStreamTest, PingsAreAnsweredBetweenMessages) {
    start();
    StreamClient c = client(4'096);
    c.open("");
    ASSERT_TRUE(c.read_until("hello"));
    for (int i = 0; i < 50; ++i) {
        move_all(500, static_cast<std::uint8_t>(i % 4));
        ASSERT_TRUE(c.socket().send(client_frame(kPing, std::to_string(i))));
    }
    EXPECT_TRUE(c.read_until(knows_the_truth()));
    EXPECT_TRUE(c.read_until([](const StreamReplica& now) {
        return !now.pongs().empty() && now.pongs().back() == "49";
    }));
    EXPECT_TRUE(c.socket().send(client_frame(kPong, "unasked")));
    source_.move(1, 0);
    source_.move(1, 1);
    EXPECT_TRUE(c.read_until(knows_the_truth()));
}

}  // namespace
}  // namespace patron::net
