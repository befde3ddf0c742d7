#pragma once
// The few socket calls that the benchmarks share; whatever fails ends the process with a line.
//
// Threads    pure.

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <sys/socket.h>

namespace patron::bench {

[[noreturn]] inline void fail(const char* what) {
    std::fprintf(stderr, "%s\n", what);
    std::exit(1);
}

template <typename Number>
Number checked(Number result, const char* what) {
    if (result < 0) {
        std::fprintf(stderr, "%s: %s\n", what, std::strerror(errno));
        std::exit(1);
    }
    return result;
}

inline void pin_to_core(int core) {
    cpu_set_t cores;
    CPU_ZERO(&cores);
    CPU_SET(static_cast<std::size_t>(core), &cores);
    checked(sched_setaffinity(0, sizeof cores, &cores), "sched_setaffinity");
}

inline sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

inline void send_at_once(int socket) {
    const int on = 1;
    checked(setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on), "TCP_NODELAY");
}

// Connected and non-blocking.
inline int connect_to_loopback(std::uint16_t port) {
    const int socket = checked(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
    const sockaddr_in address = loopback(port);
    const auto* generic = reinterpret_cast<const sockaddr*>(&address);
    checked(connect(socket, generic, sizeof address), "connect");
    send_at_once(socket);
    checked(fcntl(socket, F_SETFL, O_NONBLOCK), "O_NONBLOCK");
    return socket;
}

}  // namespace patron::bench
