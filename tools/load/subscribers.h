#pragma once
// Those who listen to the live feed: what they are told, and how long after its cause it arrived.
//
// Shapes     server-sent events over HTTP/1.0, whose body ends with the connection and is not chunked. The
//            latency of a message about an override is from the instant that override was due to the last
//            byte read with it; a conflated message is timed by its newest change.
// Order      `connect_some` until all_greeted, then events as the poller gives them.
// Bounds     a message of at most 1 MiB; 64 connections being made at a time.
// Errors     StartError (Findings) for a feed that is refused at the start; later ends are counted.
// Threads    one owner; no call blocks.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "tools/load/class_tally.h"
#include "tools/load/poller.h"
#include "tools/load/request_maker.h"
#include "tools/load/run_clock.h"
#include "tools/load/socket_address.h"

namespace patron::tools {

// One message of the feed, as far as a load looks at it.
struct FeedMessage {
    enum class Kind : std::uint8_t { Change, Gap, Other };
    Kind kind = Kind::Other;
    bool by_override = false;
    bool pinned = false;
    std::uint32_t customer = 0;
    std::uint64_t conflated = 1;  // changes in this message
};
FeedMessage read_feed_message(std::string_view data);

struct FeedCounts {
    std::uint64_t messages = 0;
    std::uint64_t changes = 0;    // in them, those left out for newer ones too
    std::uint64_t conflated = 0;  // left out
    std::uint64_t gaps = 0;
    std::uint64_t others = 0;  // hello, heartbeat, stats
    std::uint64_t bytes = 0;
    std::uint64_t ended = 0;  // by the server
};

class Subscribers {
  public:
    Subscribers(
        std::size_t count,
        std::string request,
        std::uint32_t group,
        const SocketAddress& address,
        LoadWindow window,
        Poller& poller,
        const RunClock& clock,
        ChangeDues& dues
    );
    ~Subscribers();
    Subscribers(const Subscribers&) = delete;
    Subscribers& operator=(const Subscribers&) = delete;

    void connect_some();
    bool all_greeted() const { return greeted_ == listeners_.size(); }
    std::size_t greeted() const { return greeted_; }
    void on_event(std::uint32_t number, std::uint32_t events);
    std::int64_t last_heard_ns() const { return last_heard_; }

    ClassTally& tally() { return tally_; }
    const FeedCounts& counts() const { return counts_; }  // from the end of the warm-up on

  private:
    enum class State : std::uint8_t { Fresh, Connecting, Head, Open, Ended };
    struct Listener {
        State state = State::Fresh;
        int socket = -1;
        std::string rest;  // of a message that has not come whole
        bool greeted = false;
    };

    void on_connecting(Listener& listener, std::uint32_t number);
    void receive(Listener& listener);
    std::string_view take_head(Listener& listener, std::string_view bytes);
    void take_lines(Listener& listener, std::string_view bytes, std::int64_t now_ns);
    void take(Listener& listener, std::string_view data, std::int64_t now_ns);
    void end(Listener& listener, std::string_view why);

    const std::string request_;
    const std::uint32_t group_;
    const SocketAddress& address_;
    Poller& poller_;
    const RunClock& clock_;
    ChangeDues& dues_;
    ClassTally tally_;
    FeedCounts counts_;
    std::vector<Listener> listeners_;
    std::vector<char> in_;
    std::size_t begun_ = 0;
    std::size_t greeted_ = 0;
    std::int64_t last_heard_ = INT64_MIN;
};

}  // namespace patron::tools
