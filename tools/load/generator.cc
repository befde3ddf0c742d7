#include "tools/load/generator.h"

#include <algorithm>

#include "server/start_error.h"
#include "tools/load/interrupt.h"

namespace patron::tools {
namespace {

constexpr std::int64_t kNsPerSecond = 1'000'000'000;
constexpr std::int64_t kGatherNsMax = 10 * kNsPerSecond;
constexpr std::int64_t kGatherStepNs = 100'000'000;
// After the last change, a feed that says nothing for so long has said everything.
constexpr std::int64_t kFeedQuietNs = 300'000'000;

}  // namespace

Generator::Generator(
    const GeneratorPlan& plan, const SocketAddress& address, const RunClock& clock, LiveBoard& board
)
    : plan_(plan), address_(address), clock_(clock), board_(board) {}

void Generator::add(LanePlan lane) {
    const auto group = static_cast<std::uint32_t>(lanes_.size());
    lanes_.emplace_back(std::move(lane), group, address_, plan_.window, poller_, clock_);
}

void Generator::subscribe(std::size_t count, const std::string& request, ChangeDues& dues) {
    subscribers_ = std::make_unique<Subscribers>(
        count, request, kSubscribers, address_, plan_.window, poller_, clock_, dues
    );
}

void Generator::gather() {
    const std::int64_t deadline = clock_.now() + kGatherNsMax;
    for (Lane& lane : lanes_) {
        lane.connect_all();
    }
    const auto complete = [&] {
        return std::ranges::all_of(lanes_, &Lane::all_open) &&
               (!subscribers_ || subscribers_->all_greeted());
    };
    while (!complete()) {
        if (subscribers_) {
            subscribers_->connect_some();
        }
        wait(kGatherStepNs);
        fail_gathering();
        if (clock_.now() > deadline) {
            throw server::StartError(
                server::ExitCode::Findings, "not all connections were made within 10 s"
            );
        }
    }
}

void Generator::fail_gathering() {
    for (Lane& lane : lanes_) {
        if (lane.tally().whole.failed() > 0) {
            throw server::StartError(server::ExitCode::Findings, lane.tally().first_wrong);
        }
    }
}

void Generator::run() {
    std::int64_t now = clock_.now();
    while (end_early(), !over(now)) {
        for (Lane& lane : lanes_) {
            lane.go(now);
        }
        if (now >= next_post_) {
            post(now);
        }
        const std::int64_t left = next_ns(now) - clock_.now();
        wait(left > plan_.spin_ns ? left - plan_.spin_ns : 0);
        now = clock_.now();
    }
    for (Lane& lane : lanes_) {
        lane.finish(now);
    }
    post(now);
}

void Generator::end_early() {
    const std::int64_t came = Interrupt::came_ns();
    if (came == 0 || plan_.window.end_ns < plan_.window.planned_end_ns) {
        return;
    }
    const std::int64_t end = clock_.at(came);
    plan_.window.cut(end);
    for (Lane& lane : lanes_) {
        lane.cut(end);
    }
    if (subscribers_) {
        subscribers_->tally().cut(end);
    }
}

bool Generator::over(std::int64_t now_ns) const {
    if (now_ns < plan_.window.end_ns) {
        return false;
    }
    const bool answered = std::ranges::all_of(lanes_, &Lane::idle);
    const bool told =
        !subscribers_ ||
        now_ns - std::max(subscribers_->last_heard_ns(), plan_.window.end_ns) > kFeedQuietNs;
    const bool nobody =
        std::ranges::all_of(lanes_, [](const Lane& lane) { return lane.open_connections() == 0; });
    return (answered && told) || nobody || now_ns >= plan_.window.end_ns + plan_.drain_ns;
}

std::int64_t Generator::next_ns(std::int64_t now_ns) const {
    const std::int64_t end = plan_.window.end_ns;
    std::int64_t next = now_ns < end ? end : std::min(now_ns + kFeedQuietNs, end + plan_.drain_ns);
    next = std::min(next, next_post_);
    if (now_ns < 0) {
        next = std::min<std::int64_t>(next, 0);
    }
    for (const Lane& lane : lanes_) {
        next = std::min(next, lane.next_ns());
    }
    return next;
}

void Generator::wait(std::int64_t timeout_ns) {
    for (const epoll_event& event : poller_.wait(timeout_ns)) {
        const PollTag tag = Poller::tag_of(event);
        if (tag.group == kSubscribers) {
            subscribers_->on_event(tag.number, event.events);
        } else {
            lanes_[tag.group].on_event(tag.number, event.events);
        }
    }
}

void Generator::post(std::int64_t now_ns) {
    std::uint32_t place = 0;
    for (Lane& lane : lanes_) {
        board_.post(plan_.part, place++, lane.tally(), lane.waiting());
    }
    if (subscribers_) {
        board_.post(plan_.part, place, subscribers_->tally(), 0);
    }
    next_post_ = now_ns + kNsPerSecond;
}

}  // namespace patron::tools
