#include "store/idempotency.h"

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "store/limits.h"
#include "tests/support/seed.h"

namespace patron::store {
namespace {

using scoring::Instant;
using Begin = IdempotencyTable::Begin;

const Fingerprint kThis{1, 2};
const Fingerprint kThat{1, 3};
constexpr Instant kNow{1'700'000'000'000};

TEST(Fingerprint, IsTheHashOfTheBytesInHundredAndTwentyEightBits) {
    // XXH3_128bits of no bytes, as its specification gives it.
    EXPECT_EQ(fingerprint_of(""), (Fingerprint{0x6001C324468D497F, 0x99AA06D3014798D8}));
    EXPECT_EQ(fingerprint_of("a"), fingerprint_of("a"));
    EXPECT_NE(fingerprint_of("a"), fingerprint_of("b"));
    EXPECT_NE(fingerprint_of("a")[0], fingerprint_of("b")[0]);
    EXPECT_NE(fingerprint_of("a")[1], fingerprint_of("b")[1]);
}

TEST(IdempotencyTable, AnswersTheSameRequestWithWhatWasKept) {
    IdempotencyTable table;
    EXPECT_EQ(table.begin("k", kThis, kNow).what, Begin::New);
    table.keep({"k", kThis, kNow, "done"});
    const auto again = table.begin("k", kThis, kNow);
    EXPECT_EQ(again.what, Begin::Answered);
    EXPECT_EQ(again.answer, "done");
    EXPECT_EQ(table.begin("k2", kThis, kNow).what, Begin::New);
}

TEST(IdempotencyTable, LetsOneOfTwoThroughWhileItIsUnderWay) {
    IdempotencyTable table;
    EXPECT_EQ(table.begin("k", kThis, kNow).what, Begin::New);
    EXPECT_EQ(table.begin("k", kThis, kNow).what, Begin::InFlight);
    EXPECT_EQ(table.sizes().keys, 0u);
}

TEST(IdempotencyTable, TellsAnotherRequestUnderTheSameKey) {
    IdempotencyTable table;
    table.begin("k", kThis, kNow);
    EXPECT_EQ(table.begin("k", kThat, kNow).what, Begin::OtherRequest);
    table.keep({"k", kThis, kNow, "done"});
    const auto other = table.begin("k", kThat, kNow);
    EXPECT_EQ(other.what, Begin::OtherRequest);
    EXPECT_EQ(other.answer, "");
}

TEST(IdempotencyTable, BeginsAnewAfterARefusal) {
    IdempotencyTable table;
    table.begin("k", kThis, kNow);
    table.release("k");
    EXPECT_EQ(table.begin("k", kThat, kNow).what, Begin::New);
    table.release("nobody began this one");
}

TEST(IdempotencyTable, ReleaseTakesNoAnswerAway) {
    IdempotencyTable table;
    table.begin("k", kThis, kNow);
    table.keep({"k", kThis, kNow, "done"});
    table.release("k");
    EXPECT_EQ(table.begin("k", kThis, kNow).what, Begin::Answered);
}

TEST(IdempotencyTable, KnowsTheAnswersOfAnEarlierProcess) {
    IdempotencyTable table;
    table.keep({"k", kThis, kNow, "done before"});
    EXPECT_EQ(table.begin("k", kThis, kNow).answer, "done before");
    EXPECT_EQ(table.begin("k", kThat, kNow).what, Begin::OtherRequest);
}

TEST(IdempotencyTable, KeptTwiceHoldsTheLaterAnswerAndCountsOnce) {
    IdempotencyTable table;
    table.keep({"k", kThis, kNow, "first"});
    table.keep({"k", kThat, kNow, "2nd"});
    EXPECT_EQ(table.begin("k", kThat, kNow).answer, "2nd");
    EXPECT_EQ(table.sizes().keys, 1u);
    EXPECT_EQ(table.sizes().bytes, 4u);
}

TEST(IdempotencyTable, ForgetsWhatIsADayOld) {
    IdempotencyTable table;
    table.keep({"k", kThis, kNow, "done"});
    const std::int64_t day = limits::kIdempotencyKeepMs;
    EXPECT_EQ(table.begin("k", kThis, {kNow.ms + day - 1}).what, Begin::Answered);
    EXPECT_EQ(table.begin("k", kThis, {kNow.ms + day}).what, Begin::New);
    EXPECT_EQ(table.sizes().keys, 0u);
    EXPECT_EQ(table.sizes().bytes, 0u);
}

TEST(IdempotencyTable, NeverForgetsWhatIsUnderWay) {
    IdempotencyTable table;
    table.begin("k", kThis, kNow);
    EXPECT_EQ(table.begin("k", kThis, {kNow.ms + 100 * scoring::kDayMs}).what, Begin::InFlight);
}

TEST(IdempotencyTable, ForgetsTheOldestKeysBeyondTheirNumber) {
    IdempotencyTable table;
    const auto key = [](std::size_t i) {
        return "key-" + std::to_string(i);
    };
    const std::size_t most = limits::kIdempotencyKeysMax;
    for (std::size_t i = 0; i < most; ++i) {
        // The youngest come first: it is the instant that counts.
        table.keep({key(i), kThis, {kNow.ms - static_cast<std::int64_t>(i)}, ""});
    }
    EXPECT_EQ(table.sizes().keys, most);
    table.keep({"one more", kThis, kNow, ""});
    EXPECT_EQ(table.sizes().keys, most);
    EXPECT_EQ(table.begin(key(most - 1), kThis, kNow).what, Begin::New);
    EXPECT_EQ(table.begin(key(most - 2), kThis, kNow).what, Begin::Answered);
    EXPECT_EQ(table.begin(key(0), kThis, kNow).what, Begin::Answered);
}

TEST(IdempotencyTable, ForgetsTheOldestAnswersBeyondTheirBytes) {
    IdempotencyTable table;
    const std::string quarter(limits::kIdempotencyBytesMax / 4 - 1, 'x');
    for (const char* key : {"a", "b", "c", "d"}) {
        table.keep({key, kThis, kNow, quarter});
    }
    EXPECT_EQ(table.sizes().bytes, limits::kIdempotencyBytesMax);
    table.keep({"e", kThis, kNow, ""});
    EXPECT_EQ(table.sizes().keys, 4u);
    EXPECT_EQ(table.begin("a", kThis, kNow).what, Begin::New);
    EXPECT_EQ(table.begin("b", kThis, kNow).what, Begin::Answered);
}

TEST(IdempotencyTable, AnAnswerLargerThanAllRoomIsNotKept) {
    IdempotencyTable table;
    table.keep({"k", kThis, kNow, std::string(limits::kIdempotencyBytesMax, 'x')});
    EXPECT_EQ(table.sizes().keys, 0u);
    EXPECT_EQ(table.sizes().bytes, 0u);
    EXPECT_EQ(table.begin("k", kThis, kNow).what, Begin::New);
}

// The same rules, looked up by walking through everything.
class PlainTable {
  public:
    std::pair<Begin, std::string> begin(const std::string& key, Fingerprint print, Instant now) {
        forget(now);
        const auto found = std::ranges::find(all_, key, &Row::key);
        if (found == all_.end()) {
            all_.push_back({key, print, true, now, 0, ""});
            return {Begin::New, ""};
        }
        if (found->print != print) {
            return {Begin::OtherRequest, ""};
        }
        return {found->in_flight ? Begin::InFlight : Begin::Answered, found->answer};
    }
    void keep(const KeptAnswer& a) {
        std::erase_if(all_, [&](const Row& row) { return row.key == a.key; });
        all_.push_back({a.key, a.fingerprint, false, a.at, ++tickets_, a.answer});
        forget(a.at);
    }
    void release(const std::string& key) {
        std::erase_if(all_, [&](const Row& row) { return row.key == key && row.in_flight; });
    }
    IdempotencyTable::Sizes sizes() const {
        IdempotencyTable::Sizes sum;
        for (const Row& row : all_) {
            sum.keys += row.in_flight ? 0 : 1;
            sum.bytes += row.in_flight ? 0 : row.key.size() + row.answer.size();
        }
        return sum;
    }

