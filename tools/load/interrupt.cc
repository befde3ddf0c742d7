#include "tools/load/interrupt.h"

#include <atomic>
#include <ctime>

namespace patron::tools {
namespace {

constexpr std::array kSignals{SIGINT, SIGTERM};

std::atomic<std::int64_t> came{0};
static_assert(std::atomic<std::int64_t>::is_always_lock_free);  // a handler may use it

void on_signal(int) {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    std::int64_t none = 0;
    came.compare_exchange_strong(none, now.tv_sec * std::int64_t{1'000'000'000} + now.tv_nsec);
}

}  // namespace

Interrupt::Interrupt() {
    came.store(0);
    struct sigaction action{};
    action.sa_handler = on_signal;
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    for (std::size_t i = 0; i < kSignals.size(); ++i) {
        sigaction(kSignals[i], &action, &before_[i]);
    }
}

Interrupt::~Interrupt() {
    for (std::size_t i = 0; i < kSignals.size(); ++i) {
        sigaction(kSignals[i], &before_[i], nullptr);
    }
}

std::int64_t Interrupt::came_ns() {
    return came.load(std::memory_order_relaxed);
}

}  // namespace patron::tools
