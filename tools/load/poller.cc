#include "tools/load/poller.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>

#include <unistd.h>

#include "server/start_error.h"

namespace patron::tools {
namespace {

[[noreturn]] void fail(const char* what) {
    throw server::StartError(
        server::ExitCode::OsError, std::string(what) + ": " + std::strerror(errno)
    );
}

}  // namespace

Poller::Poller() : epoll_(epoll_create1(EPOLL_CLOEXEC)) {
    if (epoll_ < 0) {
        fail("epoll_create1");
    }
}

Poller::~Poller() {
    close(epoll_);
}

void Poller::control(int operation, int socket, PollTag tag, std::uint32_t events) {
    epoll_event event{};
    event.events = events;
    event.data.u64 = std::uint64_t{tag.group} << 32U | tag.number;
    if (epoll_ctl(epoll_, operation, socket, &event) != 0) {
        fail("epoll_ctl");
    }
}

std::span<const epoll_event> Poller::wait(std::int64_t timeout_ns) {
    const int count = count_events(std::max<std::int64_t>(timeout_ns, 0));
    if (count < 0 && errno != EINTR) {
        fail("epoll_wait");
    }
    return {events_.data(), static_cast<std::size_t>(std::max(count, 0))};
}

int Poller::count_events(std::int64_t timeout_ns) {
    constexpr std::int64_t kNsPerSecond = 1'000'000'000;
    constexpr std::int64_t kNsPerMs = 1'000'000;
    if (knows_ns_) {
        const timespec timeout{timeout_ns / kNsPerSecond, timeout_ns % kNsPerSecond};
        const int count = epoll_pwait2(epoll_, events_.data(), kEventsMax, &timeout, nullptr);
        if (count >= 0 || errno != ENOSYS) {
            return count;
        }
        knows_ns_ = false;
    }
    const std::int64_t ms = std::min<std::int64_t>(timeout_ns / kNsPerMs, kNsPerMs);
    return epoll_wait(epoll_, events_.data(), kEventsMax, static_cast<int>(ms));
}

}  // namespace patron::tools
