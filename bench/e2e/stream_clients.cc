#include "bench/e2e/stream_clients.h"

#include <algorithm>
#include <charconv>

#include <poll.h>
#include <unistd.h>

#include "bench/e2e/sockets.h"

namespace patron::bench {
namespace {

constexpr std::size_t kReadBytes = 256 * 1024;
constexpr std::uint64_t kLatencyEvery = 101;  // a prime: in step with nothing
constexpr int kSilenceMsMax = 30'000;
constexpr std::string_view kHeadEnd = "\r\n\r\n";
constexpr std::string_view kChange = R"({"type":"change","customer_id":"C)";
constexpr std::string_view kEnter = R"({"type":"enter")";
constexpr std::string_view kGap = R"({"type":"gap")";
constexpr std::size_t kDigits = 8;
constexpr std::size_t kLookedAt = kChange.size() + kDigits;

constexpr unsigned kCloseOpcode = 8;
constexpr unsigned kTextWithFin = 0x81;
constexpr unsigned kTwoBytesOfLength = 126;
constexpr unsigned kEightBytesOfLength = 127;

struct FrameHead {
    std::size_t bytes = 0;  // 0: not whole yet
    std::size_t payload = 0;
};

unsigned byte_at(std::string_view bytes, std::size_t at) {
    return static_cast<unsigned char>(bytes[at]);
}

FrameHead frame_head(std::string_view bytes) {
    if (bytes.size() < 2) {
        return {};
    }
    const unsigned length = byte_at(bytes, 1);
    if (length < kTwoBytesOfLength) {
        return {2, length};
    }
    if (length > kEightBytesOfLength) {
        fail("a masked frame from the server");
    }
    const std::size_t digits = length == kTwoBytesOfLength ? 2 : 8;
    if (bytes.size() < 2 + digits) {
        return {};
    }
    std::size_t payload = 0;
    for (std::size_t i = 0; i < digits; ++i) {
        payload = payload << 8U | byte_at(bytes, 2 + i);
    }
    return {2 + digits, payload};
}

}  // namespace

StreamClients::~StreamClients() {
    for (const auto& client : clients_) {
        close(client->socket);
    }
}

void StreamClients::connect(std::uint16_t port, unsigned host, const std::string& query) {
    auto& client = *clients_.emplace_back(std::make_unique<Client>());
    client.socket = checked(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
    sockaddr_in from = loopback(0);
    from.sin_addr.s_addr = htonl(INADDR_LOOPBACK - 1 + host);
    checked(bind(client.socket, reinterpret_cast<const sockaddr*>(&from), sizeof from), "bind");
    const sockaddr_in to = loopback(port);
    checked(::connect(client.socket, reinterpret_cast<const sockaddr*>(&to), sizeof to), "connect");
    shake_hands(client, query);
    checked(fcntl(client.socket, F_SETFL, O_NONBLOCK), "O_NONBLOCK");
}

void StreamClients::shake_hands(Client& client, const std::string& query) {
    const std::string request =
        "GET /v1/stream" + query +
        " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
    if (checked(send(client.socket, request.data(), request.size(), MSG_NOSIGNAL), "send") !=
        static_cast<ssize_t>(request.size())) {
        fail("short write");
    }
    std::string head;
    while (head.find(kHeadEnd) == std::string::npos) {
        pollfd watched{client.socket, POLLIN, 0};
        if (checked(poll(&watched, 1, kSilenceMsMax), "poll") == 0) {
            fail("no handshake for 30 seconds");
        }
        char bytes[4096];
        const ssize_t got = checked(recv(client.socket, bytes, sizeof bytes, 0), "recv");
        if (got == 0) {
            fail("closed instead of a handshake");
        }
        head.append(bytes, static_cast<std::size_t>(got));
    }
    if (!head.starts_with("HTTP/1.1 101 ")) {
        fail(("no WebSocket: " + head).c_str());
    }
    const std::size_t end = head.find(kHeadEnd) + kHeadEnd.size();
    take(client, std::string_view(head).substr(end));
}

void StreamClients::hear(std::size_t index) {
    Client& client = *clients_[index];
    in_.resize(kReadBytes);
    const std::size_t begun = client.begun.size();
    std::copy(client.begun.begin(), client.begun.end(), in_.begin());
    const ssize_t got = recv(client.socket, in_.data() + begun, in_.size() - begun, 0);
    if (got < 0 && errno == EAGAIN) {
        return;
    }
    if (checked(got, "recv") == 0) {
        fail("the server closed a stream");
    }
    heard_.bytes += static_cast<std::size_t>(got);
    client.begun.clear();
    take(client, {in_.data(), begun + static_cast<std::size_t>(got)});
}

void StreamClients::take(Client& client, std::string_view bytes) {
    while (true) {
        const std::size_t skipped = std::min(client.skip, bytes.size());
        client.skip -= skipped;
        bytes.remove_prefix(skipped);
        if (bytes.empty()) {
            return;
        }
        const FrameHead head = frame_head(bytes);
        const std::size_t needed = head.bytes + std::min(head.payload, kLookedAt);
        if (head.bytes == 0 || bytes.size() < needed) {
            client.begun = bytes;
            return;
        }
        if (byte_at(bytes, 0) != kTextWithFin) {
            fail((byte_at(bytes, 0) & 0x0FU) == kCloseOpcode ? "a close frame" : "no text frame");
        }
        look_at(client, bytes.substr(head.bytes, needed - head.bytes));
        bytes.remove_prefix(needed);
        client.skip = head.payload - (needed - head.bytes);
    }
}

void StreamClients::look_at(Client& client, std::string_view payload) {
    if (!payload.starts_with(kChange)) {
        if (payload.starts_with(kGap)) {
            fail("a gap: the server could not keep up");
        }
        const bool enter = payload.starts_with(kEnter);
        heard_.changes += enter ? 1 : 0;
        client.changes += enter ? 1 : 0;
        heard_.others += enter ? 0 : 1;
        return;
    }
    ++heard_.changes;
    ++client.changes;
    if (until_sample_-- == 0) {
        until_sample_ = kLatencyEvery - 1;
        std::uint32_t customer = 0;
        const char* digits = payload.data() + kChange.size();
        std::from_chars(digits, digits + kDigits, customer);
        sampled_(customer);
    }
}

}  // namespace patron::bench
