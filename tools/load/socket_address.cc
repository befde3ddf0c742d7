#include "tools/load/socket_address.h"

#include <cerrno>
#include <cstring>

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include "server/start_error.h"

namespace patron::tools {

SocketAddress resolve(const ServerUrl& url) {
    addrinfo wish{};
    wish.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    const int error = getaddrinfo(url.host.c_str(), url.port.c_str(), &wish, &found);
    if (error != 0 || found == nullptr) {
        throw server::StartError(
            server::ExitCode::Findings, "cannot find " + url.host + ": " + gai_strerror(error)
        );
    }
    SocketAddress address;
    address.family = found->ai_family;
    address.size = found->ai_addrlen;
    std::memcpy(&address.bytes, found->ai_addr, found->ai_addrlen);
    freeaddrinfo(found);
    return address;
}

int begin_connecting(const SocketAddress& address) {
    const int socket = ::socket(address.family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (socket < 0) {
        return -1;
    }
    const int on = 1;
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const auto* to = reinterpret_cast<const sockaddr*>(&address.bytes);
    if (connect(socket, to, address.size) != 0 && errno != EINPROGRESS) {
        const int why = errno;
        close(socket);
        errno = why;
        return -1;
    }
    return socket;
}

int connecting_result(int socket) {
    int error = 0;
    socklen_t size = sizeof error;
    return getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size) != 0 ? errno : error;
}

}  // namespace patron::tools
