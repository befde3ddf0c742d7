#include "store/timing_wheel.h"

#include <algorithm>
#include <limits>
#include <map>
#include <random>
#include <set>
#include <unordered_map>

#include <gtest/gtest.h>

#include "store/customer_columns.h"
#include "tests/support/seed.h"

namespace patron::store {
namespace {

using scoring::Instant;
using scoring::kDayMs;
using scoring::kLongAgo;
using scoring::kNever;

constexpr std::int64_t kTick = TimingWheel::kTickMs;
constexpr std::size_t kAll = std::numeric_limits<std::uint32_t>::max();
constexpr std::int64_t kYearMs = 365 * kDayMs;

std::vector<Row> take(TimingWheel& wheel, Instant now, std::size_t limit = kAll) {
    std::vector<Row> out;
    while (!wheel.take_due(now, limit, out)) {
    }
    return out;
}

// A plain one: alarms by the beginning of their tick, and time.
class PlainWheel {
  public:
    explicit PlainWheel(std::int64_t base) : base_(base), time_(base) {}

    void arm(Row row, Instant at) {
        disarm(row);
        if (at != kNever) {
            const std::int64_t begin = base_ + (std::max(at.ms, time_) - base_) / kTick * kTick;
            places_[row] = alarms_.emplace(begin, row);
        }
    }
    void disarm(Row row) {
        if (const auto place = places_.find(row); place != places_.end()) {
            alarms_.erase(place->second);
            places_.erase(place);
        }
    }
    std::int64_t alarm(Row row) const {
        const auto place = places_.find(row);
        return place == places_.end() ? kNever.ms : place->second->first;
    }
    std::int64_t first() const { return alarms_.empty() ? kNever.ms : alarms_.begin()->first; }
    std::size_t size() const { return alarms_.size(); }
    void set_time(std::int64_t time) { time_ = std::max(time_, time); }

  private:
    std::int64_t base_;
    std::int64_t time_;
    std::multimap<std::int64_t, Row> alarms_;
    std::unordered_map<Row, std::multimap<std::int64_t, Row>::iterator> places_;
};

// Both, given the same to do; what is handed out is compared on the way.
class Pair {
  public:
    explicit Pair(std::int64_t base)
        : wheel_({base}), plain_(base), now_(base), taken_until_(base) {}

    std::int64_t now() const { return now_; }
    std::size_t armed() const { return plain_.size(); }
    void arm(Row row, Instant at) {
        wheel_.arm(row, at);
        plain_.arm(row, at);
        check(row);
    }
    void disarm(Row row) {
        wheel_.disarm(row);
        plain_.disarm(row);
        check(row);
    }
    // For how long something due may have been left.
    std::int64_t behind() const { return now_ - taken_until_; }
    // One call.
    bool take(std::int64_t now, std::size_t limit) {
        now_ = std::max(now_, now);
        plain_.set_time(now_);
        std::vector<Row> out{7};
        const bool done = wheel_.take_due({now}, limit, out);
        EXPECT_EQ(out.front(), 7u) << "what stood there before";
        EXPECT_LE(out.size() - 1, limit);
        for (std::size_t i = 1; i < out.size(); ++i) {
            EXPECT_EQ(plain_.alarm(out[i]), plain_.first()) << "in order";
            EXPECT_LE(plain_.alarm(out[i]), now_);
            plain_.disarm(out[i]);
            check(out[i]);
        }
        EXPECT_EQ(wheel_.armed(), plain_.size());
        if (done) {
            EXPECT_GT(plain_.first(), now_) << "all that is due";
            taken_until_ = now_;
        }
        check_next(done);
        return done;
    }
    void take_all(std::int64_t now, std::size_t limit) {
        for (std::size_t calls = 0; !take(now, limit); ++calls) {
            ASSERT_LT(calls, 10'000u);
        }
    }

  private:
    void check(Row row) const {
        ASSERT_EQ(wheel_.armed(row), plain_.alarm(row) != kNever.ms);
        ASSERT_EQ(wheel_.alarm(row).ms, plain_.alarm(row));
    }
    void check_next(bool done) const {
        EXPECT_LE(wheel_.next().ms, plain_.first());
        EXPECT_EQ(wheel_.next() == kNever, plain_.size() == 0);
        if (done) {
            EXPECT_GT(wheel_.next().ms, now_) << "nothing to do at once";
        }
    }

    TimingWheel wheel_;
    PlainWheel plain_;
    std::int64_t now_;
    std::int64_t taken_until_;
};

class RandomLife {
  public:
    explicit RandomLife(std::uint64_t seed)
        : random_(seed)
        , rows_(1 + static_cast<Row>(below(below(2) == 0 ? 20 : 3 * kChunkRows + 5)))
        , longest_(std::int64_t{1} << (10 + below(31)))
        , pair_(below(2) == 0 ? 0 : random_ms(kYearMs * 60)) {}

