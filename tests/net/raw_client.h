#pragma once
// A blocking socket that sends bytes as they are and reads answers one by one, for tests.
//
// Errors     a test failure; nothing waits longer than kPatience.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <gtest/gtest.h>

namespace patron::net {

struct Answer {
    int status = 0;
    std::string head;
    std::string body;
};

class RawClient {
  public:
    static constexpr int kPatienceSeconds = 20;

    explicit RawClient(std::uint16_t port, int receive_buffer = 0)
        : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
        if (receive_buffer != 0) {
            ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
        }
        const timeval patience{kPatienceSeconds, 0};
        ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(port);
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        EXPECT_EQ(::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to), 0);
    }
    ~RawClient() { close(); }
    RawClient(const RawClient&) = delete;
    RawClient& operator=(const RawClient&) = delete;

    void close() {
        if (fd_ >= 0) {
            ::close(fd_);
            fd_ = -1;
        }
    }

    // False once the peer has closed.
    bool send(std::string_view bytes) {
        while (!bytes.empty()) {
            const auto n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (n <= 0) {
                return false;
            }
            bytes.remove_prefix(static_cast<std::size_t>(n));
        }
        return true;
    }

    void shut_down_sending() { ::shutdown(fd_, SHUT_WR); }

    // The next answer; status 0 if the connection ended before.
    Answer read(bool has_body = true) {
        Answer answer;
        std::size_t end = 0;
        while ((end = bytes_.find("\r\n\r\n")) == std::string::npos) {
            if (!receive()) {
                return answer;
            }
        }
        answer.head = take(end + 4);
        answer.status = std::atoi(answer.head.c_str() + 9);
        const std::size_t at = answer.head.find("Content-Length:");
        const std::size_t length = has_body && at != std::string::npos
                                       ? std::strtoul(answer.head.c_str() + at + 15, nullptr, 10)
                                       : 0;
        while (bytes_.size() < length) {
            if (!receive()) {
                return {};
            }
        }
        answer.body = take(length);
        return answer;
    }

    // What is there, or comes next; empty once the peer has closed.
    std::string read_some() {
        if (bytes_.empty()) {
            receive();
        }
        return take(bytes_.size());
    }

    // Everything until the peer closes; empty if it had closed already.
    std::string read_to_end() {
        while (receive()) {
        }
        return take(bytes_.size());
    }

    Answer ask(std::string_view request) {
        send(request);
        return read();
    }

  private:
    bool receive() {
        char buffer[65536];
        const auto n = ::recv(fd_, buffer, sizeof buffer, 0);
        EXPECT_FALSE(n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) << "nothing came in time";
        if (n <= 0) {
            return false;
        }
        bytes_.append(buffer, static_cast<std::size_t>(n));
        return true;
    }

    std::string take(std::size_t n) {
        std::string taken = bytes_.substr(0, n);
        bytes_.erase(0, n);
        return taken;
    }

    int fd_;
    std::string bytes_;
};

inline std::string get(std::string_view target, std::string_view fields = "") {
    return "GET " + std::string(target) + " HTTP/1.1\r\nHost: a\r\n" + std::string(fields) + "\r\n";
}

inline std::string post(std::string_view target, std::string_view body) {
    return "POST " + std::string(target) +
           " HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
           std::string(body);
}

}  // namespace patron::net
