#include "store/customer_id.h"

#include <xxhash.h>

#include "scoring/check.h"
#include "store/limits.h"

namespace patron::store {

CustomerId CustomerId::of(std::string_view id, std::uint64_t seed) {
    PATRON_CHECK(id.size() <= limits::kCustomerIdBytesMax);
    CustomerId out;
    out.size_ = static_cast<std::uint8_t>(id.size());
    if (out.is_inline()) {
        std::memcpy(out.bytes_.data(), id.data(), id.size());
        return out;
    }
    const XXH128_hash_t hash = XXH3_128bits_withSeed(id.data(), id.size(), seed);
    std::memcpy(out.bytes_.data(), &hash.low64, 8);
    std::memcpy(out.bytes_.data() + 8, &hash.high64, 8);
    return out;
}

}  // namespace patron::store
