#include "store/partition_map.h"

#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace patron::store {
namespace {

// Bit by bit, from the polynomial.
std::uint32_t crc32c_slowly(std::string_view bytes) {
    std::uint32_t crc = ~0u;
    for (const char c : bytes) {
        crc ^= static_cast<unsigned char>(c);
        for (int bit = 0; bit < 8; ++bit) {
            crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82f6'3b78u : 0u);
        }
    }
    return ~crc;
}

TEST(Crc32c, IsTheOneOfTheStandardsCheckValue) {
    EXPECT_EQ(crc32c("123456789"), 0xe306'9283u);
}

TEST(Crc32c, AgreesWithThePolynomialAtEveryLength) {
    std::string text;
    for (int length = 0; length <= 300; ++length) {
        EXPECT_EQ(crc32c(text), crc32c_slowly(text)) << length;
        text += static_cast<char>(length * 37);
    }
}

TEST(CustomerHash, CarriesTheCrcBelowAndASeededHashAbove) {
    const std::uint64_t hash = customer_hash("alice", 1);
    EXPECT_EQ(static_cast<std::uint32_t>(hash), crc32c("alice"));
    EXPECT_EQ(index_hash(hash), hash_bytes("alice", 1) >> 32);
    const std::uint64_t other_seed = customer_hash("alice", 2);
    EXPECT_EQ(static_cast<std::uint32_t>(hash), static_cast<std::uint32_t>(other_seed));
    EXPECT_NE(index_hash(hash), index_hash(other_seed));
}

TEST(PartitionOf, IsTheCrcModuloThePartitionsWhateverTheSeed) {
    for (const std::size_t partitions : {1u, 3u, 7u, 64u}) {
        std::set<std::size_t> seen;
        for (int i = 0; i < 1'000; ++i) {
            const std::string id = "customer-" + std::to_string(i);
            const std::size_t partition = partition_of(customer_hash(id, 99), partitions);
            EXPECT_EQ(partition, crc32c_slowly(id) % partitions);
            seen.insert(partition);
        }
        EXPECT_EQ(seen.size(), partitions);
    }
}

}  // namespace
}  // namespace patron::store
