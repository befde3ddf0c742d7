// Many listeners and one who makes changes, in one pinned thread: how many messages arrive, and how long
// each was on its way from the instant its change was due.
//
//     stream_listeners --port P --server-pid N [options]      prints one JSON object; exit 1 at anything wrong

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>

#include <CLI/CLI.hpp>
#include <fmt/core.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include "bench/e2e/change_load.h"
#include "bench/e2e/latency_histogram.h"
#include "bench/e2e/sockets.h"
#include "bench/e2e/stream_clients.h"

namespace patron::bench {
namespace {

constexpr int kEventsMax = 256;
constexpr std::int64_t kNsPerSecond = 1'000'000'000;
constexpr std::int64_t kSilenceNsMax = 10 * kNsPerSecond;
constexpr std::uint32_t kOwners = 100;
constexpr std::uint64_t kLoadTag = ~std::uint64_t{0};

struct Options {
    std::uint16_t port = 0;
    int server_pid = 0;
    std::uint32_t listeners = 1'000;
    std::uint32_t per_address = 10'000;
    std::uint32_t customers = 39'000;
    std::uint32_t named = 390;
    std::string filter = "all";
    std::uint32_t body = 100;
    std::uint32_t window = 200;
    double rate = 0;
    double warmup_s = 0.3;
    double seconds = 1;
    int core = 1;
};

void declare(CLI::App& app, Options& o) {
    app.add_option("--port", o.port)->required();
    app.add_option("--server-pid", o.server_pid, "whose CPU time is told")->required();
    app.add_option("--listeners", o.listeners);
    app.add_option("--per-address", o.per_address, "listeners that come from one address");
    app.add_option("--customers", o.customers);
    app.add_option("--filter", o.filter, "all, customers or owners: what each listener asks for")
        ->check(CLI::IsMember({"all", "customers", "owners"}));
    app.add_option("--named", o.named, "customers that a listener names; a target has 4,096 bytes");
    app.add_option("--body", o.body, "changes in one request");
    app.add_option("--window", o.window, "changes under way, when no rate is given");
    app.add_option("--rate", o.rate, "changes a second; 0: as many as arrive");
    app.add_option("--warmup", o.warmup_s, "seconds");
    app.add_option("--seconds", o.seconds);
    app.add_option("--core", o.core, "-1: any");
}

std::string query_of(const Options& o, std::uint32_t listener) {
    if (o.filter == "owners") {
        return fmt::format("?owner=o{:02}", listener % kOwners);
    }
    if (o.filter != "customers") {
        return "";
    }
    std::string query = "?customer=";
    for (std::uint32_t i = 0; i < o.named; ++i) {
        const std::uint64_t place = static_cast<std::uint64_t>(listener) * o.named + i;
        query += fmt::format("{}C{:08}", i == 0 ? "" : ",", place % o.customers);
    }
    return query;
}

// Nanoseconds that all threads of the process have run.
std::uint64_t cpu_ns_of(int pid) {
    std::uint64_t total = 0;
    for (const auto& task :
         std::filesystem::directory_iterator(fmt::format("/proc/{}/task", pid))) {
        std::uint64_t ns = 0;
        std::ifstream(task.path() / "schedstat") >> ns;
        total += ns;
    }
    return total;
}

double own_cpu_s() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](timeval time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

struct Counted {
    std::int64_t at_ns = 0;
    std::uint64_t posted = 0;
    std::uint64_t server_ns = 0;
    double own_s = 0;
    Heard heard;
};

class Run {
  public:
    explicit Run(const Options& options)
        : options_(options)
        , clients_([this](std::uint32_t customer) { time(customer); })
        , load_(options.port, options.customers)
        , epoll_(checked(epoll_create1(0), "epoll_create1")) {}
    ~Run() { close(epoll_); }
    Run(const Run&) = delete;
    Run& operator=(const Run&) = delete;

    void gather() {
        load_.prepare();
        for (std::uint32_t i = 0; i < options_.listeners; ++i) {
            clients_.connect(options_.port, 1 + i / options_.per_address, query_of(options_, i));
            watch(EPOLL_CTL_ADD, clients_.socket(i), i, EPOLLIN);
        }
        watch(EPOLL_CTL_ADD, load_.socket(), kLoadTag, EPOLLIN);
        until([this] { return clients_.heard().others >= clients_.size(); }, "not greeted");
    }

    void measure() {
        now_ns_ = begun_ns_ = steady_ns();
        go_until(begun_ns_ + ns_of(options_.warmup_s));
        begun_ = counted();
        measuring_ = true;
        go_until(begun_.at_ns + ns_of(options_.seconds));
        measuring_ = false;
        ended_ = counted();
    }

    void print() const;

  private:
    static std::int64_t ns_of(double seconds) {
        return std::llround(seconds * static_cast<double>(kNsPerSecond));
    }

    Counted counted() const {
        return {
            steady_ns(),
            load_.posted(),
            cpu_ns_of(options_.server_pid),
            own_cpu_s(),
            clients_.heard()
        };
    }

    void time(std::uint32_t customer) {
        if (measuring_) {
            const std::int64_t took = now_ns_ - load_.due_ns(customer);
            latencies_.add(static_cast<std::uint64_t>(std::max<std::int64_t>(took, 0)));
        }
    }

    void watch(int operation, int socket, std::uint64_t tag, std::uint32_t events) const {
        epoll_event event{};
        event.events = events;
        event.data.u64 = tag;
        checked(epoll_ctl(epoll_, operation, socket, &event), "epoll_ctl");
    }

    template <typename Done>
    void until(Done done, const char* otherwise) {
        const std::int64_t end = steady_ns() + kSilenceNsMax;
        while (!done()) {
            step(end);
            if (steady_ns() > end) {
                fail(otherwise);
            }
        }
    }

    void go_until(std::int64_t end_ns) {
        while (now_ns_ < end_ns) {
            step(std::min(end_ns, post_what_is_due()));
        }
    }

    // When there will be more to post.
    std::int64_t post_what_is_due() {
        if (options_.rate <= 0) {
            const std::uint64_t arrived = clients_.heard().changes / options_.listeners;
            while (load_.posted() - arrived + options_.body <= options_.window) {
                post(now_ns_);
            }
            return now_ns_ + kSilenceNsMax;
        }
        const double changes_per_ns = options_.rate / static_cast<double>(kNsPerSecond);
        while (true) {
            const auto due =
                begun_ns_ + std::llround(static_cast<double>(load_.posted()) / changes_per_ns);
            if (due > now_ns_) {
                return due;
            }
            post(due);
        }
    }

    void post(std::int64_t due_ns) {
        load_.post(options_.body, due_ns);
        watch_room();
    }

    void watch_room() {
        if (load_.wants_room() != room_watched_) {
            room_watched_ = !room_watched_;
            const std::uint32_t events = room_watched_ ? EPOLLIN | EPOLLOUT : EPOLLIN;
            watch(EPOLL_CTL_MOD, load_.socket(), kLoadTag, events);
        }
    }

    void step(std::int64_t until_ns) {
        const std::int64_t wait = std::max<std::int64_t>(until_ns - steady_ns(), 0);
        const timespec timeout{wait / kNsPerSecond, wait % kNsPerSecond};
        std::array<epoll_event, kEventsMax> events;
        const int count = checked(
            epoll_pwait2(epoll_, events.data(), kEventsMax, &timeout, nullptr), "epoll_wait"
        );
        now_ns_ = steady_ns();
        if (count == 0 && wait >= kSilenceNsMax - kNsPerSecond) {
            fail("nothing arrives any more");
        }
        for (int i = 0; i < count; ++i) {
            const std::uint64_t tag = events[static_cast<std::size_t>(i)].data.u64;
            if (tag == kLoadTag) {
                load_.go_on();
                watch_room();
            } else {
                now_ns_ = measuring_ ? steady_ns() : now_ns_;
                clients_.hear(tag);
            }
        }
    }

    const Options& options_;
    StreamClients clients_;
    ChangeLoad load_;
    const int epoll_;
    bool room_watched_ = false;
    bool measuring_ = false;
    std::int64_t now_ns_ = 0;
    std::int64_t begun_ns_ = 0;
    Counted begun_;
    Counted ended_;
    LatencyHistogram latencies_;
};

void Run::print() const {
    const auto ms = [](std::uint64_t ns) {
        return static_cast<double>(ns) / 1e6;
    };
    const double seconds = static_cast<double>(ended_.at_ns - begun_.at_ns) / 1e9;
    const std::uint64_t frames = ended_.heard.changes - begun_.heard.changes;
    const std::uint64_t bytes = ended_.heard.bytes - begun_.heard.bytes;
    const auto per_frame = [&](std::uint64_t amount) {
        return static_cast<double>(amount) /
               static_cast<double>(std::max<std::uint64_t>(frames, 1));
    };
    fmt::print(
        R"({{"rate":{:.0f},"seconds":{:.4f},"units":{},"units_all":{},"changes_posted_rate":{:.0f},)"
        R"("bytes_rate":{:.0f},"bytes_per_frame":{:.1f},"server_ns_per_frame":{:.1f},)"
        R"("server_share":{:.3f},"own_share":{:.3f},"other_messages":{},)"
        R"("p50_ms":{:.3f},"p99_ms":{:.3f},"max_ms":{:.3f}}})"
        "\n",
        static_cast<double>(frames) / seconds,
        seconds,
        frames,
        std::max<std::uint64_t>(ended_.heard.changes, 1),
        static_cast<double>(ended_.posted - begun_.posted) / seconds,
        static_cast<double>(bytes) / seconds,
        per_frame(bytes),
        per_frame(ended_.server_ns - begun_.server_ns),
        static_cast<double>(ended_.server_ns - begun_.server_ns) / 1e9 / seconds,
        (ended_.own_s - begun_.own_s) / seconds,
        ended_.heard.others - begun_.heard.others,
        ms(latencies_.quantile_ns(0.5)),
        ms(latencies_.quantile_ns(0.99)),
        ms(latencies_.max_ns())
    );
}

void allow_many_sockets() {
    rlimit limit{};
    checked(getrlimit(RLIMIT_NOFILE, &limit), "getrlimit");
    limit.rlim_cur = limit.rlim_max;
    checked(setrlimit(RLIMIT_NOFILE, &limit), "setrlimit");
}

}  // namespace
}  // namespace patron::bench

int main(int argc, char** argv) {
    CLI::App app("Listeners of a live stream, and the changes they hear of");
    patron::bench::Options options;
    patron::bench::declare(app, options);
    CLI11_PARSE(app, argc, argv);
    if (options.listeners == 0 || options.body == 0 || options.window < options.body ||
        options.customers < 2 * options.window || options.per_address == 0) {
        patron::bench::fail("listeners, body, per-address > 0; body <= window <= customers / 2");
    }
    if (options.core >= 0) {
        patron::bench::pin_to_core(options.core);
    }
    patron::bench::allow_many_sockets();
    const auto run = std::make_unique<patron::bench::Run>(options);
    run->gather();
    run->measure();
    run->print();
}
