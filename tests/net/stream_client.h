#pragma once
// A listener on a real socket, through either door.
//
// Errors     a test failure; nothing waits longer than RawClient's patience.

#include <functional>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "tests/net/raw_client.h"
#include "tests/net/stream_replica.h"
#include "tests/net/ws_client_frames.h"

namespace patron::net {

inline std::string upgrade(std::string_view target, std::string_view fields = "") {
    return get(
        target,
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
            std::string(fields)
    );
}

class StreamClient {
  public:
    StreamClient(std::uint16_t port, Door door, int receive_buffer = 0)
        : socket_(port, receive_buffer), door_(door), replica_(door) {}

    void send_request(std::string_view query, std::string_view fields = "") {
        const std::string target = "/v1/stream?" + std::string(query);
        socket_.send(door_ == Door::Sse ? get(target, fields) : upgrade(target, fields));
    }
    // The answer's head, checked.
    void open(std::string_view query, std::string_view fields = "") {
        send_request(query, fields);
        expect_head();
    }
    void expect_head() {
        head_ = socket_.read(false).head;
        if (door_ == Door::Sse) {
            EXPECT_TRUE(head_.starts_with("HTTP/1.1 200 OK\r\n")) << head_;
            EXPECT_NE(head_.find("Content-Type: text/event-stream\r\n"), std::string::npos);
            EXPECT_NE(head_.find("Connection: close\r\n"), std::string::npos);
            EXPECT_EQ(head_.find("Content-Length"), std::string::npos);
        } else {
            EXPECT_TRUE(head_.starts_with("HTTP/1.1 101 ")) << head_;
            EXPECT_NE(
                head_.find("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"),
                std::string::npos
            );
        }
    }
    // False if the server closed before.
    bool read_until(const std::function<bool(const StreamReplica&)>& reached) {
        while (!reached(replica_)) {
            const std::string bytes = socket_.read_some();
            if (bytes.empty()) {
                return false;
            }
            replica_.take(bytes);
        }
        return true;
    }
    bool read_until(std::string_view type, std::size_t count = 1) {
        return read_until([&](const StreamReplica& now) { return now.count(type) >= count; });
    }
    void read_to_end() { replica_.take(socket_.read_to_end()); }

    RawClient& socket() { return socket_; }
    StreamReplica& replica() { return replica_; }
    // Of a WebSocket that was closed by the server.
    unsigned close_code() const {
        const std::string& payload = replica_.close();
        return payload.size() < 2 ? 0
                                  : static_cast<unsigned char>(payload[0]) * 256U +
                                        static_cast<unsigned char>(payload[1]);
    }

  private:
    RawClient socket_;
    Door door_;
    StreamReplica replica_;
    std::string head_;
};

}  // namespace patron::net
