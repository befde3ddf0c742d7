#include "store/key_index.h"

#include <random>
#include <unordered_map>

#include <gtest/gtest.h>

#include "tests/support/seed.h"

namespace patron::store {
namespace {

const auto kAnyRow = [](Row) {
    return true;
};

TEST(KeyIndex, FindsNothingWhenEmpty) {
    const KeyIndex index;
    EXPECT_EQ(index.find(0, kAnyRow), std::nullopt);
    EXPECT_EQ(index.guess(0), KeyIndex::kNoRow);
}

TEST(KeyIndex, FindsRowZeroUnderHashZero) {
    KeyIndex index;
    index.insert(0, 0);
    EXPECT_EQ(index.find(0, kAnyRow), Row{0});
    EXPECT_EQ(index.guess(0), Row{0});
    index.remove(0, 0);
    EXPECT_EQ(index.find(0, kAnyRow), std::nullopt);
}

TEST(KeyIndex, TellsRowsOfEqualHashApartByTheCallersCheck) {
    KeyIndex index;
    for (Row row = 0; row < 200; ++row) {
        index.insert(0xffff'ffff, row);
    }
    for (Row row = 0; row < 200; ++row) {
        EXPECT_EQ(index.find(0xffff'ffff, [row](Row r) { return r == row; }), row);
    }
    EXPECT_EQ(index.find(0xffff'ffff, [](Row) { return false; }), std::nullopt);
}

TEST(KeyIndex, FindsWhatLiesBehindARemovedEntry) {
    KeyIndex index;
    index.insert(5, 1);
    index.insert(5, 2);
    index.remove(5, 1);
    EXPECT_EQ(index.find(5, kAnyRow), Row{2});
}

TEST(KeyIndex, KeepsItsSizeWhenEntriesComeAndGo) {
    KeyIndex index;
    for (Row row = 0; row < 100'000; ++row) {
        index.insert(row * 2'654'435'761u, row);
        if (row >= 8) {
            index.remove((row - 8) * 2'654'435'761u, row - 8);
        }
    }
    EXPECT_LT(index.bytes(), 1'024u);
}

TEST(KeyIndex, RoomReservedIsRoomEnough) {
    KeyIndex index;
    index.insert(7, 0);
    index.reserve(10'000);
    const std::size_t bytes = index.bytes();
    for (Row row = 1; row < 10'000; ++row) {
        index.insert(row * 2'654'435'761U, row);
    }
    EXPECT_EQ(index.bytes(), bytes);
    EXPECT_EQ(index.find(7, [](Row row) { return row == 0; }), 0U);
    index.reserve(5);
    EXPECT_EQ(index.bytes(), bytes);
    EXPECT_EQ(index.find(9'999 * 2'654'435'761U, [](Row row) { return row == 9'999; }), 9'999U);
}

TEST(KeyIndex, AgreesWithAMapUnderRandomInsertsAndRemovals) {
    std::mt19937_64 random(test_seed(2'101));
    KeyIndex index;
    std::unordered_map<Row, std::uint32_t> reference;
    Row next = 0;
    for (int step = 0; step < 20'000; ++step) {
        if (random() % 3 != 0 || reference.empty()) {
            // Few different hashes, so that long runs of collisions come and go.
            const auto hash = static_cast<std::uint32_t>(random() % 9'000);
            index.insert(hash, next);
            reference[next++] = hash;
        } else {
            const Row row = reference.begin()->first;
            index.remove(reference[row], row);
            reference.erase(row);
        }
    }
    for (Row row = 0; row < next; ++row) {
        const auto known = reference.find(row);
        const std::uint32_t hash = known == reference.end() ? 0 : known->second;
        const auto is_it = [row](Row r) {
            return r == row;
        };
        EXPECT_EQ(index.find(hash, is_it).has_value(), known != reference.end()) << row;
    }
}

}  // namespace
}  // namespace patron::store
