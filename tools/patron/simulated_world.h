#pragma once
// All simulated customers at once: their events in the order of time, as NDJSON lines, and the
// truth about them.
//
// Shapes     customers are C0000000...; event ids name seed, customer and number, so the same world
// twice
//            counts once.
// Order      by time, then customer, then number; independent of how the work is cut.
// Bounds     about kRecordsAtOnce records in memory: a larger world is made in slices of time, each
// from
//            a fresh run over all customers.
// Threads    one owner.

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "tools/patron/simulated_customer.h"

namespace patron::tools {

inline constexpr std::uint64_t kRecordsAtOnce = 8'000'000;

struct WorldTruth {
    std::uint64_t alive = 0;
    std::uint64_t with_repeat = 0;
    std::uint64_t events = 0;
    std::array<std::uint64_t, kSimulatedKinds> by_kind{};
    std::int64_t gross_minor = 0;
};

std::string simulated_customer_id(std::uint32_t customer);
std::string_view simulated_kind_name(SimulatedKind kind);

using WriteEvent = std::function<void(std::string_view customer, std::string_view line)>;

WorldTruth simulate_world(
    const WorldOptions& options,
    const WriteEvent& write,
    std::uint64_t records_at_once = kRecordsAtOnce
);

// One JSON object: the parameters, and what is true of the world.
std::string truth_text(const WorldOptions& options, const WorldTruth& truth);

}  // namespace patron::tools
