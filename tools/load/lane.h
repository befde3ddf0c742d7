#pragma once
// One class of requests on its own connections: sends what is due, times what comes back.
//
// Shapes     open loop: arrivals from a plan, each sent as soon as it is due and a connection has room.
//            Closed loop: a request whenever a connection has room, due when it is sent.
//            Latency is from the instant a request was due to the last byte of its answer.
// Order      the oldest arrival first.
// Bounds     `connections`, `depth` requests unanswered on each, `waiting_max` arrivals not sent yet.
// Errors     counted in the tally; a lost connection is made again, with pauses of 10 to 500 ms.
// Threads    one owner; no call blocks.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tools/load/arrivals.h"
#include "tools/load/class_tally.h"
#include "tools/load/connection.h"
#include "tools/load/poller.h"
#include "tools/load/request_maker.h"
#include "tools/load/run_clock.h"
#include "tools/load/socket_address.h"

namespace patron::tools {

struct LanePlan {
    std::string name;
    std::optional<ArrivalPlan> arrivals;  // none: closed loop
    std::size_t connections = 1;
    std::size_t depth = 1;
    std::size_t waiting_max = 1;
    std::unique_ptr<RequestMaker> maker;
};

class Lane {
  public:
    Lane(
        LanePlan plan,
        std::uint32_t group,
        const SocketAddress& address,
        LoadWindow window,
        Poller& poller,
        const RunClock& clock
    );

    void connect_all();
    std::size_t open_connections() const { return open_; }
    bool all_open() const { return open_ == connections_.size(); }
    // Sends what is due, tries lost connections again.
    void go(std::int64_t now_ns);
    void on_event(std::uint32_t number, std::uint32_t events);
    // When there is something to do though no socket says so.
    std::int64_t next_ns() const;
    // Nothing is under way, waiting or still to come due.
    bool idle() const {
        return under_way_ == 0 &&
               (!queue_ || (queue_->empty() && queue_->next_ns() == ArrivalQueue::kNever));
    }
    // Asks for nothing more from `end_ns` on.
    void cut(std::int64_t end_ns);
    // Counts what will not be answered any more.
    void finish(std::int64_t now_ns);

    ClassTally& tally() { return tally_; }
    std::uint64_t waiting() const { return queue_ ? queue_->waiting() : 0; }

  private:
    bool has_due(std::int64_t now_ns) const;
    void dispatch(std::int64_t now_ns);
    void fill(Connection& connection, std::int64_t now_ns);
    void flush(Connection& connection);
    void watch(Connection& connection);
    void on_connecting(Connection& connection);
    void receive(Connection& connection);
    bool take_answers(Connection& connection, std::int64_t now_ns);
    void take_answer(std::int64_t due_ns, const Answer& answer, std::int64_t now_ns);
    void connect(Connection& connection, std::int64_t now_ns);
    void connect_failed(Connection& connection, int error, std::int64_t now_ns);
    void lose(Connection& connection, Failure failure, std::string_view why, std::int64_t now_ns);
    void go_down(Connection& connection, std::int64_t retry_at_ns);
    void list(Connection& connection);
    PollTag tag_of(const Connection& connection) const;

    LanePlan plan_;
    std::uint32_t group_;
    const SocketAddress& address_;
    Poller& poller_;
    const RunClock& clock_;
    ClassTally tally_;
    std::optional<ArrivalQueue> queue_;
    std::deque<Connection> connections_;
    // Those that can take a request, in a ring; one that went down meanwhile is dropped when met.
    std::vector<Connection*> ready_;
    std::size_t ready_first_ = 0;
    std::size_t ready_count_ = 0;
    std::size_t open_ = 0;
    std::size_t down_ = 0;
    std::uint64_t under_way_ = 0;
};

}  // namespace patron::tools
