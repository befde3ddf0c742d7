#include "server/net/stream_course.h"

#include <memory>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "server/net/feed_walk.h"
#include "tests/net/fake_stream_source.h"
#include "tests/net/stream_replica.h"
#include "tests/support/seed.h"

namespace patron::net {
namespace {

using endpoints::Subscription;

std::shared_ptr<const Subscription> subscribe(
    FakeStreamSource& source, std::string_view query, std::string_view last_event_id = {}
) {
    auto parsed = Subscription::parse(query, last_event_id, source.texts(source.policy()));
    EXPECT_TRUE(parsed.has_value()) << query;
    return std::make_shared<const Subscription>(std::move(*parsed));
}

// One group of a thread, without the thread: the test says when what happens.
class PlainDesk final : public StreamDesk {
  public:
    PlainDesk(FakeStreamSource& from, Door door, std::string_view query)
        : StreamDesk(from, counted), fake(from), group(door, subscribe(from, query), kept) {
        cursor = from.changes().head();
    }

    // False if the feed has gone on without us.
    bool turn(std::size_t changes_max = kTurnChanges) {
        const std::uint64_t behind = cursor;
        std::size_t index = 0;
        const Walk walk = walk_feed(
            fake.changes(),
            cursor,
            fake.changes().head(),
            changes_max,
            [&](const store::Change& change, std::uint64_t offset) {
                group.take(texts, index++, change, offset);
                return true;
            }
        );
        texts.forget();
        if (walk == Walk::Lost) {
            cursor = fake.changes().head();
            group.break_rounds();
        } else {
            group.close_round(behind);
        }
        return walk != Walk::Lost;
    }

    void ask_page(std::uint64_t, store::PictureQuestion question) override {
        question.done = [this](store::PicturePage page) {
            page_ = std::move(page);
        };
        fake.picture(std::move(question));
    }
    void await_cursor(std::uint64_t) override {}
    void await_tick(std::uint64_t) override {}
    std::optional<store::PicturePage> take_page() { return std::exchange(page_, std::nullopt); }

    FakeStreamSource& fake;
    NetCounters counted;
    KeptRounds kept;
    StreamGroup group;

  private:
    std::optional<store::PicturePage> page_;
};

// A subscriber whose reading the test paces.
class Reader final : public CourseOwner {
  public:
    Reader(
        PlainDesk& desk, StreamReplica& replica, std::string_view query, std::string_view id = {}
    )
        : desk_(desk)
        , replica_(replica)
        , course_(desk, *this, desk.group, subscribe(desk.fake, query, id), 1) {
        StreamBlock block;
        course_.begin(block);
        replica_.take(block.bytes.view());
    }

    // One write: whatever is there goes.
    Step read() {
        if (auto page = desk_.take_page()) {
            course_.on_page(std::move(page));
        }
        gather_.clear();
        const Step step = course_.next(gather_);
        std::size_t bytes = 0;
        for (const StreamBlockPtr& block : gather_.blocks()) {
            bytes += block->bytes.size();
            replica_.take(block->bytes.view());
        }
        EXPECT_LT(bytes, 2 * store::limits::kStreamBlockBytesMax);
        return step;
    }
    // Until nothing is left; false if it was given up.
    bool read_all() {
        for (int i = 0; i < 100'000; ++i) {
            desk_.turn();
            if (read() == Step::TooSlow) {
                return false;
            }
            if (course_.is_up_to_date() && gather_.empty()) {
                return true;
            }
        }
        ADD_FAILURE() << "it never came to an end";
        return false;
    }
    StreamCourse& course() { return course_; }

  private:
    void wake() override {}

    PlainDesk& desk_;
    StreamReplica& replica_;
    StreamCourse course_;
    Gather gather_;
};

class StreamCourseTest : public testing::TestWithParam<Door> {
  protected:
    void move_at_random(FakeStreamSource& source, std::size_t count, std::uint32_t customers) {
        std::vector<FakeStreamSource::Move> moves;
        for (std::size_t i = 0; i < count; ++i) {
            const std::uint64_t draw = random_();
            moves.push_back(
                {static_cast<std::uint32_t>(random_() % customers),
                 draw % 10 == 0 ? std::nullopt : std::optional(static_cast<std::uint8_t>(draw % 4))}
            );
        }
        source.move(moves);
    }
    std::string cursor_text(std::uint64_t offset, std::uint64_t epoch = FakeStreamSource::kEpoch) {
        return endpoints::to_text({epoch, offset});
    }

