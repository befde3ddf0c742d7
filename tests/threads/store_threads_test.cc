// Readers and submitters beside the one writer: nothing half-written, nothing lost, nothing late.

#include <atomic>
#include <future>
#include <latch>
#include <thread>

#include <gtest/gtest.h>

#include "store/customer_columns.h"
#include "store/key_index.h"
#include "store/published_record.h"
#include "tests/support/random_events.h"
#include "tests/support/seed.h"
#include "tests/support/test_store.h"

namespace patron::store {
namespace {

using scoring::kDayMs;

// Every number of the body says the same thing.
RecordBody body_of(std::uint32_t n) {
    RecordBody body;
    body.id = CustomerId::of("k" + std::to_string(n), 1);
    body.standing.x = n;
    body.standing.t_x_days = static_cast<std::int32_t>(n);
    body.standing.state.settled_at = {static_cast<std::int64_t>(n)};
    body.standing.valid_until = {static_cast<std::int64_t>(n)};
    body.standing.value_index = n;
    body.standing.to_keep.missing = n;
    return body;
}

bool whole(const RecordBody& body) {
    const std::uint32_t n = body.standing.x;
    return body.id.same(CustomerId::of("k" + std::to_string(n), 1)) &&
           body.standing.t_x_days == static_cast<std::int32_t>(n) &&
           body.standing.state.settled_at.ms == n && body.standing.valid_until.ms == n &&
           body.standing.value_index == n && body.standing.to_keep.missing == n;
}

TEST(PublishedRecordUnderThreads, AReaderNeverSeesHalfARecord) {
    PublishedRecord record;
    record.publish(body_of(0));
    std::atomic<bool> done{false};
    std::vector<std::future<std::uint32_t>> readers;
    for (int r = 0; r < 3; ++r) {
        readers.push_back(std::async(std::launch::async, [&] {
            std::uint32_t torn = 0;
            std::uint32_t last = 0;
            while (!done.load(std::memory_order_acquire)) {
                const RecordBody body = record.read();
                torn += whole(body) && body.standing.x >= last ? 0 : 1;
                last = body.standing.x;
            }
            return torn;
        }));
    }
    for (std::uint32_t n = 1; n <= 100'000; ++n) {
        record.publish(body_of(n));
    }
    done.store(true, std::memory_order_release);
    for (auto& reader : readers) {
        EXPECT_EQ(reader.get(), 0u);
    }
    EXPECT_EQ(record.read().standing.x, 100'000u);
}

std::uint32_t spread(std::uint32_t n) {
    return n * 2'654'435'761u;
}

// The index grows from nothing, through many tables, while others look.
TEST(KeyIndexUnderThreads, NoKeyIsLostWhileTheIndexGrowsAndForgets) {
    constexpr Row kRows = 150'000;
    KeyIndex index;
    std::atomic<Row> published{0};
    std::vector<std::future<std::uint64_t>> readers;
    for (std::uint32_t r = 0; r < 3; ++r) {
        readers.push_back(std::async(std::launch::async, [&, r] {
            std::uint64_t lost = 0;
            std::uint32_t dice = r + 1;
            Row there = 0;
            while (there < kRows) {
                there = published.load(std::memory_order_acquire);
                for (int look = 0; look < 50 && there > 0; ++look) {
                    dice = dice * 1'664'525u + 1'013'904'223u;
                    // Rows whose number is divisible by three come and go; the others stay.
                    const Row row = dice % there;
                    const auto found = index.find(spread(row), [row](Row f) { return f == row; });
                    lost += row % 3 != 0 && !found ? 1 : 0;
                    index.prefetch(spread(row));
                    index.guess(spread(row));
                }
            }
            return lost;
        }));
    }
    for (Row row = 0; row < kRows; ++row) {
        index.insert(spread(row), row);
        published.store(row + 1, std::memory_order_release);
        if (row >= 30 && (row - 30) % 3 == 0) {
            index.remove(spread(row - 30), row - 30);
        }
    }
    for (auto& reader : readers) {
        EXPECT_EQ(reader.get(), 0u);
    }
}

TEST(CustomerColumnsUnderThreads, RowsCanBeReadWhileChunksAreAdded) {
    CustomerColumns columns;
    std::atomic<Row> rows{0};
    constexpr Row kRows = 20'000;
    auto reader = std::async(std::launch::async, [&] {
        bool good = true;
        Row seen = 0;
        while (seen < kRows) {
            seen = rows.load(std::memory_order_acquire);
            if (seen > 0) {
                good &= columns.record(seen - 1).read().standing.x == seen - 1;
                good &= columns.record(seen / 2).read().standing.x == seen / 2 || seen / 2 == seen;
            }
        }
        return good;
    });
    for (Row row = 0; row < kRows; ++row) {
        columns.record(*columns.add_row()).publish(body_of(row));
        rows.store(row + 1, std::memory_order_release);
    }
    EXPECT_TRUE(reader.get());
}

// -- the whole store --

std::string name_of(std::size_t i) {
    return (i % 2 == 0 ? std::string("c") : std::string(40, 'c')) + std::to_string(i);
}

// Purchase number `day` of a customer, on a day of its own: x and t_x_days then agree.
void add_purchase(EventBatch& batch, const std::string& customer, std::int64_t day) {
    const std::string id = std::to_string(day);
    const Instant at{kTestNow.ms - (400 - day) * kDayMs};
    add_event(batch, customer, id, at, Order{id, Money{100}, {}, {}});
}

TEST(StoreUnderThreads, ReadersSeeWholeAndGrowingCustomersAndNoOneElses) {
    constexpr std::size_t kCustomers = 200;
    constexpr std::int64_t kDays = 40;
    TestStore store({.partitions = 3, .threads = 2});
    std::atomic<bool> done{false};
    std::vector<std::future<std::uint64_t>> readers;
    for (std::size_t r = 0; r < 2; ++r) {
        readers.push_back(std::async(std::launch::async, [&, r] {
            std::uint64_t wrong = 0;
            std::vector<std::uint32_t> last(kCustomers, 0);
            for (std::size_t i = r; !done.load(std::memory_order_acquire); i += 7) {
                const std::size_t who = i % kCustomers;
                Reading reading;
                if (store.read(name_of(who), reading) != ReadOutcome::Found) {
                    continue;
                }
                const scoring::Standing& s = reading.standing;
                wrong += s.has_purchase && s.x == static_cast<std::uint32_t>(s.t_x_days) ? 0 : 1;
                wrong += s.x >= last[who] && s.x < kDays ? 0 : 1;
                wrong += reading.score.churn_risk > 0 && reading.score.churn_risk <= 1 ? 0 : 1;
                last[who] = s.x;
            }
            return wrong;
        }));
    }
    for (std::int64_t day = 0; day < kDays; ++day) {
        EventBatch batch;
        for (std::size_t who = 0; who < kCustomers; ++who) {
            add_purchase(batch, name_of(who), day);
        }
        ASSERT_TRUE(store.submit_and_wait(std::move(batch)).has_value());
        std::vector<std::string> some;
        for (std::size_t who = 0; who < kCustomers; who += 3) {
            some.push_back(name_of(who));
        }
        ASSERT_TRUE(store.ask_all_and_wait(std::move(some)).has_value());
    }
    done.store(true, std::memory_order_release);
    for (auto& reader : readers) {
        EXPECT_EQ(reader.get(), 0u);
    }
    for (const ScannedRow& row : store.scan_and_wait()) {
        EXPECT_EQ(row.reading.standing.x, kDays - 1u);
    }
}

TEST(StoreUnderThreads, ErasedRowsNeverShowTheirNextOwnerToReaders) {
    TestStore store({.partitions = 1, .threads = 1});
    std::atomic<bool> done{false};
    // Customer i has i + 1 purchases; rows go round among them.
    constexpr std::size_t kCustomers = 12;
    auto reader = std::async(std::launch::async, [&] {
        std::uint64_t wrong = 0;
        for (std::size_t i = 0; !done.load(std::memory_order_acquire); ++i) {
            Reading reading;
            const std::size_t who = i % kCustomers;
            if (store.read(name_of(who), reading) == ReadOutcome::Found) {
                wrong += reading.standing.x == who ? 0 : 1;
            }
        }
        return wrong;
    });
    std::uint64_t purchase = 0;
    for (int round = 0; round < 300; ++round) {
        const std::size_t who = static_cast<std::size_t>(round * 5) % kCustomers;
        EventBatch batch;
        for (std::size_t day = 0; day <= who; ++day) {
            const std::string id = std::to_string(purchase++);
            const Instant at = scoring::plus_days(kTestNow, static_cast<std::int64_t>(day) - 20);
            add_event(batch, name_of(who), id, at, Order{id, Money{100}, {}, {}});
        }
        ASSERT_TRUE(store.submit_and_wait(std::move(batch)).has_value());
        ASSERT_TRUE(store.look(name_of(who)).has_value());
        EventBatch erase;
        add_event(erase, name_of(who), "", kTestNow, Erase{});
        ASSERT_TRUE(store.submit_and_wait(std::move(erase)).has_value());
        Reading reading;
        ASSERT_EQ(store.read(name_of(who), reading), ReadOutcome::Unknown);
    }
    done.store(true, std::memory_order_release);
    EXPECT_EQ(reader.get(), 0u);
}

TEST(StoreUnderThreads, EverySubmitterReadsItsOwnWritesAndNothingIsLost) {
    constexpr std::size_t kThreads = 4;
    constexpr std::int64_t kDays = 60;
    TestStore store({.partitions = 5, .threads = 3});
    std::latch ready(kThreads);
    std::vector<std::future<std::uint64_t>> writers;
    for (std::size_t t = 0; t < kThreads; ++t) {
        writers.push_back(std::async(std::launch::async, [&, t] {
            ready.arrive_and_wait();
            std::uint64_t wrong = 0;
            std::uint64_t last_seq = 0;
            for (std::int64_t day = 0; day < kDays; ++day) {
                EventBatch batch;
                add_purchase(batch, name_of(t), day);
                add_purchase(batch, "shared", day * 4 + static_cast<std::int64_t>(t));
                const auto reply = store.submit_and_wait(std::move(batch));
                wrong += reply && reply->accepted == 2 && reply->seq > last_seq ? 0 : 1;
                last_seq = reply ? reply->seq : 0;
                const auto reading = store.look(name_of(t));
                wrong += reading && reading->standing.x == day && reading->seq >= last_seq ? 0 : 1;
            }
            return wrong;
        }));
    }
    for (auto& writer : writers) {
        EXPECT_EQ(writer.get(), 0u);
    }
    EXPECT_EQ(store->applied_seq(), 2 * kThreads * kDays);
    EXPECT_EQ(
        store.ask_and_wait("shared", {}, true).portrait->rollup.lifetime.orders, kThreads * kDays
    );
}

// What was accepted is there, what was refused is not; nobody waits for ever.
TEST(StoreUnderThreads, AStopUnderLoadAnswersEverybody) {
    for (int round = 0; round < 20; ++round) {
        constexpr std::size_t kThreads = 3;
        TestStore store({.partitions = 3, .threads = 2});
        std::atomic<std::uint64_t> accepted{0};
        std::atomic<std::uint64_t> begun{0};
        std::vector<std::future<void>> clients;
        for (std::size_t t = 0; t < kThreads; ++t) {
            clients.push_back(std::async(std::launch::async, [&, t] {
                for (std::int64_t i = 0;; ++i) {
                    EventBatch batch;
                    add_purchase(batch, name_of(t), i);
                    const auto reply = store.submit_and_wait(std::move(batch));
                    begun.fetch_add(1);
                    if (!reply) {
                        EXPECT_EQ(reply.error().code, FaultCode::Stopping);
                        return;
                    }
                    accepted.fetch_add(reply->accepted);
                    store.ask_all_and_wait({name_of(t)});
                }
            }));
        }
        clients.push_back(std::async(std::launch::async, [&] {
            for (;;) {
                auto told = std::make_shared<std::promise<bool>>();
                auto reached = told->get_future();
                if (store->wait_for(1'000'000, [told](bool r) { told->set_value(r); })) {
                    return;
                }
                EXPECT_FALSE(reached.get());
            }
        }));
        while (begun.load() < 10) {
            std::this_thread::yield();
        }
        store->stop();
        for (auto& client : clients) {
            client.get();
        }
        EXPECT_EQ(store->applied_seq(), accepted.load());
    }
}

TEST(StoreUnderThreads, ScansGoOnBesideIngestAndSeeWholeCustomers) {
    TestStore store({.partitions = 7, .threads = 2});
    std::atomic<bool> done{false};
    auto scanner = std::async(std::launch::async, [&] {
        std::uint64_t wrong = 0;
        std::size_t most = 0;
        while (!done.load(std::memory_order_acquire)) {
            const auto rows = store.scan_and_wait({}, true);
            for (const ScannedRow& row : rows) {
                const scoring::Standing& s = row.reading.standing;
                wrong += s.x == static_cast<std::uint32_t>(s.t_x_days) && s.outlook_known ? 0 : 1;
            }
            wrong += rows.size() >= most ? 0 : 1;
            most = rows.size();
        }
        return wrong;
    });
    for (std::int64_t day = 0; day < 30; ++day) {
        for (std::size_t who = 0; who < 60; who += 20) {
            EventBatch batch;
            for (std::size_t i = who; i < who + 20; ++i) {
                add_purchase(batch, name_of(i), day);
            }
            ASSERT_TRUE(store.submit_and_wait(std::move(batch)).has_value());
        }
    }
    done.store(true, std::memory_order_release);
    EXPECT_EQ(scanner.get(), 0u);
}

}  // namespace
}  // namespace patron::store
