#include "store/change_feed.h"

#include <latch>
#include <random>
#include <thread>

#include <gtest/gtest.h>

#include "tests/support/seed.h"

namespace patron::store {
namespace {

constexpr std::size_t kMany = 1'000'000'000;

// The id says which change of all it is, from 1.
std::vector<Change> changes(std::uint64_t first, std::size_t count) {
    std::vector<Change> made(count);
    for (std::size_t i = 0; i < count; ++i) {
        made[i].id = std::to_string(first + i);
    }
    return made;
}

std::shared_ptr<const ProfileDetails> profile(std::size_t bytes) {
    auto made = std::make_shared<ProfileDetails>();
    made->region = std::string(bytes / 2, 'r');
    made->tags = {std::string(bytes / 2, 't')};
    return made;
}

// The first and the last offset of what was given, having checked that nothing is missing in between.
std::pair<std::uint64_t, std::uint64_t> span_of(const std::vector<ChangeBatchPtr>& batches) {
    std::uint64_t next = batches.front()->first_offset;
    for (const ChangeBatchPtr& batch : batches) {
        EXPECT_EQ(batch->first_offset, next);
        EXPECT_FALSE(batch->changes.empty());
        for (const Change& change : batch->changes) {
            EXPECT_EQ(change.id, std::to_string(next++));
        }
        EXPECT_EQ(batch->last_offset(), next - 1);
    }
    return {batches.front()->first_offset, next - 1};
}

TEST(ChangeFeed, CountsFromOne) {
    ChangeFeed feed(77, {kMany, kMany});
    EXPECT_EQ(feed.epoch(), 77u);
    EXPECT_EQ(feed.head(), 0u);
    EXPECT_EQ(feed.oldest_cursor(), 0u);
    ASSERT_TRUE(feed.after(0, 10).has_value());
    EXPECT_TRUE(feed.after(0, 10)->empty());
    EXPECT_FALSE(feed.after(1, 10).has_value());
    feed.append(changes(1, 3));
    EXPECT_EQ(feed.head(), 3u);
    EXPECT_EQ(feed.oldest_cursor(), 0u);
    feed.append({});
    EXPECT_EQ(feed.head(), 3u);
    EXPECT_TRUE(feed.after(3, 10)->empty());
}

TEST(ChangeFeed, GivesWhatCameAfterEveryCursor) {
    ChangeFeed feed(1, {kMany, kMany});
    const std::vector<std::size_t> sizes{3, 1, 4, 1, 5, 9, 2, 6};
    std::vector<std::uint64_t> lasts;  // offset of each batch's last
    for (const std::size_t size : sizes) {
        feed.append(changes(feed.head() + 1, size));
        lasts.push_back(feed.head());
    }
    for (std::uint64_t cursor = 0; cursor < feed.head(); ++cursor) {
        for (std::size_t most = 0; most <= feed.head() + 1; ++most) {
            const auto found = feed.after(cursor, most);
            ASSERT_TRUE(found.has_value() && !found->empty());
            const auto [first, last] = span_of(*found);
            EXPECT_LE(first, cursor + 1);
            EXPECT_GT(found->front()->last_offset(), cursor) << "no batch too many";
            // As far as whole batches fit, the first in any case.
            std::uint64_t expected = found->front()->last_offset();
            for (const std::uint64_t end : lasts) {
                expected =
                    end - cursor <= most && end > cursor ? std::max(expected, end) : expected;
            }
            EXPECT_EQ(last, expected) << cursor << ' ' << most;
        }
    }
    EXPECT_TRUE(feed.after(feed.head(), 5)->empty());
    EXPECT_FALSE(feed.after(feed.head() + 1, 5).has_value());
    EXPECT_FALSE(feed.after(~std::uint64_t{0}, 5).has_value());
}

TEST(ChangeFeed, LetsTheOldestGoByCount) {
    ChangeFeed feed(1, {10, kMany});
    for (int i = 0; i < 3; ++i) {
        feed.append(changes(feed.head() + 1, 4));
    }
    EXPECT_EQ(feed.oldest_cursor(), 4u);
    EXPECT_FALSE(feed.after(3, 100).has_value());
    ASSERT_TRUE(feed.after(4, 100).has_value());
    EXPECT_EQ(span_of(*feed.after(4, 100)), (std::pair<std::uint64_t, std::uint64_t>{5, 12}));
    feed.append(changes(13, 2));  // ten are kept
    EXPECT_EQ(feed.oldest_cursor(), 4u);
    feed.append(changes(15, 1));
    EXPECT_EQ(feed.oldest_cursor(), 8u);
}

TEST(ChangeFeed, KeepsTheNewestBatchHoweverLarge) {
    ChangeFeed feed(1, {10, kMany});
    feed.append(changes(1, 3));
    feed.append(changes(4, 50));
    EXPECT_EQ(feed.oldest_cursor(), 3u);
    EXPECT_EQ(span_of(*feed.after(3, 1)).second, 53u);
    feed.append(changes(54, 1));
    EXPECT_EQ(feed.oldest_cursor(), 53u);
}

TEST(ChangeFeed, CountsTheBytesOfLongIds) {
    constexpr std::size_t kIdBytes = 1'000;
    const std::size_t room = 10 * (kIdBytes + sizeof(Change) + sizeof(ChangeBatch) + 100);
    ChangeFeed longer(1, {kMany, room});
    ChangeFeed shorter(1, {kMany, room});
    for (std::size_t i = 1; i <= 30; ++i) {
        std::vector<Change> one(1);
        one[0].id = std::string(kIdBytes, 'k');
        longer.append(std::move(one));
        shorter.append(changes(i, 1));
    }
    EXPECT_GE(longer.oldest_cursor(), 19u);
    EXPECT_LE(longer.oldest_cursor(), 21u);
    EXPECT_LT(shorter.oldest_cursor(), 10u);
}

TEST(ChangeFeed, CountsTheBytesOfProfiles) {
    constexpr std::size_t kProfileBytes = 4'000;
    const std::size_t room = 10 * (kProfileBytes + 1'000);
    ChangeFeed feed(1, {kMany, room});
    for (int i = 1; i <= 30; ++i) {
        std::vector<Change> one(1);
        one[0].profile = profile(kProfileBytes);
        feed.append(std::move(one));
    }
    EXPECT_GE(feed.oldest_cursor(), 18u);
    EXPECT_LE(feed.oldest_cursor(), 21u);
}

TEST(ChangeFeed, LeavesToReadersWhatTheyHold) {
    ChangeFeed feed(1, {4, kMany});
    feed.append(changes(1, 4));
    const auto held = feed.after(0, 100);
    feed.append(changes(5, 4));
    EXPECT_FALSE(feed.after(0, 100).has_value());
    EXPECT_EQ(span_of(*held).second, 4u);
}

TEST(ChangeFeed, TellsEveryListenerOfEveryAppend) {
    ChangeFeed feed(1, {kMany, kMany});
    std::vector<std::uint64_t> heads;
    int others = 0;
    const std::uint64_t one = feed.add_listener([&] { heads.push_back(feed.head()); });
    const std::uint64_t other = feed.add_listener([&] { ++others; });
    EXPECT_NE(one, other);
    feed.append(changes(1, 2));
    feed.append({});
    feed.append(changes(3, 1));
    EXPECT_EQ(heads, (std::vector<std::uint64_t>{2, 3})) << "told once it can be read";
    feed.remove_listener(one);
    feed.remove_listener(12345);
    feed.append(changes(4, 1));
    EXPECT_EQ(heads.size(), 2u);
    EXPECT_EQ(others, 3);
}

// Reads on from its cursor until the end; counts the times when its cursor had gone.
class Reader {
  public:
    Reader(const ChangeFeed& feed, std::uint64_t end, std::size_t most)
        : feed_(feed), end_(end), most_(most) {}

    void run() {
        while (cursor_ < end_ && !::testing::Test::HasFailure()) {
            const std::uint64_t head = feed_.head();
            const auto found = feed_.after(cursor_, most_);
            if (!found) {
                ++gone_;
                cursor_ = feed_.oldest_cursor();
            } else if (!found->empty()) {
                const auto [first, last] = span_of(*found);
                EXPECT_LE(first, cursor_ + 1);
                EXPECT_GT(last, cursor_);
                cursor_ = last;
            } else {
                EXPECT_LE(head, cursor_) << "what was told is there";
                std::this_thread::yield();
            }
        }
    }
    std::uint64_t gone() const { return gone_; }

  private:
    const ChangeFeed& feed_;
    std::uint64_t end_;
    std::size_t most_;
    std::uint64_t cursor_ = 0;
    std::uint64_t gone_ = 0;
};

void append_beside_readers(ChangeFeed& feed, bool all_are_kept) {
    constexpr std::uint64_t kEnd = 20'000;
    constexpr int kReaders = 3;
    std::latch ready(kReaders + 1);
    std::vector<Reader> readers;
    for (std::size_t i = 0; i < kReaders; ++i) {
        readers.emplace_back(feed, kEnd, 1 + i * 40);
    }
    std::vector<std::jthread> threads;
    for (Reader& reader : readers) {
        threads.emplace_back([&] {
            ready.arrive_and_wait();
            reader.run();
        });
    }
    std::mt19937_64 random(test_seed(3));
    ready.arrive_and_wait();
    while (feed.head() < kEnd) {
        const std::uint64_t left = kEnd - feed.head();
        feed.append(changes(feed.head() + 1, std::min<std::uint64_t>(left, 1 + random() % 20)));
    }
    threads.clear();
    for (const Reader& reader : readers) {
        EXPECT_TRUE(!all_are_kept || reader.gone() == 0);
    }
}

TEST(ChangeFeed, ShowsReadersBesideTheAppenderEveryChange) {
    ChangeFeed feed(1, {kMany, kMany});
    append_beside_readers(feed, true);
}

TEST(ChangeFeed, TellsReadersWhoFallBehind) {
    ChangeFeed feed(1, {50, kMany});
    append_beside_readers(feed, false);
}

TEST(ChangeFeed, CallsNobodyWhoHasGone) {
    ChangeFeed feed(1, {10, kMany});
    std::atomic<bool> ended = false;
    std::jthread appender([&] {
        while (!ended) {
            feed.append(changes(feed.head() + 1, 1));
        }
    });
    for (int i = 0; i < 500; ++i) {
        auto calls = std::make_unique<int>(0);
        const std::uint64_t number = feed.add_listener([&calls] { ++*calls; });
        feed.remove_listener(number);
        calls.reset();  // a call after this would be seen
    }
    ended = true;
}

}  // namespace
}  // namespace patron::store
