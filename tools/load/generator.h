#pragma once
// One thread of a load: its classes of requests, its subscribers, one wait for all of them.
//
// Order      gather (connections, greetings), then run until all is answered or the drain is over. An
//            interrupt ends the time in which requests are due; what is under way is still awaited.
// Cost       no allocation while requests go out and come back; waits in the kernel until shortly before
//            the next arrival and looks at the clock from there on, so that sends are on time.
// Errors     StartError where a server is not there at the start.
// Threads    gather and run one after the other; the tallies are read when run is over.

#include <cstdint>
#include <deque>
#include <memory>

#include "tools/load/lane.h"
#include "tools/load/live_board.h"
#include "tools/load/subscribers.h"

namespace patron::tools {

struct GeneratorPlan {
    std::uint32_t part = 0;
    LoadWindow window;
    std::int64_t drain_ns = 0;
    std::int64_t spin_ns = 0;
};

class Generator {
  public:
    Generator(
        const GeneratorPlan& plan,
        const SocketAddress& address,
        const RunClock& clock,
        LiveBoard& board
    );

    void add(LanePlan lane);
    void subscribe(std::size_t count, const std::string& request, ChangeDues& dues);

    void gather();
    void run();

    std::deque<Lane>& lanes() { return lanes_; }
    Subscribers* subscribers() { return subscribers_.get(); }

  private:
    static constexpr std::uint32_t kSubscribers = UINT32_MAX;

    void end_early();
    bool over(std::int64_t now_ns) const;
    std::int64_t next_ns(std::int64_t now_ns) const;
    void wait(std::int64_t timeout_ns);
    void post(std::int64_t now_ns);
    void fail_gathering();

    GeneratorPlan plan_;
    const SocketAddress& address_;
    const RunClock& clock_;
    LiveBoard& board_;
    Poller poller_;
    std::deque<Lane> lanes_;
    std::unique_ptr<Subscribers> subscribers_;
    std::int64_t next_post_ = 0;
};

}  // namespace patron::tools
