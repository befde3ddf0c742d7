#pragma once
// How much a property test does: little by default, less under sanitizers, all when asked.
//
// Errors     PATRON_TEST_CUSTOMERS=<number> replaces the usual number of customers; anything but digits
//            counts as 0, which is taken for 1.
// Threads    call from the test's thread.

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <cstdlib>

namespace patron {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr std::size_t kSizeDivisor = 8;
#elif defined(NDEBUG)
inline constexpr std::size_t kSizeDivisor = 1;
#else
inline constexpr std::size_t kSizeDivisor = 4;
#endif

// Of a Release build; other builds do less.
inline std::size_t test_customers(std::size_t usual) {
    const char* given = std::getenv("PATRON_TEST_CUSTOMERS");
    const std::size_t size =
        given == nullptr ? usual / kSizeDivisor : std::strtoull(given, nullptr, 10);
    std::printf("[   SIZE   ] PATRON_TEST_CUSTOMERS=%zu\n", std::max<std::size_t>(1, size));
    return std::max<std::size_t>(1, size);
}

}  // namespace patron
