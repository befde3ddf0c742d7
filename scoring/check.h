#pragma once
// PATRON_CHECK: a broken invariant of ours stops the process with its place. Bytes from outside never
// reach one; a caller's mistake with data is a Result instead.

#include <cstdio>
#include <cstdlib>

namespace patron::scoring {

[[noreturn]] inline void check_failed(const char* condition, const char* file, int line) {
    std::fprintf(stderr, "patron: broken invariant: %s (%s:%d)\n", condition, file, line);
    std::abort();
}

}  // namespace patron::scoring

#define PATRON_CHECK(condition)                                              \
    do {                                                                     \
        if (!(condition)) [[unlikely]]                                       \
            ::patron::scoring::check_failed(#condition, __FILE__, __LINE__); \
    } while (false)
