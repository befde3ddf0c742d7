#include "store/state_hash.h"

#include <array>
#include <bit>

#include "store/partition_map.h"

namespace patron::store {
namespace {

template <std::size_t N>
std::uint64_t hash_numbers(const std::array<std::uint64_t, N>& numbers) {
    return hash_bytes({reinterpret_cast<const char*>(numbers.data()), sizeof numbers}, 0);
}

}  // namespace

std::uint64_t facts_hash(std::string_view id, scoring::Ledger ledger, std::uint64_t attributes) {
    const std::string_view entries(
        reinterpret_cast<const char*>(ledger.data()), ledger.size_bytes()
    );
    return hash_numbers<3>({hash_bytes(id, 0), hash_bytes(entries, 0), attributes});
}

std::uint64_t state_hash(
    std::string_view id, const scoring::State& s, const scoring::Activity& activity
) {
    const std::uint64_t classes =
        static_cast<std::uint64_t>(s.tier_by_rules) | static_cast<std::uint64_t>(s.tier) << 8 |
        static_cast<std::uint64_t>(s.band) << 16 | static_cast<std::uint64_t>(s.stage) << 24 |
        static_cast<std::uint64_t>(s.follow_up) << 32;
    const auto ms = [](scoring::Instant t) {
        return static_cast<std::uint64_t>(t.ms);
    };
    return hash_numbers<7>({
        hash_bytes(id, 0),
        classes,
        ms(s.settled_at),
        ms(s.since),
        ms(s.grace_until),
        std::bit_cast<std::uint64_t>(activity.sum),
        static_cast<std::uint64_t>(activity.ref),
    });
}

}  // namespace patron::store
