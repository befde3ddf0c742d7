#pragma once
// How many streams there are, of all clients and of each, counted across the I/O threads.
//
// Shapes     a client is a peer's address; an IPv4 address mapped into IPv6 is the same client.
// Errors     TooManyStreams, TooManyClientStreams.
// Threads    any; a mutex is held for one look-up.
// Bounds     one entry per client that has a stream.

#include <array>
#include <cstddef>
#include <mutex>
#include <unordered_map>
#include <utility>

#include <boost/asio/ip/address.hpp>

#include "store/result.h"

namespace patron::net {

class StreamLimits;

// One stream's place in the count, given back when it ends.
class StreamPlace {
  public:
    StreamPlace() = default;
    StreamPlace(StreamPlace&& other) noexcept
        : limits_(std::exchange(other.limits_, nullptr)), client_(other.client_) {}
    StreamPlace& operator=(StreamPlace&& other) noexcept {
        std::swap(limits_, other.limits_);
        std::swap(client_, other.client_);
        return *this;
    }
    ~StreamPlace();

  private:
    friend class StreamLimits;
    using Client = std::array<unsigned char, 16>;
    StreamPlace(StreamLimits& limits, const Client& client) : limits_(&limits), client_(client) {}

    StreamLimits* limits_ = nullptr;
    Client client_{};
};

class StreamLimits {
  public:
    StreamLimits(std::size_t streams_max, std::size_t per_client_max)
        : streams_max_(streams_max), per_client_max_(per_client_max) {}

    store::Result<StreamPlace> admit(const boost::asio::ip::address& peer);

  private:
    friend class StreamPlace;
    struct Hash {
        std::size_t operator()(const StreamPlace::Client& client) const;
    };
    void release(const StreamPlace::Client& client);

    const std::size_t streams_max_;
    const std::size_t per_client_max_;
    std::mutex mutex_;
    std::size_t streams_ = 0;
    std::unordered_map<StreamPlace::Client, std::size_t, Hash> by_client_;
};

}  // namespace patron::net
