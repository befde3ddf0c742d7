#include "store/ingest_queue.h"

#include <future>
#include <thread>

#include <gtest/gtest.h>

#include "store/limits.h"

namespace patron::store {
namespace {

IngestRequest request_of(std::size_t events, std::size_t marked = 0) {
    IngestRequest request;
    request.batch.events.resize(events);
    request.return_scores_max = marked;  // tells requests apart
    return request;
}

std::vector<std::size_t> marks(const Taken& taken) {
    std::vector<std::size_t> out;
    for (const IngestRequest& request : taken.requests) {
        out.push_back(request.return_scores_max);
    }
    return out;
}

class NoScan final : public Scan {
  public:
    void row(std::size_t, const ScanRow&) override {}
    void finish(const ScanEnd&) override {}
    void abandon() override {}
};

TEST(IngestQueue, HandsRequestsOverInOrder) {
    IngestQueue queue;
    for (std::size_t i = 1; i <= 5; ++i) {
        EXPECT_EQ(queue.push(request_of(i, i)), std::nullopt);
    }
    EXPECT_EQ(queue.sizes().events, 15u);
    EXPECT_EQ(marks(queue.take(false, {})), (std::vector<std::size_t>{1, 2, 3, 4, 5}));
    EXPECT_EQ(queue.sizes().events, 0u);
    EXPECT_EQ(queue.sizes().bytes, 0u);
}

TEST(IngestQueue, TakesOneBeatsWorthAtATimeButAlwaysOneRequest) {
    IngestQueue queue;
    const std::size_t half = limits::kBeatEventsMax / 2;
    EXPECT_EQ(queue.push(request_of(half, 1)), std::nullopt);
    EXPECT_EQ(queue.push(request_of(half, 2)), std::nullopt);
    EXPECT_EQ(queue.push(request_of(1, 3)), std::nullopt);
    EXPECT_EQ(queue.push(request_of(2 * limits::kBeatEventsMax, 4)), std::nullopt);
    EXPECT_EQ(marks(queue.take(false, {})), (std::vector<std::size_t>{1, 2}));
    EXPECT_EQ(marks(queue.take(false, {})), (std::vector<std::size_t>{3}));
    EXPECT_EQ(marks(queue.take(false, {})), (std::vector<std::size_t>{4}));
}

TEST(IngestQueue, PutsBackInFrontAndInOrder) {
    IngestQueue queue;
    for (std::size_t i = 1; i <= 3; ++i) {
        EXPECT_EQ(queue.push(request_of(1, i)), std::nullopt);
    }
    Taken taken = queue.take(false, {});
    EXPECT_EQ(queue.push(request_of(1, 4)), std::nullopt);
    taken.requests.erase(taken.requests.begin());
    queue.put_back(std::move(taken.requests));
    EXPECT_EQ(queue.sizes().events, 3u);
    EXPECT_EQ(marks(queue.take(false, {})), (std::vector<std::size_t>{2, 3, 4}));
}

TEST(IngestQueue, RefusesEventsBeyondItsBoundAndLosesNone) {
    IngestQueue queue;
    const std::size_t most = limits::kQueueEventsMax;
    EXPECT_EQ(queue.push(request_of(most, 1)), std::nullopt);
    const auto refused = queue.push(request_of(1, 2));
    ASSERT_TRUE(refused.has_value());
    EXPECT_EQ(refused->code, FaultCode::QueueFull);
    EXPECT_EQ(queue.sizes().refused, 1u);
    EXPECT_EQ(queue.sizes().events, most);
    EXPECT_EQ(marks(queue.take(false, {})), (std::vector<std::size_t>{1}));
    EXPECT_EQ(queue.push(request_of(1, 3)), std::nullopt);
    EXPECT_EQ(marks(queue.take(false, {})), (std::vector<std::size_t>{3}));
}

TEST(IngestQueue, RefusesStringsBeyondItsBound) {
    IngestQueue queue;
    const std::string text(limits::kQueueBytesMax / 2, 'x');
    const auto with_text = [&] {
        IngestRequest request = request_of(1);
        request.batch.keep(text);
        return request;
    };
    EXPECT_EQ(queue.push(with_text()), std::nullopt);
    const auto refused = queue.push(with_text());
    ASSERT_TRUE(refused.has_value());
    EXPECT_EQ(refused->code, FaultCode::QueueFull);
}

TEST(IngestQueue, RefusesQuestionsBeyondTheirBound) {
    IngestQueue queue;
    for (std::size_t i = 0; i < limits::kQueueQuestionsMax; ++i) {
        ASSERT_EQ(queue.push(CustomerQuestion{}), std::nullopt);
    }
    EXPECT_EQ(queue.push(CustomerQuestion{})->code, FaultCode::QueueFull);
    EXPECT_EQ(queue.take(false, {}).questions.size(), limits::kQueueQuestionsMax);
    EXPECT_EQ(queue.push(CustomerQuestion{}), std::nullopt);
}

TEST(IngestQueue, RefusesScansAndWaitsBeyondTheirBounds) {
    IngestQueue queue;
    for (std::size_t i = 0; i < limits::kQueueScansMax; ++i) {
        ASSERT_EQ(queue.push(PendingScan{std::make_unique<NoScan>(), {}}), std::nullopt);
    }
    const auto refused = queue.push(PendingScan{std::make_unique<NoScan>(), {}});
    EXPECT_EQ(refused->code, FaultCode::QueueFull);
    for (std::size_t i = 0; i < limits::kQueueQuestionsMax; ++i) {
        ASSERT_EQ(queue.push(SeqWait{}), std::nullopt);
    }
    EXPECT_EQ(queue.push(SeqWait{})->code, FaultCode::QueueFull);
    // What the taker holds counts too.
    EXPECT_EQ(queue.take(true, {}).waits.size(), limits::kQueueQuestionsMax);
    EXPECT_EQ(queue.push(SeqWait{})->code, FaultCode::QueueFull);
    queue.take(true, {}, {.waits = limits::kQueueQuestionsMax - 1});
    EXPECT_EQ(queue.push(SeqWait{}), std::nullopt);
    EXPECT_EQ(queue.push(SeqWait{})->code, FaultCode::QueueFull);
}

TEST(IngestQueue, HandsScansOverOneByOneAndAllAtTheStop) {
    IngestQueue queue;
    for (int i = 0; i < 4; ++i) {
        ASSERT_EQ(queue.push(PendingScan{std::make_unique<NoScan>(), {}}), std::nullopt);
    }
    EXPECT_EQ(queue.take(true, {}).scans.size(), 1u);
    EXPECT_EQ(queue.take(true, {}, {.scan = true}).scans.size(), 0u);
    EXPECT_EQ(queue.take(true, {}).scans.size(), 1u);
    queue.stop();
    EXPECT_EQ(queue.take(true, {}, {.scan = true}).scans.size(), 2u);
}

TEST(IngestQueue, ReturnsAtOnceWhenBusyAndAtTheDeadlineWhenNot) {
    IngestQueue queue;
    EXPECT_TRUE(queue.take(true, {}).requests.empty());
    EXPECT_TRUE(queue.take(false, std::chrono::steady_clock::now()).requests.empty());
}

TEST(IngestQueue, WakesWhoWaitsForWork) {
    IngestQueue queue;
    auto taken = std::async(std::launch::async, [&] { return queue.take(false, {}); });
    EXPECT_EQ(queue.push(request_of(2, 9)), std::nullopt);
    EXPECT_EQ(marks(taken.get()), (std::vector<std::size_t>{9}));
}

TEST(IngestQueue, AfterTheStopItRefusesAndHandsOverTheRest) {
    IngestQueue queue;
    EXPECT_EQ(queue.push(request_of(1, 1)), std::nullopt);
    queue.stop();
    EXPECT_EQ(queue.push(request_of(1))->code, FaultCode::Stopping);
    EXPECT_EQ(queue.push(CustomerQuestion{})->code, FaultCode::Stopping);
    EXPECT_EQ(queue.push(SeqWait{})->code, FaultCode::Stopping);
    EXPECT_EQ(queue.push(PendingScan{})->code, FaultCode::Stopping);
    const Taken taken = queue.take(false, {});
    EXPECT_TRUE(taken.stopping);
    EXPECT_EQ(marks(taken), (std::vector<std::size_t>{1}));
}

}  // namespace
}  // namespace patron::store
