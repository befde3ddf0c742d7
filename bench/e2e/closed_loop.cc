#include "bench/e2e/closed_loop.h"

#include <array>
#include <chrono>
#include <cstring>
#include <memory>
#include <vector>

#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/e2e/sockets.h"

namespace patron::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kReadBytes = 256 * 1024;
constexpr int kEventsMax = 256;
constexpr int kSilenceMsMax = 30'000;
constexpr std::size_t kKeptBytesMax = 600;

double seconds_between(Clock::time_point from, Clock::time_point to) {
    return std::chrono::duration<double>(to - from).count();
}

double cpu_seconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](timeval time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

struct Connection {
    int socket = -1;
    std::string out;
    std::size_t out_done = 0;
    Batch batch;
    std::uint32_t answered = 0;
    bool busy = false;
    bool waits_for_room = false;
    Clock::time_point sent_at;
    std::size_t in_bytes = 0;
    std::array<char, kReadBytes> in;
};

class ClosedLoop {
  public:
    ClosedLoop(Workload& workload, const LoopOptions& options);
    ~ClosedLoop();
    LoopResult run();

  private:
    void say_next(Connection& connection);
    void send_rest(Connection& connection);
    void watch(Connection& connection, int operation, bool for_room) const;
    void hear(Connection& connection);
    std::size_t take_answers(Connection& connection);
    void note_wrong(std::string_view answer);
    void finish_batch(Connection& connection);
    void step();
    bool is_enough(double in_phase_s) const;
    void update_phase();
    void begin_measuring();
    void end_measuring();

    enum class Phase { WarmUp, Measured, Over };

    Workload& workload_;
    const LoopOptions options_;
    const int epoll_;
    std::vector<std::unique_ptr<Connection>> connections_;
    std::size_t busy_ = 0;
    Phase phase_ = Phase::WarmUp;
    Clock::time_point now_ = Clock::now();
    Clock::time_point phase_began_ = now_;
    double cpu_at_start_s_ = 0;
    LoopResult result_;
};

ClosedLoop::ClosedLoop(Workload& workload, const LoopOptions& options)
    : workload_(workload), options_(options), epoll_(checked(epoll_create1(0), "epoll_create1")) {
    for (std::uint32_t i = 0; i < options.connections; ++i) {
        auto& connection = *connections_.emplace_back(std::make_unique<Connection>());
        connection.socket = connect_to_loopback(options.port);
        watch(connection, EPOLL_CTL_ADD, false);
    }
}

ClosedLoop::~ClosedLoop() {
    for (const auto& connection : connections_) {
        close(connection->socket);
    }
    close(epoll_);
}

LoopResult ClosedLoop::run() {
    if (options_.warmup_s <= 0) {
        begin_measuring();
    }
    for (const auto& connection : connections_) {
        say_next(*connection);
    }
    while (busy_ != 0) {
        step();
    }
    if (phase_ == Phase::Measured) {
        end_measuring();
    }
    return std::move(result_);
}

void ClosedLoop::watch(Connection& connection, int operation, bool for_room) const {
    epoll_event event{};
    event.events = for_room ? EPOLLIN | EPOLLOUT : EPOLLIN;
    event.data.ptr = &connection;
    checked(epoll_ctl(epoll_, operation, connection.socket, &event), "epoll_ctl");
    connection.waits_for_room = for_room;
}

void ClosedLoop::say_next(Connection& connection) {
    connection.batch = phase_ == Phase::Over ? Batch{} : workload_.next(connection.out);
    const bool more = connection.batch.answers != 0;
    busy_ += static_cast<std::size_t>(more) - static_cast<std::size_t>(connection.busy);
    connection.busy = more;
    if (more) {
        connection.answered = 0;
        connection.out_done = 0;
        connection.sent_at = Clock::now();
        send_rest(connection);
    }
}

void ClosedLoop::send_rest(Connection& connection) {
    while (connection.out_done < connection.out.size()) {
        const char* rest = connection.out.data() + connection.out_done;
        const ssize_t sent = send(
            connection.socket, rest, connection.out.size() - connection.out_done, MSG_NOSIGNAL
        );
        if (sent < 0 && errno == EAGAIN) {
            if (!connection.waits_for_room) {
                watch(connection, EPOLL_CTL_MOD, true);
            }
            return;
        }
        connection.out_done += static_cast<std::size_t>(checked(sent, "send"));
    }
    if (connection.waits_for_room) {
        watch(connection, EPOLL_CTL_MOD, false);
    }
}

void ClosedLoop::hear(Connection& connection) {
    const std::size_t room = connection.in.size() - connection.in_bytes;
    const ssize_t got =
        recv(connection.socket, connection.in.data() + connection.in_bytes, room, 0);
    if (got < 0 && errno == EAGAIN) {
        return;
    }
    if (checked(got, "recv") == 0) {
        fail("the server closed a connection, or an answer is too long");
    }
    connection.in_bytes += static_cast<std::size_t>(got);
    now_ = Clock::now();
    const std::size_t taken = take_answers(connection);
    result_.bytes_in += phase_ == Phase::Measured ? taken : 0;
    connection.in_bytes -= taken;
    if (connection.in_bytes != 0 && taken != 0) {
        std::memmove(connection.in.data(), connection.in.data() + taken, connection.in_bytes);
    }
    if (connection.busy && connection.answered == connection.batch.answers) {
        finish_batch(connection);
    }
}

std::size_t ClosedLoop::take_answers(Connection& connection) {
    const std::string_view input(connection.in.data(), connection.in_bytes);
    std::size_t used = 0;
    while (used < input.size() && connection.answered < connection.batch.answers) {
        const Asked asked{connection.out, connection.answered, connection.batch.units};
        const Taken taken = workload_.take(input.substr(used), asked);
        if (taken.bytes == 0) {
            return used;
        }
        if (!taken.ok) {
            note_wrong(input.substr(used, taken.bytes));
        }
        used += taken.bytes;
        ++connection.answered;
    }
    if (used < input.size()) {
        fail("more answers than questions");
    }
    return used;
}

void ClosedLoop::note_wrong(std::string_view answer) {
    if (result_.wrong++ == 0) {
        result_.first_wrong = answer.substr(0, kKeptBytesMax);
    }
}

void ClosedLoop::finish_batch(Connection& connection) {
    result_.units_all += connection.batch.units;
    if (phase_ == Phase::Measured) {
        const auto latency = std::chrono::nanoseconds(now_ - connection.sent_at).count();
        result_.latencies.add(static_cast<std::uint64_t>(latency));
        result_.units += connection.batch.units;
        result_.bytes_out += connection.out.size();
        ++result_.batches;
    }
    update_phase();
    say_next(connection);
}

void ClosedLoop::step() {
    std::array<epoll_event, kEventsMax> events;
    const int count =
        checked(epoll_wait(epoll_, events.data(), kEventsMax, kSilenceMsMax), "epoll_wait");
    if (count == 0) {
        fail("no answer for 30 seconds");
    }
    for (int i = 0; i < count; ++i) {
        auto& connection = *static_cast<Connection*>(events[static_cast<std::size_t>(i)].data.ptr);
        if ((events[static_cast<std::size_t>(i)].events & EPOLLOUT) != 0) {
            send_rest(connection);
        }
        if ((events[static_cast<std::size_t>(i)].events & ~EPOLLOUT) != 0) {
            hear(connection);
        }
    }
}

bool ClosedLoop::is_enough(double in_phase_s) const {
    return (options_.seconds > 0 && in_phase_s >= options_.seconds) ||
           (options_.units != 0 && result_.units_all >= options_.units);
}

void ClosedLoop::update_phase() {
    const double in_phase_s = seconds_between(phase_began_, now_);
    if (phase_ == Phase::WarmUp && in_phase_s >= options_.warmup_s) {
        begin_measuring();
    } else if (phase_ == Phase::Measured && is_enough(in_phase_s)) {
        end_measuring();
    }
}

void ClosedLoop::begin_measuring() {
    phase_ = Phase::Measured;
    phase_began_ = now_ = Clock::now();
    cpu_at_start_s_ = cpu_seconds();
}

void ClosedLoop::end_measuring() {
    result_.seconds = seconds_between(phase_began_, now_);
    result_.cpu_s = cpu_seconds() - cpu_at_start_s_;
    phase_ = Phase::Over;
}

}  // namespace

LoopResult run_closed_loop(Workload& workload, const LoopOptions& options) {
    return ClosedLoop(workload, options).run();
}

}  // namespace patron::bench
