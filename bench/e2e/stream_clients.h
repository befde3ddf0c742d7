#pragma once
// Those who listen to a stream through WebSockets: raw sockets, frames counted by their headers.
//
// Shapes     a message about a customer is `{"type":"change","customer_id":"C00000042"...` or enter; all others
//            are counted apart. One change of kLatencyEvery is handed on, to be timed.
// Bounds     `connect` asks for one connection at a time and waits for each one's first message.
// Errors     a refused handshake, a gap, a close frame or an end of the connection ends the process.
// Threads    one owner.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace patron::bench {

struct Heard {
    std::uint64_t changes = 0;
    std::uint64_t others = 0;
    std::uint64_t bytes = 0;  // all that was received
};

class StreamClients {
  public:
    using Sampled = std::function<void(std::uint32_t customer)>;

    explicit StreamClients(Sampled sampled) : sampled_(std::move(sampled)) {}
    ~StreamClients();
    StreamClients(const StreamClients&) = delete;
    StreamClients& operator=(const StreamClients&) = delete;

    // One more, who asks with that query and comes from 127.0.0.`host`.
    void connect(std::uint16_t port, unsigned host, const std::string& query);
    std::size_t size() const { return clients_.size(); }
    int socket(std::size_t client) const { return clients_[client]->socket; }
    // Reads once.
    void hear(std::size_t client);

    const Heard& heard() const { return heard_; }
    std::uint64_t changes_of(std::size_t client) const { return clients_[client]->changes; }

  private:
    struct Client {
        int socket = -1;
        std::uint64_t changes = 0;
        std::size_t skip = 0;  // of a payload that was looked at already
        std::string begun;     // of a frame, too little to look at
    };
    void shake_hands(Client& client, const std::string& query);
    void take(Client& client, std::string_view bytes);
    void look_at(Client& client, std::string_view payload);

    Sampled sampled_;
    std::vector<std::unique_ptr<Client>> clients_;
    Heard heard_;
    std::uint64_t until_sample_ = 0;
    std::vector<char> in_;
};

}  // namespace patron::bench
