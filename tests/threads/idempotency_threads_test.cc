// The same keys from four threads: at any time one of them works on a key, the others are told so.

#include <array>
#include <atomic>
#include <future>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "store/idempotency.h"

namespace patron::store {
namespace {

constexpr std::size_t kThreads = 4;
constexpr std::size_t kKeys = 16;
constexpr int kRounds = 4'000;
constexpr scoring::Instant kNow{1'700'000'000'000};

struct Shared {
    IdempotencyTable table;
    std::array<std::atomic<int>, kKeys> at_work{};
    std::array<std::atomic<int>, kKeys> kept{};
    std::atomic<int> wrong{0};
};

void ask(Shared& shared, std::size_t k, bool refuse) {
    const std::string key = "key-" + std::to_string(k);
    const auto found = shared.table.begin(key, {k, 0}, kNow);
    switch (found.what) {
        case IdempotencyTable::Begin::New:
            // Nobody else is at it, nor was it answered before.
            shared.wrong += shared.at_work[k].fetch_add(1) == 0 ? 0 : 1;
            shared.wrong += shared.kept[k].load() == 0 ? 0 : 1;
            shared.at_work[k].fetch_sub(1);
            if (refuse) {
                shared.table.release(key);
            } else {
                shared.kept[k] = 1;
                shared.table.keep({key, {k, 0}, kNow, "answer to " + key});
            }
            return;
        case IdempotencyTable::Begin::Answered:
            shared.wrong += found.answer == "answer to " + key ? 0 : 1;
            return;
        case IdempotencyTable::Begin::InFlight:
            return;
        case IdempotencyTable::Begin::OtherRequest:
            ++shared.wrong;
            return;
    }
}

TEST(IdempotencyTableUnderThreads, LetsExactlyOneWorkOnAKeyAtATime) {
    Shared shared;
    std::vector<std::future<void>> threads;
    for (std::size_t t = 0; t < kThreads; ++t) {
        threads.push_back(std::async(std::launch::async, [&shared, t] {
            for (int round = 0; round < kRounds; ++round) {
                // Refused until the last quarter, so that keys begin anew many times.
                const std::size_t k = (static_cast<std::size_t>(round) * 7 + t) % kKeys;
                ask(shared, k, round < kRounds * 3 / 4);
            }
        }));
    }
    for (auto& thread : threads) {
        thread.get();
    }
    EXPECT_EQ(shared.wrong, 0);
    EXPECT_EQ(shared.table.sizes().keys, kKeys);
}

}  // namespace
}  // namespace patron::store
