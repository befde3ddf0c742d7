#include "store/big_memory.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace patron::store
