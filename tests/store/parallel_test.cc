#include "store/parallel.h"

#include <atomic>
#include <vector>

#include <gtest/gtest.h>

namespace patron::store {
namespace {

TEST(Parallel, RunsEveryTaskOnceBeforeItReturns) {
    for (const std::size_t threads : {1u, 2u, 4u}) {
        Parallel parallel(threads);
        EXPECT_EQ(parallel.threads(), threads);
        for (const std::size_t count : {0u, 1u, 2u, 7u, 64u, 1'000u}) {
            std::vector<std::atomic<int>> runs(count);
            parallel.for_each(count, [&](std::size_t i) { ++runs[i]; });
            for (std::size_t i = 0; i < count; ++i) {
                ASSERT_EQ(runs[i].load(), 1) << i << " of " << count;
            }
        }
    }
}

TEST(Parallel, WhatATaskWroteCanBeReadAfterwards) {
    Parallel parallel(3);
    std::vector<std::size_t> sums(64);
    for (std::size_t round = 1; round <= 500; ++round) {
        parallel.for_each(sums.size(), [&](std::size_t i) { sums[i] += i; });
        ASSERT_EQ(sums[63], 63 * round);
    }
}

TEST(Parallel, TakesAThreadPerCoreWhenNotTold) {
    EXPECT_GE(Parallel(0).threads(), 1u);
}

}  // namespace
}  // namespace patron::store
