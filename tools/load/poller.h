#pragma once
// Waits for many sockets at once, to the microsecond.
//
// Shapes     a tag names the socket: which group, which number in it.
// Errors     StartError (OsError) where the system refuses.
// Blocking   `wait`, for at most what it is told; before Linux 5.11, which knows whole milliseconds only,
//            for less: the caller looks at the clock and asks again.
// Threads    one owner.

#include <array>
#include <cstdint>
#include <span>

#include <sys/epoll.h>

namespace patron::tools {

struct PollTag {
    std::uint32_t group = 0;
    std::uint32_t number = 0;
};

class Poller {
  public:
    Poller();
    ~Poller();
    Poller(const Poller&) = delete;
    Poller& operator=(const Poller&) = delete;

    // A closed socket leaves by itself.
    void add(int socket, PollTag tag, std::uint32_t events) {
        control(EPOLL_CTL_ADD, socket, tag, events);
    }
    void change(int socket, PollTag tag, std::uint32_t events) {
        control(EPOLL_CTL_MOD, socket, tag, events);
    }

    std::span<const epoll_event> wait(std::int64_t timeout_ns);
    static PollTag tag_of(const epoll_event& event) {
        return {
            static_cast<std::uint32_t>(event.data.u64 >> 32U),
            static_cast<std::uint32_t>(event.data.u64)
        };
    }

  private:
    void control(int operation, int socket, PollTag tag, std::uint32_t events);

    static constexpr std::size_t kEventsMax = 256;
    int count_events(std::int64_t timeout_ns);

    int epoll_;
    bool knows_ns_ = true;
    std::array<epoll_event, kEventsMax> events_{};
};

}  // namespace patron::tools