    void run(std::size_t steps) {
        for (std::size_t i = 0; i < steps && !::testing::Test::HasFailure(); ++i) {
            step();
        }
        pair_.take_all(pair_.now() + longest_ + 1, 1 + below(50));
        EXPECT_EQ(pair_.armed(), 0u);
    }

  private:
    std::uint64_t below(std::uint64_t n) { return random_() % n; }
    // Each order of magnitude as often as the others.
    std::int64_t random_ms(std::int64_t longest) {
        return static_cast<std::int64_t>(random_() >> below(64)) & (longest - 1);
    }

    void step() {
        const auto row = static_cast<Row>(below(rows_));
        switch (below(12)) {
            case 0:
                return pair_.disarm(row);
            case 1:
                return pair_.arm(row, kNever);
            case 2:
                return pair_.arm(row, {pair_.now() - random_ms(longest_)});
            case 3:  // a crowd in one tick, now and then more than one call moves
                for (Row i = 0; i < std::min<Row>(rows_, below(8) == 0 ? 1'000 : 40); ++i) {
                    pair_.arm((row + i) % rows_, {pair_.now() + longest_ / 2});
                }
                return;
            case 4:
                if (pair_.behind() > 60 * kYearMs) {  // the range is not the subject here
                    pair_.take_all(pair_.now(), kAll);
                }
                pair_.take(pair_.now() + random_ms(longest_), below(5));
                return;
            case 5:
                return pair_.take_all(pair_.now() + random_ms(longest_), 1 + below(100));
            case 6:  // a clock that goes back
                pair_.take(pair_.now() - random_ms(longest_), below(20));
                return;
            default:
                return pair_.arm(row, {pair_.now() + random_ms(longest_)});
        }
    }

    std::mt19937_64 random_;
    Row rows_;
    std::int64_t longest_;  // a power of two: from one tick to 2^40 ms, 35 years
    Pair pair_;
};

TEST(TimingWheel, HandsOutWhatAPlainMultimapDoes) {
    const std::uint64_t seed = test_seed(1);
    for (std::uint64_t life = 0; life < 300 && !HasFailure(); ++life) {
        SCOPED_TRACE(testing::Message() << "life " << life);
        RandomLife(seed * 1'000 + life).run(400);
    }
}

TEST(TimingWheel, KnowsNothingAtFirst) {
    TimingWheel wheel;
    EXPECT_EQ(wheel.armed(), 0u);
    EXPECT_FALSE(wheel.armed(0));
    EXPECT_FALSE(wheel.armed(1'000'000));
    EXPECT_EQ(wheel.alarm(3), kNever);
    EXPECT_EQ(wheel.next(), kNever);
    wheel.disarm(12);
    std::vector<Row> out;
    EXPECT_TRUE(wheel.take_due({1'000'000'000'000'000}, 10, out));
    EXPECT_TRUE(wheel.take_due(kNever, 10, out));
    EXPECT_TRUE(out.empty());
}

TEST(TimingWheel, GoesOffAtMostATickEarlyAndNeverLate) {
    for (const std::int64_t at : {0, 1, 1'023, 1'024, 1'025, 262'143, 262'144, 86'400'123}) {
        TimingWheel wheel({500});
        wheel.arm(1, {500 + at});
        const std::int64_t begin = 500 + at / kTick * kTick;
        EXPECT_EQ(wheel.alarm(1).ms, begin);
        EXPECT_TRUE(at < kTick || take(wheel, {begin - 1}).empty()) << at;
        EXPECT_EQ(take(wheel, {begin}), std::vector<Row>{1}) << at;
        EXPECT_FALSE(wheel.armed(1));
    }
}

TEST(TimingWheel, TakesTheLaterWordForARow) {
    TimingWheel wheel;
    wheel.arm(1, {10 * kTick});
    wheel.arm(1, {5 * kTick});  // earlier
    EXPECT_EQ(wheel.alarm(1).ms, 5 * kTick);
    wheel.arm(1, {70'000 * kTick});  // later, levels above
    EXPECT_EQ(wheel.alarm(1).ms, 70'000 * kTick);
    wheel.arm(1, {70'001 * kTick});
    EXPECT_EQ(wheel.armed(), 1u);
    EXPECT_TRUE(take(wheel, {70'000 * kTick}).empty());
    EXPECT_EQ(take(wheel, {70'001 * kTick}), std::vector<Row>{1});
    wheel.arm(1, {80'000 * kTick});
    wheel.arm(1, kNever);
    EXPECT_EQ(wheel.armed(), 0u);
    EXPECT_EQ(wheel.next(), kNever);
}

TEST(TimingWheel, HandsOutNoMoreThanTheLimit) {
    constexpr Row kRows = 5'000;
    TimingWheel wheel;
    for (Row row = 0; row < kRows; ++row) {
        wheel.arm(row, {50'000'000 * kTick});
    }
    std::set<Row> seen;
    std::vector<Row> out;
    bool done = false;
    std::size_t calls = 0;
    for (; !done; ++calls) {
        out.clear();
        done = wheel.take_due({kYearMs * 100}, 100, out);
        ASSERT_LE(out.size(), 100u);
        ASSERT_EQ(out.size(), std::set(out.begin(), out.end()).size());
        seen.insert(out.begin(), out.end());
        ASSERT_LE(calls, 2u * kRows / 100);
    }
    EXPECT_EQ(seen.size(), kRows);
    // Three levels down at 556 a call, so the first rows come late, but they come.
    const std::size_t moves = TimingWheel::kMovesPerRow * 100 + TimingWheel::kMovesMin;
    EXPECT_GE(calls, 3u * kRows / moves);
}

TEST(TimingWheel, IsAskedAgainForARowThatIsLeft) {
    TimingWheel wheel;
    wheel.arm(1, {kTick});
    wheel.arm(2, {kTick});
    std::vector<Row> out;
    EXPECT_FALSE(wheel.take_due({kTick}, 0, out));
    EXPECT_FALSE(wheel.take_due({kTick}, 1, out));
    EXPECT_LE(wheel.next().ms, kTick) << "at once";
    EXPECT_TRUE(wheel.take_due({0}, 1, out)) << "time does not run backwards";
    EXPECT_EQ(out, (std::vector<Row>{1, 2}));
}

TEST(TimingWheel, PassesNobodyByWhoWaitsInTheSameTick) {
    TimingWheel wheel;
    for (Row row = 0; row < 10; ++row) {
        wheel.arm(row, {0});
    }
    std::set<Row> seen;
    for (int call = 0; call < 10; ++call) {
        std::vector<Row> out;
        wheel.take_due({0}, 1, out);
        seen.insert(out.begin(), out.end());
        wheel.arm(out.at(0), {-5});  // at once again
    }
    EXPECT_EQ(seen.size(), 10u);
}

TEST(TimingWheel, ReachesTheNextAlarmInFewSteps) {
    std::mt19937_64 random(test_seed(2));
    for (int i = 0; i < 1'000; ++i) {
        TimingWheel wheel({1'700'000'000'000});
        take(wheel, {1'700'000'000'000 + static_cast<std::int64_t>(random() % (1UL << 40))});
        const auto at = static_cast<std::int64_t>(random() >> (random() % 40 + 20));
        wheel.arm(3, {1'700'000'000'000 + at});
        const Instant alarm = wheel.alarm(3);
        std::vector<Row> out;
        for (int steps = 0; out.empty(); ++steps) {
            ASSERT_LT(steps, 4);
            const Instant next = wheel.next();
            ASSERT_LE(next, alarm);
            wheel.take_due(next, 10, out);
            ASSERT_TRUE(!out.empty() || wheel.next() > next);
        }
        EXPECT_EQ(wheel.next(), kNever);
    }
}

TEST(TimingWheel, GivesInstantsBeforeItsTimeAtTheNextTake) {
    TimingWheel wheel({1'000'000});
    wheel.arm(1, kLongAgo);
    wheel.arm(2, {999'999});
    EXPECT_EQ(wheel.alarm(1).ms, 1'000'000);
    EXPECT_EQ(wheel.next().ms, 1'000'000);
    EXPECT_EQ(take(wheel, {0}), (std::vector<Row>{1, 2}));
    TimingWheel old(kLongAgo);
    old.arm(1, {0});
    EXPECT_EQ(take(old, {kNever.ms - 1}), std::vector<Row>{1});
}

TEST(TimingWheel, LooksAtWhatLiesBeyondItsRangeAtTheEndOfIt) {
    constexpr std::int64_t kRange = (std::int64_t{255} << 24) * kTick;
    TimingWheel wheel({0});
    wheel.arm(1, {std::int64_t{1'000} * kYearMs});
    wheel.arm(2, {kNever.ms - 1});
    wheel.arm(3, {kRange});
    EXPECT_EQ(wheel.alarm(3).ms, kRange);
    EXPECT_GT(wheel.alarm(1).ms, kRange);
    EXPECT_EQ(wheel.alarm(1), wheel.alarm(2));
    EXPECT_TRUE(take(wheel, {kRange - 1}).empty());
    EXPECT_EQ(take(wheel, {kRange}), std::vector<Row>{3});
    EXPECT_EQ(take(wheel, wheel.alarm(1)), (std::vector<Row>{1, 2}));
    // Its range moves with it: the next round holds as much.
    const std::int64_t now = wheel.next() == kNever ? 2 * kRange : 0;
    take(wheel, {now});
    wheel.arm(1, {now + 130 * kYearMs});
    wheel.arm(2, {now + 5 * kYearMs});
    EXPECT_EQ(take(wheel, {now + 5 * kYearMs}), std::vector<Row>{2});
    EXPECT_TRUE(take(wheel, {now + 130 * kYearMs - kTick}).empty());
    EXPECT_EQ(take(wheel, {now + 130 * kYearMs}), std::vector<Row>{1});
}

TEST(TimingWheel, StaysSoundAtTheEndOfTime) {
    TimingWheel wheel(kLongAgo);
    EXPECT_TRUE(take(wheel, kNever).empty());
    wheel.arm(1, {0});
    wheel.arm(2, {kNever.ms - 1});
    EXPECT_LE(wheel.next(), kNever);
    EXPECT_EQ(take(wheel, kNever).size(), 2u);
}

TEST(TimingWheel, CostsLittleForFewRowsAndTwelveBytesForMany) {
    TimingWheel wheel;
    wheel.arm(0, {5});
    const std::size_t first = wheel.bytes();
    EXPECT_LE(first, sizeof(TimingWheel) + kChunkRows * 12 + 64);
    constexpr Row kRows = 64 * kChunkRows;
    for (Row row = 0; row < kRows; ++row) {
        wheel.arm(row, {row});
    }
    EXPECT_GE(wheel.bytes(), sizeof(TimingWheel) + kRows * 12);
    EXPECT_LE(wheel.bytes(), sizeof(TimingWheel) + kRows * 12 + 64 * 16);
}

TEST(TimingWheel, MovesWithAllThatIsArmed) {
    TimingWheel first;
    first.arm(1, {5 * kTick});
    TimingWheel second(std::move(first));
    EXPECT_EQ(take(second, {5 * kTick}), std::vector<Row>{1});
}

}  // namespace
}  // namespace patron::store
