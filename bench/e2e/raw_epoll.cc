// The limit: a server that reads, counts the ends of heads and writes as many prepared answers. It
// neither parses nor looks anything up, so what it reaches is what the kernel allows on one core.
//
//     raw_epoll ANSWER_BYTES      head and body together; the first line on stdout names the port

#include <array>
#include <memory>
#include <string>
#include <string_view>

#include <sys/epoll.h>
#include <unistd.h>

#include "bench/e2e/sockets.h"

namespace patron::bench {
namespace {

constexpr std::size_t kReadBytes = 64 * 1024;
constexpr std::size_t kAnswersMax = kReadBytes / 16;
constexpr int kEventsMax = 256;
constexpr std::string_view kHeadEnd = "\r\n\r\n";

// At most `bytes`: the digits of the length are part of what they count.
std::string answer_of(std::size_t bytes) {
    const std::string head =
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ";
    const auto total = [&](std::size_t body) {
        return head.size() + std::to_string(body).size() + kHeadEnd.size() + body;
    };
    std::size_t body = bytes;
    while (body > 0 && total(body) > bytes) {
        --body;
    }
    return head + std::to_string(body) + std::string(kHeadEnd) + std::string(body, ' ');
}

std::size_t count_heads(std::string_view input) {
    std::size_t count = 0;
    for (std::size_t at = input.find(kHeadEnd); at != std::string_view::npos;
         at = input.find(kHeadEnd, at + kHeadEnd.size())) {
        ++count;
    }
    return count;
}

int listen_on_loopback() {
    const int socket =
        checked(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), "socket");
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    checked(bind(socket, generic, size), "bind");
    checked(listen(socket, SOMAXCONN), "listen");
    checked(getsockname(socket, generic, &size), "getsockname");
    std::printf("raw_epoll listening on http://127.0.0.1:%d\n", ntohs(address.sin_port));
    std::fflush(stdout);
    return socket;
}

class RawServer {
  public:
    explicit RawServer(const std::string& answer)
        : answer_bytes_(answer.size())
        , epoll_(checked(epoll_create1(0), "epoll_create1"))
        , listener_(listen_on_loopback()) {
        for (std::size_t i = 0; i < kAnswersMax; ++i) {
            answers_ += answer;
        }
        watch(listener_);
    }

    [[noreturn]] void run() {
        std::array<epoll_event, kEventsMax> events;
        for (;;) {
            const int count = epoll_wait(epoll_, events.data(), kEventsMax, -1);
            for (int i = 0; i < count; ++i) {
                const int socket = events[static_cast<std::size_t>(i)].data.fd;
                socket == listener_ ? take_connection() : answer(socket);
            }
        }
    }

  private:
    void watch(int socket) const {
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.fd = socket;
        checked(epoll_ctl(epoll_, EPOLL_CTL_ADD, socket, &event), "epoll_ctl");
    }

    void take_connection() const {
        const int socket = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (socket >= 0) {
            send_at_once(socket);
            watch(socket);
        }
    }

    // A head cut in two by the end of a read is not counted: the load's writes are small and whole.
    void answer(int socket) {
        const ssize_t got = recv(socket, input_.data(), input_.size(), 0);
        if (got <= 0) {
            close(socket);
            return;
        }
        const std::size_t bytes =
            count_heads({input_.data(), static_cast<std::size_t>(got)}) * answer_bytes_;
        if (bytes != 0 &&
            send(socket, answers_.data(), bytes, MSG_NOSIGNAL) != static_cast<ssize_t>(bytes)) {
            std::fprintf(stderr, "short write\n");
            close(socket);
        }
    }

    std::size_t answer_bytes_;
    std::string answers_;
    int epoll_;
    int listener_;
    std::array<char, kReadBytes> input_;
};

}  // namespace
}  // namespace patron::bench

int main(int argc, char** argv) {
    const long bytes = argc == 2 ? std::strtol(argv[1], nullptr, 10) : 0;
    if (bytes < 100 || bytes > 16 * 1024) {
        patron::bench::fail("usage: raw_epoll ANSWER_BYTES (100 to 16384)");
    }
    const auto server = std::make_unique<patron::bench::RawServer>(
        patron::bench::answer_of(static_cast<std::size_t>(bytes))
    );
    server->run();
}
