#include "store/partition_map.h"

#include <isa-l/crc.h>
#include <xxhash.h>

namespace patron::store {

std::uint32_t crc32c(std::string_view bytes, std::uint32_t before) {
    // ISA-L reads through a pointer it does not mark const.
    auto* data = reinterpret_cast<unsigned char*>(const_cast<char*>(bytes.data()));
    return crc32_iscsi(data, static_cast<int>(bytes.size()), ~before) ^ ~0u;
}

std::uint64_t hash_bytes(std::string_view bytes, std::uint64_t seed) {
    return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

std::uint64_t customer_hash(std::string_view id, std::uint64_t seed) {
    return (hash_bytes(id, seed) & 0xffff'ffff'0000'0000) | crc32c(id);
}

}  // namespace patron::store
