#pragma once
// The seed of a property test: printed, so that a red run can be repeated.
//
// Errors     PATRON_TEST_SEED=<number> replaces the usual seed; anything but digits counts as 0.
// Threads    call from the test's thread.

#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace patron {

inline std::uint64_t test_seed(std::uint64_t usual) {
    const char* given = std::getenv("PATRON_TEST_SEED");
    const std::uint64_t seed = given == nullptr ? usual : std::strtoull(given, nullptr, 10);
    std::printf("[   SEED   ] PATRON_TEST_SEED=%llu\n", static_cast<unsigned long long>(seed));
    return seed;
}

}  // namespace patron
