#include "tools/load/lane.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "tools/patron/event_batch.h"

namespace patron::tools {
namespace {

constexpr std::int64_t kPauseNsMin = 10'000'000;
constexpr std::int64_t kPauseNsMax = 500'000'000;
constexpr std::size_t kShownBytes = 160;

}  // namespace

Lane::Lane(
    LanePlan plan,
    std::uint32_t group,
    const SocketAddress& address,
    LoadWindow window,
    Poller& poller,
    const RunClock& clock
)
    : plan_(std::move(plan))
    , group_(group)
    , address_(address)
    , poller_(poller)
    , clock_(clock)
    , tally_(plan_.name, window)
    , ready_(plan_.connections)
    , down_(plan_.connections) {
    if (plan_.arrivals) {
        queue_.emplace(*plan_.arrivals, window.from_ns, window.end_ns, plan_.waiting_max);
    }
    for (std::size_t i = 0; i < plan_.connections; ++i) {
        connections_.emplace_back(static_cast<std::uint32_t>(i), plan_.depth);
    }
}

PollTag Lane::tag_of(const Connection& connection) const {
    return {group_, connection.number};
}

void Lane::connect_all() {
    for (Connection& connection : connections_) {
        connect(connection, clock_.now());
    }
}

void Lane::connect(Connection& connection, std::int64_t now_ns) {
    const int socket = begin_connecting(address_);
    if (socket < 0) {
        connect_failed(connection, errno, now_ns);
        return;
    }
    --down_;
    connection.begin(socket);
    poller_.add(socket, tag_of(connection), EPOLLOUT);
}

void Lane::connect_failed(Connection& connection, int error, std::int64_t now_ns) {
    tally_.no_connection(now_ns);
    tally_.remember(fmt::format("cannot connect: {}", std::strerror(error)));
    connection.pause_ns = std::clamp(2 * connection.pause_ns, kPauseNsMin, kPauseNsMax);
    connection.retry_at_ns = now_ns + connection.pause_ns;
}

void Lane::on_connecting(Connection& connection) {
    const int error = connecting_result(connection.socket);
    const std::int64_t now = clock_.now();
    if (error != 0) {
        connect_failed(connection, error, now);
        go_down(connection, connection.retry_at_ns);
        return;
    }
    connection.opened(now);
    ++open_;
    poller_.change(connection.socket, tag_of(connection), EPOLLIN);
    list(connection);
}

void Lane::go_down(Connection& connection, std::int64_t retry_at_ns) {
    open_ -= connection.state == Connection::State::Open ? 1 : 0;
    connection.close();
    connection.retry_at_ns = retry_at_ns;
    ++down_;
}

// All that was under way is lost; the first of it for the reason given.
void Lane::lose(
    Connection& connection, Failure failure, std::string_view why, std::int64_t now_ns
) {
    const bool mattered = !connection.quiet();
    if (mattered) {
        tally_.remember(why);
    }
    under_way_ -= connection.under_way();
    while (!connection.quiet()) {
        tally_.failed(connection.pop(), now_ns, std::exchange(failure, Failure::Lost));
    }
    // One that served and was closed in peace is made again at once; else ever longer pauses.
    connection.pause_ns = mattered || !connection.served
                              ? std::clamp(2 * connection.pause_ns, kPauseNsMin, kPauseNsMax)
                              : 0;
    go_down(connection, now_ns + connection.pause_ns);
}

void Lane::list(Connection& connection) {
    if (!connection.listed && connection.state == Connection::State::Open && !connection.full()) {
        connection.listed = true;
        ready_[(ready_first_ + ready_count_++) % ready_.size()] = &connection;
    }
}

void Lane::go(std::int64_t now_ns) {
    if (down_ > 0) {
        for (Connection& connection : connections_) {
            if (connection.state == Connection::State::Down && connection.retry_at_ns <= now_ns) {
                connect(connection, now_ns);
            }
        }
    }
    if (queue_) {
        queue_->admit(now_ns);
    }
    dispatch(now_ns);
}

bool Lane::has_due(std::int64_t now_ns) const {
    return queue_ ? !queue_->empty() : now_ns >= 0 && now_ns < tally_.window.end_ns;
}

void Lane::dispatch(std::int64_t now_ns) {
    while (ready_count_ > 0 && has_due(now_ns)) {
        Connection& connection = *ready_[ready_first_];
        ready_first_ = (ready_first_ + 1) % ready_.size();
        --ready_count_;
        connection.listed = false;
        if (connection.state == Connection::State::Open) {
            fill(connection, now_ns);
            flush(connection);
            list(connection);
        }
    }
}

void Lane::fill(Connection& connection, std::int64_t now_ns) {
    while (!connection.full() && has_due(now_ns)) {
        const std::int64_t due = queue_ ? queue_->take() : clock_.now();
        plan_.maker->append(connection.out, due);
        connection.push(due);
        ++under_way_;
    }
}

void Lane::flush(Connection& connection) {
    const std::int64_t now = clock_.now();
    connection.mark_sent([&](std::int64_t due) {
        tally_.sent(due, now, now - std::max(due, connection.free_since_ns));
    });
    const Connection::Flow flow = connection.send_rest();
    if (flow == Connection::Flow::Ended) {
        lose(connection, Failure::Lost, std::strerror(connection.error()), now);
        return;
    }
    if ((flow == Connection::Flow::Blocked) != connection.watches_room) {
        connection.watches_room = !connection.watches_room;
        const std::uint32_t events = connection.watches_room ? EPOLLIN | EPOLLOUT : EPOLLIN;
        poller_.change(connection.socket, tag_of(connection), events);
    }
}

void Lane::on_event(std::uint32_t number, std::uint32_t events) {
    Connection& connection = connections_[number];
    if (connection.state == Connection::State::Connecting) {
        on_connecting(connection);
        return;
    }
    if (connection.state == Connection::State::Open && (events & ~std::uint32_t{EPOLLOUT}) != 0) {
        receive(connection);
    }
    if (connection.state == Connection::State::Open && (events & EPOLLOUT) != 0) {
        flush(connection);
    }
}

void Lane::receive(Connection& connection) {
    const Connection::Flow flow = connection.receive();
    const std::int64_t now = clock_.now();
    if (flow == Connection::Flow::Blocked) {
        return;
    }
    if (flow == Connection::Flow::Ended) {
        const int error = connection.error();
        lose(
            connection,
            Failure::Lost,
            error == 0 ? "the server closed the connection" : std::strerror(error),
            now
        );
        return;
    }
    const bool was_full = connection.full();
    if (!take_answers(connection, now)) {
        return;
    }
    connection.compact();
    if (was_full) {
        connection.free_since_ns = now;
    }
    list(connection);
}

// False when the connection is no more.
bool Lane::take_answers(Connection& connection, std::int64_t now_ns) {
    for (;;) {
        const Answer answer = connection.next();
        if (answer.state == Answer::State::Incomplete) {
            return true;
        }
        if (connection.quiet()) {  // a server that has no room for one more says so at once
            tally_.no_connection(now_ns);
            tally_.remember(
                fmt::format("an answer to no question: {} {}", answer.status, answer.body)
            );
            lose(connection, Failure::Lost, "", now_ns);
            return false;
        }
        if (answer.state == Answer::State::Garbled) {
            lose(connection, Failure::Garbled, answer.why, now_ns);
            return false;
        }
        connection.served = true;
        --under_way_;
        take_answer(connection.pop(), answer, now_ns);
        if (answer.closes) {
            lose(connection, Failure::Lost, "the server closed the connection", now_ns);
            return false;
        }
    }
}

void Lane::take_answer(std::int64_t due_ns, const Answer& answer, std::int64_t now_ns) {
    if (answer.status != 200) {
        tally_.refused(due_ns, now_ns, answer.status);
        if (tally_.first_wrong.empty()) {
            const std::string detail = problem_detail(answer.body).substr(0, kShownBytes);
            tally_.remember(fmt::format("{} {}", answer.status, detail));
        }
        return;
    }
    const std::int64_t units = plan_.maker->units_of(answer.body);
    if (units < 0) {
        tally_.failed(due_ns, now_ns, Failure::Wrong);
        tally_.remember(answer.body.substr(0, kShownBytes));
        return;
    }
    tally_.answered(due_ns, now_ns, static_cast<std::uint64_t>(units));
}

std::int64_t Lane::next_ns() const {
    std::int64_t next = queue_ ? queue_->next_ns() : ArrivalQueue::kNever;
    if (down_ > 0) {
        for (const Connection& connection : connections_) {
            if (connection.state == Connection::State::Down) {
                next = std::min(next, connection.retry_at_ns);
            }
        }
    }
    return next;
}

void Lane::cut(std::int64_t end_ns) {
    tally_.cut(end_ns);
    if (queue_) {
        queue_->cut(end_ns);
    }
}

void Lane::finish(std::int64_t now_ns) {
    for (Connection& connection : connections_) {
        while (!connection.quiet()) {
            tally_.unanswered(connection.pop(), now_ns);
        }
        connection.close();
    }
    under_way_ = 0;
    if (!queue_) {
        return;
    }
    queue_->admit(now_ns);
    while (!queue_->empty()) {
        tally_.unsent(queue_->take(), now_ns, 1);
    }
    for (const ArrivalQueue::GivenUp& many : queue_->given_up()) {
        tally_.unsent(many.due_ns, now_ns, many.count);
    }
}

}  // namespace patron::tools
