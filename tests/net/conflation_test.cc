#include "server/net/conflation.h"

#include <map>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "tests/net/fake_stream_source.h"
#include "tests/support/seed.h"

namespace patron::net {
namespace {

struct Told {
    std::string id;
    std::optional<std::uint8_t> from;
    std::optional<std::uint8_t> to;
    std::uint64_t count = 0;
    bool operator==(const Told&) const = default;
};

std::optional<std::uint8_t> tier(const std::optional<scoring::Visible>& visible) {
    return visible ? std::optional(visible->tier) : std::nullopt;
}

// Every change of the range in one list; merged by looking for the customer's entry from the end.
std::vector<Told> merged_plainly(
    const store::ChangeFeed& feed, std::uint64_t from, std::uint64_t to
) {
    struct Entry {
        Told told;
        std::uint64_t newest;
        bool erased;
    };
    std::vector<Entry> entries;
    std::uint64_t position = from;
    walk_feed(
        feed,
        position,
        to,
        1'000'000,
        [&](const store::Change& change, std::uint64_t offset) {
            const auto mine = [&](const Entry& entry) {
                return entry.told.id == change.id;
            };
            const auto found = std::find_if(entries.rbegin(), entries.rend(), mine);
            if (found == entries.rend() || found->erased) {
                entries.push_back(
                    {{change.id, tier(change.from), tier(change.to), 1}, offset, !change.to}
                );
            } else {
                found->told.to = tier(change.to);
                ++found->told.count;
                found->newest = offset;
                found->erased = !change.to;
            }
            return true;
        }
    );
    std::ranges::sort(entries, {}, &Entry::newest);
    std::vector<Told> out;
    for (const Entry& entry : entries) {
        if (entry.told.from || entry.told.to) {
            out.push_back(entry.told);
        }
    }
    return out;
}

class ConflationTest : public testing::Test {
  protected:
    // Reads and tells in turns of random size.
    std::vector<Told> conflate(Conflation& range) {
        std::vector<Told> told;
        while (!range.ready()) {
            EXPECT_NE(range.read(source_.changes(), 1 + random_() % 50), Walk::Lost);
        }
        const auto visit = [&](const store::Change& change, std::uint64_t count) {
            told.push_back({change.id, tier(change.from), tier(change.to), count});
            return random_() % 5 != 0;
        };
        while (range.tell(source_.changes(), 1 + random_() % 50, visit) != Walk::Arrived) {
        }
        return told;
    }

    void move_at_random(std::size_t count, std::uint32_t customers) {
        for (std::size_t i = 0; i < count;) {
            std::vector<FakeStreamSource::Move> moves;
            for (std::size_t n = 1 + random_() % 20; n > 0; --n, ++i) {
                const std::uint64_t draw = random_();
                const auto tier = static_cast<std::uint8_t>(draw % 4);
                moves.push_back(
                    {static_cast<std::uint32_t>(random_() % customers),
                     draw % 10 == 0 ? std::nullopt : std::optional(tier)}
                );
            }
            source_.move(moves);
        }
    }

    FakeStreamSource source_;
    std::mt19937_64 random_{test_seed(20'261)};
};

TEST_F(ConflationTest, TellsWhatAPlainMergeTells) {
    for (const std::uint32_t customers : {1U, 7U, 100U, 1'000U}) {
        move_at_random(2'000, customers);
        const std::uint64_t head = source_.changes().head();
        for (int i = 0; i < 10; ++i) {
            const std::uint64_t from = random_() % head;
            const std::uint64_t to = from + random_() % (head - from + 1);
            Conflation range(from, to);
            EXPECT_EQ(conflate(range), merged_plainly(source_.changes(), from, to));
            EXPECT_EQ(range.end(), to);
        }
    }
}

TEST_F(ConflationTest, ARangeOfTooManyCustomersEndsEarlyAndTheNextOneGoesOn) {
    move_at_random(20'000, 50'000);
    const std::uint64_t head = source_.changes().head();
    std::vector<Told> told;
    std::uint64_t at = 0;
    int ranges = 0;
    while (at < head) {
        Conflation range(at, head);
        for (Told& one : conflate(range)) {
            told.push_back(std::move(one));
        }
        EXPECT_LE(merged_plainly(source_.changes(), at, range.end()).size(), range.customers());
        ASSERT_GT(range.end(), at);
        at = range.end();
        ++ranges;
    }
    EXPECT_GT(ranges, 2);
    std::uint64_t merged = 0;
    for (const Told& one : told) {
        merged += one.count;
    }
    EXPECT_GE(head, merged);
}

TEST_F(ConflationTest, WhatHasLeftTheFeedIsLost) {
    FakeStreamSource small({100, 1U << 20});
    for (std::uint32_t i = 0; i < 300; ++i) {
        small.move(i % 50, static_cast<std::uint8_t>(i % 4));
    }
    Conflation range(0, small.changes().head());
    EXPECT_EQ(range.read(small.changes(), 1'000), Walk::Lost);

    // Read in time, told too late.
    const std::uint64_t head = small.changes().head();
    Conflation late(head - 20, head);
    EXPECT_EQ(late.read(small.changes(), 1'000), Walk::Arrived);
    for (std::uint32_t i = 0; i < 300; ++i) {
        small.move(i % 50, static_cast<std::uint8_t>((i + 1) % 4));
    }
    EXPECT_EQ(late.tell(small.changes(), 1'000, [](auto&, auto) { return true; }), Walk::Lost);
}

}  // namespace
}  // namespace patron::net