  private:
    struct Row {
        std::string key;
        Fingerprint print{};
        bool in_flight = false;
        Instant at;
        int ticket = 0;
        std::string answer;
    };
    void forget(Instant now) {
        std::erase_if(all_, [&](const Row& row) {
            return !row.in_flight && now.ms - row.at.ms >= limits::kIdempotencyKeepMs;
        });
        while (sizes().bytes > limits::kIdempotencyBytesMax) {
            all_.erase(std::ranges::min_element(all_, {}, [](const Row& row) {
                return std::tuple(row.in_flight, row.at, row.ticket);
            }));
        }
    }
    std::vector<Row> all_;
    int tickets_ = 0;
};

TEST(IdempotencyTable, DoesWhatAPlainTableDoes) {
    std::mt19937_64 random(test_seed(20'261'126));
    IdempotencyTable table;
    PlainTable plain;
    Instant now = kNow;
    for (int step = 0; step < 20'000; ++step) {
        // A clock that mostly goes on, and now and then back.
        now.ms += static_cast<std::int64_t>(random() % 2'000'000) - 300'000;
        const std::string key = "k" + std::to_string(random() % 60);
        const Fingerprint print{random() % 2, 0};
        switch (random() % 4) {
            case 0: {
                const std::size_t bytes = random() % 8 == 0 ? 5'000'000 : random() % 20;
                const KeptAnswer answer{key, print, now, std::string(bytes, 'x')};
                table.keep(answer);
                plain.keep(answer);
                break;
            }
            case 1:
                table.release(key);
                plain.release(key);
                break;
            default: {
                const auto found = table.begin(key, print, now);
                ASSERT_EQ(std::pair(found.what, found.answer), plain.begin(key, print, now));
            }
        }
        ASSERT_EQ(table.sizes().keys, plain.sizes().keys);
        ASSERT_EQ(table.sizes().bytes, plain.sizes().bytes);
    }
}

}  // namespace
}  // namespace patron::store
