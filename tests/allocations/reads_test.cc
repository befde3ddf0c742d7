// What a read takes from the heap once it is warm: nothing.

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "server/endpoints/api.h"
#include "server/net/http_server.h"
#include "server/wire/policy_presets.h"
#include "store/clock.h"
#include "store/store.h"
#include "tests/allocations/counted_heap.h"
#include "tests/net/raw_client.h"

namespace patron {
namespace {

constexpr int kCustomers = 200;
constexpr scoring::Instant kNow{1'772'337'600'000};

std::string name_of(int customer) {
    return "C" + std::to_string(100'000 + customer);
}

std::string orders() {
    std::string body = "[";
    for (int i = 0; i < kCustomers; ++i) {
        body += (i == 0 ? "" : ",");
        const std::string order = "o" + std::to_string(i);
        body += R"({"type":"order","id":")" + order + R"(","order_id":")" + order +
                R"(","customer":")" + name_of(i) +
                R"(","at":"2026-02-01T00:00:00Z","amount":"100.00"})";
    }
    return body + "]";
}

std::string with_body(const std::string& target, const std::string& body) {
    return "POST " + target + " HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n" +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string get_score(int customer) {
    return "GET /v1/customers/" + name_of(customer) + "/score HTTP/1.1\r\nHost: a\r\n\r\n";
}

std::string post_scores(int ids) {
    std::string body = R"({"ids":[)";
    for (int i = 0; i < ids; ++i) {
        body += (i == 0 ? "\"" : ",\"") + name_of(i) + "\"";
    }
    return with_body("/v1/scores", body + "]}");
}

class WarmReads : public testing::Test {
  protected:
    WarmReads() {
        leave_out_this_thread();
        store::StoreOptions options;
        options.policy = wire::default_policy(options.schema);
        options.clock = &clock_;
        options.partitions = 3;
        options.threads = 1;
        options.log = store::make_memory_only_log();
        store_ = std::move(*store::Store::open(std::move(options)));
        api_ = std::make_unique<endpoints::Api>(*store_);
        server_ = std::make_unique<net::HttpServer>(net::ServerOptions{}, *api_);
        server_->start();
        client_ = std::make_unique<net::RawClient>(server_->port());
        EXPECT_EQ(client_->ask(with_body("/v1/events", orders())).status, 200);
        for (int i = 0; i < kCustomers; ++i) {
            EXPECT_EQ(client_->ask(get_score(i)).status, 200);
        }
    }
    ~WarmReads() override {
        EXPECT_GT(heap_blocks_taken(), 0U);  // or nobody counts
        client_.reset();
        server_->stop(std::chrono::seconds(1));
        store_->stop();
    }

    // Of all threads but this one, while `messages` are answered with 200 one by one.
    std::uint64_t taken_by(const std::string& message, int answers) {
        const std::uint64_t before = heap_blocks_taken();
        EXPECT_TRUE(client_->send(message));
        for (int i = 0; i < answers; ++i) {
            EXPECT_EQ(client_->read().status, 200);
        }
        return heap_blocks_taken() - before;
    }

    store::FixedClock clock_{kNow};
    std::unique_ptr<store::Store> store_;
    std::unique_ptr<endpoints::Api> api_;
    std::unique_ptr<net::HttpServer> server_;
    std::unique_ptr<net::RawClient> client_;
};

TEST_F(WarmReads, OfOneScoreTakeNothingFromTheHeap) {
    taken_by(get_score(0), 1);
    for (int i = 0; i < kCustomers; ++i) {
        EXPECT_EQ(taken_by(get_score(i), 1), 0U) << i;
    }
}

TEST_F(WarmReads, PipelinedTakeNothingFromTheHeap) {
    std::string sixteen;
    for (int i = 0; i < 16; ++i) {
        sixteen += get_score(i * 7);
    }
    // The batch may arrive in pieces of any size: the longest has been seen after some.
    for (int i = 0; i < 20; ++i) {
        taken_by(sixteen, 16);
    }
    std::uint64_t all = 0;
    for (int i = 0; i < 50; ++i) {
        all += taken_by(sixteen, 16);
    }
    EXPECT_EQ(all, 0U);
}

TEST_F(WarmReads, OfABatchTakeNoMoreForManyIdsThanForFew) {
    for (int i = 0; i < 20; ++i) {
        taken_by(post_scores(kCustomers), 1);
    }
    const std::uint64_t few = taken_by(post_scores(10), 1);
    EXPECT_LE(few, 4U);
    EXPECT_EQ(taken_by(post_scores(kCustomers), 1), few);
}

}  // namespace
}  // namespace patron
