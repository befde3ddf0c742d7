#pragma once
// A server's address, found once, and sockets that connect to it without waiting.
//
// Errors     resolve: StartError (Findings) with the reason. The sockets: errno, as the system says.
// Blocking   resolve, for as long as the system's resolver takes.
// Threads    values.

#include <string>

#include <sys/socket.h>

#include "tools/patron/http_client.h"

namespace patron::tools {

struct SocketAddress {
    sockaddr_storage bytes{};
    socklen_t size = 0;
    int family = 0;
};

SocketAddress resolve(const ServerUrl& url);

// A socket whose connecting has begun, or -1; no delay, non-blocking.
int begin_connecting(const SocketAddress& address);
// 0, or the errno with which connecting ended.
int connecting_result(int socket);

}  // namespace patron::tools
