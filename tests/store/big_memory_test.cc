#include "store/big_memory.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <random>
#include <utility>
#include <vector>

#include <sys/mman.h>

#include <gtest/gtest.h>

#include "tests/support/seed.h"

namespace patron::store {
namespace {

bool is_zero(const char* bytes, std::size_t count) {
    return std::all_of(bytes, bytes + count, [](char c) { return c == 0; });
}

TEST(BigMemory, PiecesAreApartAndAligned) {
    std::vector<std::pair<unsigned char*, std::size_t>> pieces;
    for (std::size_t i = 0; i < 500; ++i) {
        const std::size_t bytes = 1 + i * 997;
        auto* piece = static_cast<unsigned char*>(take_big_memory(bytes));
        EXPECT_EQ(reinterpret_cast<std::uintptr_t>(piece) % 64, 0u);
        std::memset(piece, static_cast<int>(i % 251), bytes);
        pieces.emplace_back(piece, bytes);
    }
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        const auto [piece, bytes] = pieces[i];
        const auto mark = static_cast<unsigned char>(i % 251);
        EXPECT_TRUE(std::all_of(piece, piece + bytes, [mark](unsigned char c) { return c == mark; })
        );
        give_back_big_memory(piece, bytes);
    }
}

TEST(BigMemory, AMappingBeginsZero) {
    for (const std::size_t bytes :
         {std::size_t{100}, std::size_t{3} << 20, (std::size_t{2} << 20) + 17}) {
        auto* piece = static_cast<char*>(map_big_memory(bytes));
        EXPECT_TRUE(is_zero(piece, bytes));
        std::memset(piece, 1, bytes);
        unmap_big_memory(piece, bytes);
    }
}

TEST(BigMemory, PassingPiecesAreWholeWhateverWasTrimmed) {
    std::mt19937_64 random(test_seed(2'307));
    struct Piece {
        unsigned char* at;
        std::size_t bytes;
        unsigned char mark;
    };
    std::vector<Piece> pieces;
    for (int step = 0; step < 3'000; ++step) {
        if (random() % 5 < 3) {
            const std::size_t bytes = random() % 100 == 0 ? kOwnMappingBytes + random() % 5'000
                                                          : (1 + random() % 4) * 49'152;
            auto* at = static_cast<unsigned char*>(take_passing_memory(bytes));
            pieces.push_back({at, bytes, static_cast<unsigned char>(random() % 255 + 1)});
            std::memset(at, pieces.back().mark, bytes);
        } else if (!pieces.empty()) {
            std::swap(pieces[random() % pieces.size()], pieces.back());
            const Piece last = pieces.back();
            pieces.pop_back();
            ASSERT_TRUE(std::all_of(last.at, last.at + last.bytes, [&](unsigned char c) {
                return c == last.mark;
            }));
            give_back_passing_memory(last.at, last.bytes);
        }
        if (random() % 40 == 0 || pieces.size() > 200) {
            trim_passing_memory();
        }
    }
    for (const Piece& piece : pieces) {
        ASSERT_EQ(piece.at[0], piece.mark);
        ASSERT_EQ(piece.at[piece.bytes - 1], piece.mark);
        give_back_passing_memory(piece.at, piece.bytes);
    }
    while (trim_passing_memory()) {
    }
}

TEST(BigMemory, WhatWasTrimmedHasNoPages) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    GTEST_SKIP() << "under sanitizers pieces are allocations, which nobody trims";
#else
    constexpr std::size_t kBytes = std::size_t{98'304} * 3;
    std::vector<char*> pieces;
    for (int i = 0; i < 200; ++i) {
        pieces.push_back(static_cast<char*>(take_passing_memory(kBytes)));
        std::memset(pieces.back(), 1, kBytes);
    }
    for (char* piece : pieces) {
        give_back_passing_memory(piece, kBytes);
    }
    EXPECT_TRUE(trim_passing_memory());
    while (trim_passing_memory()) {
    }
    constexpr std::size_t kPage = 4'096;
    for (char* piece : pieces) {
        const auto address = reinterpret_cast<std::uintptr_t>(piece);
        std::vector<unsigned char> resident(kBytes / kPage - 1);
        void* first = reinterpret_cast<void*>((address + kPage - 1) / kPage * kPage);
        ASSERT_EQ(mincore(first, resident.size() * kPage, resident.data()), 0);
        EXPECT_EQ(std::ranges::count_if(resident, [](unsigned char page) { return page % 2; }), 0);
    }
#endif
}

}  // namespace
}  // namespace patron::store
