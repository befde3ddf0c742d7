// How far apart two cores are right now: a word thrown to and fro between core 0 and core 1.
//
//     ping_pong [MILLISECONDS]      prints the nanoseconds of one way, the best of all thousands

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <limits>
#include <thread>

#include "bench/e2e/sockets.h"

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kTurns = 1'000;
constexpr std::uint32_t kStop = std::numeric_limits<std::uint32_t>::max();

alignas(128) std::atomic<std::uint32_t> ping{0};
alignas(128) std::atomic<std::uint32_t> pong{0};

void answer_on_core_0() {
    patron::bench::pin_to_core(0);
    std::uint32_t seen = 0;
    while (seen != kStop) {
        const std::uint32_t now = ping.load(std::memory_order_acquire);
        if (now != seen) {
            seen = now;
            pong.store(now, std::memory_order_release);
        }
    }
}

double one_way_ns(std::uint32_t& turn) {
    const auto begun = Clock::now();
    for (int i = 0; i < kTurns; ++i) {
        ping.store(++turn, std::memory_order_release);
        while (pong.load(std::memory_order_acquire) != turn) {
        }
    }
    return std::chrono::duration<double, std::nano>(Clock::now() - begun).count() / (2 * kTurns);
}

}  // namespace

int main(int argc, char** argv) {
    const long milliseconds =
        std::clamp(argc > 1 ? std::strtol(argv[1], nullptr, 10) : 30L, 1L, 10'000L);
    std::thread other(answer_on_core_0);
    patron::bench::pin_to_core(1);
    double best_ns = std::numeric_limits<double>::max();
    std::uint32_t turn = 0;
    const auto end = Clock::now() + std::chrono::milliseconds(milliseconds);
    while (Clock::now() < end) {
        best_ns = std::min(best_ns, one_way_ns(turn));
    }
    ping.store(kStop, std::memory_order_release);
    other.join();
    std::printf("%.1f\n", best_ns);
}
