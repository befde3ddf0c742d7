#pragma once
// Which partition a customer lives in, and the hash everything else is found by.
//
// Range      partition = crc32c(id) mod partitions: proxies and log engines compute the same.
// Threads    pure.
// Source     CRC32C (Castagnoli) by ISA-L: of "123456789" it is e3069283. XXH3 with a seed, because ids
//            come from outside.

#include <cstdint>
#include <string_view>

namespace patron::store {

// `before`: the checksum of what stands in front of `bytes`.
std::uint32_t crc32c(std::string_view bytes, std::uint32_t before = 0);

// Upper half: 32 bits of XXH3, for the index. Lower half: the CRC32C, for the partition.
std::uint64_t customer_hash(std::string_view id, std::uint64_t seed);

inline std::size_t partition_of(std::uint64_t customer_hash, std::size_t partitions) {
    return static_cast<std::uint32_t>(customer_hash) % static_cast<std::uint32_t>(partitions);
}
inline std::uint32_t index_hash(std::uint64_t customer_hash) {
    return static_cast<std::uint32_t>(customer_hash >> 32);
}

// XXH3 of any bytes; `seed` separates uses.
std::uint64_t hash_bytes(std::string_view bytes, std::uint64_t seed);

}  // namespace patron::store