    std::mt19937_64 random_{test_seed(20'262)};
};

INSTANTIATE_TEST_SUITE_P(
    Doors,
    StreamCourseTest,
    testing::Values(Door::Sse, Door::WebSocket),
    [](const auto& door) { return door.param == Door::Sse ? "Sse" : "WebSocket"; }
);

TEST_P(StreamCourseTest, AFreshOneHearsWhatIsNewAndNothingElse) {
    FakeStreamSource source;
    source.move(1, 1);
    PlainDesk desk(source, GetParam(), "");
    StreamReplica replica(GetParam());
    Reader reader(desk, replica, "");
    source.move(2, 2);
    source.move(2, 3);
    EXPECT_TRUE(reader.read_all());
    EXPECT_EQ(replica.types(), (std::vector<std::string>{"hello", "enter", "change"}));
    EXPECT_EQ(replica.cursor(), cursor_text(3));
    EXPECT_EQ(replica.tiers().size(), 1U);
}

TEST_P(StreamCourseTest, ACursorGoesOnBehindIt) {
    FakeStreamSource source;
    for (std::uint32_t i = 0; i < 10; ++i) {
        source.move(i, 1);
    }
    PlainDesk desk(source, GetParam(), "");
    StreamReplica replica(GetParam());
    Reader reader(desk, replica, "cursor=" + cursor_text(7));
    EXPECT_EQ(replica.cursor(), cursor_text(7));
    EXPECT_TRUE(reader.read_all());
    EXPECT_EQ(replica.types(), (std::vector<std::string>{"resumed", "enter", "enter", "enter"}));
    EXPECT_EQ(replica.cursor(), cursor_text(10));
}

TEST_P(StreamCourseTest, ACursorThatCannotBeGoneOnFromIsAGapAndASnapshot) {
    FakeStreamSource source({100, 1U << 20});
    for (std::uint32_t i = 0; i < 300; ++i) {
        source.move(i, 1);
    }
    const std::pair<std::string, std::string> cases[] = {
        {cursor_text(5), "expired"},
        {cursor_text(301), "unknown_epoch"},
        {cursor_text(299, 7), "unknown_epoch"},
    };
    for (const auto& [cursor, reason] : cases) {
        PlainDesk desk(source, GetParam(), "");
        StreamReplica replica(GetParam());
        Reader reader(desk, replica, "cursor=" + cursor);
        EXPECT_EQ(replica.types(), (std::vector<std::string>{"gap", "snapshot_begin"}));
        EXPECT_EQ(replica.event_id(), "") << "nobody may come back to the middle of a snapshot";
        EXPECT_TRUE(reader.read_all());
        EXPECT_EQ(replica.count("customer"), 300U);
        EXPECT_EQ(replica.types().back(), "snapshot_end");
        EXPECT_EQ(replica.tiers(), source.tiers());
        EXPECT_EQ(replica.cursor(), cursor_text(300));
        EXPECT_EQ(desk.counted.stream_gaps.get(), 1U);
    }
}

TEST_P(StreamCourseTest, WhatChangesWhileASnapshotIsOnItsWayIsToldOnce) {
    for (int round = 0; round < 5; ++round) {
        FakeStreamSource source;
        move_at_random(source, 6'000, 3'000);
        PlainDesk desk(source, GetParam(), "");
        StreamReplica replica(GetParam());
        Reader reader(desk, replica, "snapshot=true");
        EXPECT_EQ(replica.event_id(), "");
        while (replica.count("snapshot_end") == 0) {
            if (random_() % 2 == 0) {
                move_at_random(source, random_() % 400, 3'200);
            }
            if (random_() % 3 == 0) {
                desk.turn(1 + random_() % 500);
            }
            ASSERT_NE(reader.read(), Step::TooSlow);
        }
        EXPECT_GT(replica.count("change"), 10U);
        EXPECT_TRUE(reader.read_all());
        EXPECT_EQ(replica.tiers(), source.tiers());
    }
}

// Whoever reads in bursts is told less, but never anything that does not fit.
TEST_P(StreamCourseTest, HoweverItIsReadItEndsWithTheTruth) {
    for (int round = 0; round < 12; ++round) {
        const bool small = round % 3 == 2;
        FakeStreamSource source({small ? 9'000U : 262'144U, 128U << 20});
        PlainDesk desk(source, GetParam(), "");
        StreamReplica replica(GetParam());
        Reader reader(desk, replica, "snapshot=true");
        const std::uint32_t customers = round % 2 == 0 ? 200 : 20'000;
        bool given_up = false;
        for (int i = 0; i < 60 && !given_up; ++i) {
            move_at_random(source, random_() % 900, customers);
            if (random_() % 4 != 0) {
                desk.turn(1 + random_() % 3'000);
            }
            const bool awake = i % 30 > 22 || random_() % 10 == 0;
            for (std::uint64_t n = awake ? random_() % 40 : 0; n > 0 && !given_up; --n) {
                given_up = reader.read() == Step::TooSlow;
            }
        }
        if (given_up) {
            EXPECT_TRUE(small);
            EXPECT_GE(desk.counted.stream_gaps.get(), 1U);
            continue;
        }
        EXPECT_TRUE(reader.read_all());
        EXPECT_EQ(replica.tiers(), source.tiers()) << "round " << round;
        EXPECT_EQ(replica.cursor(), cursor_text(source.changes().head()));
        EXPECT_EQ(replica.conflated(), desk.counted.stream_conflated.get());
    }
}

TEST_P(StreamCourseTest, FarBehindTheNewestOfEachWinsAndTheCursorComesLast) {
    FakeStreamSource source;
    PlainDesk desk(source, GetParam(), "");
    StreamReplica replica(GetParam());
    Reader reader(desk, replica, "");
    for (std::uint32_t i = 0; i < 20'000; ++i) {
        source.move(i % 10, static_cast<std::uint8_t>(i / 10 % 4));
    }
    while (desk.cursor != source.changes().head()) {
        desk.turn();
    }
    EXPECT_TRUE(reader.read_all());
    EXPECT_EQ(replica.tiers(), source.tiers());
    EXPECT_EQ(replica.types().size(), 11U);
    EXPECT_EQ(replica.cursor(), cursor_text(source.changes().head()));
    EXPECT_EQ(replica.conflated() + 10, source.changes().head());
    EXPECT_EQ(desk.counted.stream_gaps.get(), 0U);
}

TEST_P(StreamCourseTest, OffTheFeedIsAGapAndTheSecondTimeTheEnd) {
    FakeStreamSource source({1'000, 128U << 20});
    PlainDesk desk(source, GetParam(), "");
    StreamReplica replica(GetParam());
    Reader reader(desk, replica, "");
    move_at_random(source, 500, 3'000);
    EXPECT_TRUE(reader.read_all());

    const auto race_past = [&] {
        for (int i = 0; i < 20; ++i) {
            move_at_random(source, 800, 3'000);
            desk.turn();
        }
    };
    // Rounds are kept for it, too many by far.
    race_past();
    EXPECT_EQ(reader.read(), Step::More);
    while (replica.count("gap") == 0) {
        ASSERT_EQ(reader.read(), Step::More);
    }
    EXPECT_EQ(replica.types()[replica.types().size() - 2], "gap");
    EXPECT_EQ(replica.types().back(), "snapshot_begin");
    reader.read();  // asks for the first page
    reader.read();
    EXPECT_GT(replica.count("customer"), 100U);
    race_past();
    Step step = Step::More;
    for (int i = 0; i < 5 && step != Step::TooSlow; ++i) {  // a page may have come before
        step = reader.read();
    }
    EXPECT_EQ(step, Step::TooSlow);
}

TEST_P(StreamCourseTest, UpToDateAgainAGapIsForgiven) {
    FakeStreamSource source({1'000, 128U << 20});
    PlainDesk desk(source, GetParam(), "");
    StreamReplica replica(GetParam());
    Reader reader(desk, replica, "");
    for (int round = 1; round <= 3; ++round) {
        for (int i = 0; i < 20; ++i) {
            move_at_random(source, 800, 3'000);
            desk.turn();
        }
        EXPECT_TRUE(reader.read_all());
        EXPECT_EQ(replica.count("gap"), static_cast<std::size_t>(round));
        EXPECT_EQ(replica.tiers(), source.tiers());
    }
}

TEST_P(StreamCourseTest, AThreadThatIsTooSlowItselfLosesNobody) {
    FakeStreamSource source({1'000, 128U << 20});
    PlainDesk desk(source, GetParam(), "");
    StreamReplica replica(GetParam());
    Reader reader(desk, replica, "");
    for (int i = 0; i < 5; ++i) {
        move_at_random(source, 800, 3'000);
    }
    EXPECT_FALSE(desk.turn());
    EXPECT_TRUE(reader.read_all());
    EXPECT_EQ(replica.count("gap"), 1U);
    EXPECT_EQ(replica.tiers(), source.tiers());
}

// Long silence for the group, while the feed forgets what it had been told last.
TEST_P(StreamCourseTest, AGroupThatIsSeldomToldAnythingIsNotBehind) {
    FakeStreamSource source({1'000, 128U << 20});
    PlainDesk desk(source, GetParam(), "customer=c1");
    StreamReplica replica(GetParam());
    Reader reader(desk, replica, "customer=c1");
    source.move(1, 1);
    EXPECT_TRUE(reader.read_all());
    for (std::uint32_t i = 0; i < 5'000; ++i) {
        source.move(2 + i % 50, static_cast<std::uint8_t>(i / 50 % 4));
        if (i % 500 == 0) {
            desk.turn();
            EXPECT_EQ(reader.read(), Step::Idle);
        }
    }
    desk.turn();
    source.move(1, 2);
    desk.turn();
    EXPECT_TRUE(reader.read_all());
    EXPECT_EQ(replica.types(), (std::vector<std::string>{"hello", "enter", "change"}));
}

TEST_P(StreamCourseTest, AFilterHoldsForEveryWayOfGoingOn) {
    FakeStreamSource source;
    move_at_random(source, 3'000, 1'000);
    const std::string filter = "tier=gold&snapshot=true";
    PlainDesk desk(source, GetParam(), filter);
    StreamReplica replica(GetParam());
    Reader reader(desk, replica, filter);
    for (int i = 0; i < 120; ++i) {
        move_at_random(source, random_() % 900, 1'000);
        desk.turn(1 + random_() % 1'500);
        for (std::uint64_t n = i % 60 > 40 ? random_() % 30 : 0; n > 0; --n) {
            ASSERT_NE(reader.read(), Step::TooSlow);
        }
    }
    EXPECT_TRUE(reader.read_all());
    auto gold = source.tiers();
    std::erase_if(gold, [](const auto& entry) { return entry.second != "gold"; });
    EXPECT_FALSE(gold.empty());
    EXPECT_EQ(replica.tiers(), gold);
    EXPECT_GT(replica.conflated(), 0U);
}

TEST_P(StreamCourseTest, OnlyTheNewestCountsAreSent) {
    FakeStreamSource source;
    PlainDesk desk(source, GetParam(), "topics=stats");
    StreamReplica replica(GetParam());
    Reader reader(desk, replica, "topics=stats");
    for (std::uint64_t n = 1; n <= 3; ++n) {
        store::LiveCounts counts;
        counts.customers = n;
        counts.tiers.resize(source.policy().policy.tiers.size());
        const auto block = std::make_shared<StreamBlock>();
        desk.texts.append_counts(*block, GetParam(), counts);
        reader.course().offer_counts(block);
    }
    source.move(1, 1);
    EXPECT_TRUE(reader.read_all());
    EXPECT_EQ(replica.types(), (std::vector<std::string>{"hello", "stats"}));
    EXPECT_EQ(replica.last().at("customers").to_number<int>(), 3);
}

}  // namespace
}  // namespace patron::net
