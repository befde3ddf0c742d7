// Changes told while everything else goes on: events from several threads, a clock that runs, readers, pages of
// the picture. Who listens by the rule ends with the picture of the store.

#include <array>
#include <atomic>
#include <future>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/changes_pair.h"
#include "tests/support/changes_setting.h"
#include "tests/support/picture_listener.h"
#include "tests/support/seed.h"
#include "tests/support/test_size.h"

namespace patron::store {
namespace {

using scoring::kDayMs;
using scoring::kHourMs;

constexpr std::size_t kWriters = 3;
constexpr int kListeners = 2;

struct Work {
    TestStore store;
    std::uint64_t seed;
    std::size_t customers;
    std::size_t batches;
    std::atomic<bool> done{false};     // no more events; the clock stands
    std::atomic<bool> settled{false};  // and all of it has been told

    EventWishes wishes() const {
        EventWishes w = wishes_for(*compiled_test_policy(), customers);
        w.erased = 0.05;
        return w;
    }
};

// Its events carry ids of its own, so that none is taken for another writer's.
void write(Work& work, std::size_t number) {
    EventMaker maker(work.seed + number, work.wishes());
    const std::string mark = "w" + std::to_string(number) + "-";
    for (std::size_t i = 0; i < work.batches; ++i) {
        EventBatch batch;
        maker.add(batch, static_cast<std::size_t>(maker.whole(1, 20)), work.store.clock().now());
        for (Event& event : batch.events) {
            if (!event.id.empty()) {
                event.id = batch.keep(mark + std::string(event.id));
            }
        }
        EXPECT_TRUE(work.store.submit_and_wait(std::move(batch), OnError::Skip).has_value());
    }
}

void run_clock(Work& work) {
    EventMaker dice(work.seed + 100, {});
    while (!work.done.load(std::memory_order_acquire)) {
        const Instant next = scoring::plus_ms(work.store.clock().now(), dice.whole(1, 2 * kDayMs));
        work.store.clock().set(next);
        if (dice.chance(0.5)) {
            EXPECT_TRUE(work.store.wait_for_time_and_wait(next));
        }
    }
}

void read(Work& work) {
    EventMaker dice(work.seed + 200, work.wishes());
    const auto& ids = dice.customers();
    while (!work.done.load(std::memory_order_acquire)) {
        work.store.look(ids[static_cast<std::size_t>(dice.whole(0, std::ssize(ids) - 1))]);
    }
}

// From the middle of everything to its end.
std::string listen(Work& work, int number, std::map<std::string, scoring::Visible>& held) {
    EventMaker dice(work.seed + 300 + static_cast<std::uint64_t>(number), {});
    PictureListener listener(work.store);
    while (!listener.complete() && listener.flaw().empty()) {
        listener.pull_page(static_cast<std::size_t>(dice.whole(1, 16)));
    }
    while (!work.settled.load(std::memory_order_acquire) && listener.flaw().empty()) {
        if (listener.pull_changes() == 0) {
            std::this_thread::yield();
        }
    }
    listener.pull_changes();
    held = listener.held();
    return listener.flaw();
}

void expect_counts_of(TestStore& store, const std::map<std::string, scoring::Visible>& picture) {
    const LiveCounts counts = store.count_and_wait();
    std::vector<std::uint64_t> tiers(counts.tiers.size());
    auto bands = decltype(counts.bands){};
    auto stages = decltype(counts.stages){};
    auto follow_ups = decltype(counts.follow_ups){};
    for (const auto& [id, visible] : picture) {
        ++tiers[visible.tier];
        ++bands[static_cast<std::size_t>(visible.band)];
        ++stages[static_cast<std::size_t>(visible.stage)];
        ++follow_ups[static_cast<std::size_t>(visible.follow_up)];
    }
    EXPECT_EQ(counts.customers, picture.size());
    EXPECT_EQ(counts.pending, 0u);
    EXPECT_EQ(counts.tiers, tiers);
    EXPECT_EQ(counts.bands, bands);
    EXPECT_EQ(counts.stages, stages);
    EXPECT_EQ(counts.follow_ups, follow_ups);
    EXPECT_EQ(counts.offset, store->changes().head());
}

TEST(ChangesUnderThreads, WhoListensEndsWithThePictureOfTheStore) {
    const std::uint64_t seed = test_seed(9'001);
    Work work{TestStore({.partitions = 5, .threads = 2}), seed, test_customers(400), 150};
    ChainCheck chain;
    std::uint64_t cursor = 0;
    // Writers and the clock first; listeners and readers come when there is something to hear.
    std::vector<std::future<void>> writers;
    for (std::size_t w = 0; w < kWriters; ++w) {
        writers.push_back(std::async(std::launch::async, [&work, w] { write(work, w); }));
    }
    auto clock = std::async(std::launch::async, [&] { run_clock(work); });
    auto reader = std::async(std::launch::async, [&] { read(work); });
    std::array<std::map<std::string, scoring::Visible>, kListeners> held;
    std::vector<std::future<std::string>> listeners;
    for (int i = 0; i < kListeners; ++i) {
        listeners.push_back(std::async(std::launch::async, [&, i] {
            return listen(work, i, held[static_cast<std::size_t>(i)]);
        }));
    }
    const auto check_chain = [&] {
        const auto changes = work.store.changes_after(cursor);
        ASSERT_TRUE(changes.has_value());
        for (const Change& change : *changes) {
            ASSERT_EQ(chain.add(change), "");
        }
    };
    for (auto& writer : writers) {
        writer.get();
        check_chain();
    }
    work.done.store(true, std::memory_order_release);
    clock.get();
    reader.get();
    EXPECT_TRUE(work.store.wait_for_time_and_wait(work.store.clock().now()));
    work.settled.store(true, std::memory_order_release);
    check_chain();
    std::map<std::string, scoring::Visible> picture;
    for (const PictureRow& row : work.store.whole_picture_and_wait(50)) {
        EXPECT_TRUE(picture.emplace(row.id, row.visible).second) << row.id << " comes twice";
    }
    EXPECT_TRUE(chain.said() == picture);
    for (std::size_t i = 0; i < kListeners; ++i) {
        EXPECT_EQ(listeners[i].get(), "");
        EXPECT_TRUE(held[i] == picture);
    }
    expect_counts_of(work.store, picture);
}

}  // namespace
}  // namespace patron::store
