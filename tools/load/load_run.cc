#include "tools/load/load_run.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include "scoring/check.h"
#include "server/start_error.h"
#include "tools/load/generator.h"
#include "tools/load/interrupt.h"
#include "tools/load/live_line.h"
#include "tools/load/load_customers.h"
#include "tools/load/load_plan.h"
#include "tools/load/server_probe.h"

namespace patron::tools {
namespace {

using server::ExitCode;
using server::StartError;

constexpr std::int64_t kGatherNs = 3'600'000'000'000;  // longer than connecting may take
constexpr std::int64_t kAheadNs = 50'000'000;  // from the start of the threads to the first arrival

std::int64_t unix_ms() {
    using namespace std::chrono;
    return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

void allow_many_sockets() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

// The threads of a run: started together, watched, joined; the first failure is thrown again.
class Crew {
  public:
    explicit Crew(std::deque<Generator>& generators) {
        for (Generator& generator : generators) {
            threads_.emplace_back([this, &generator] { work(generator); });
        }
    }
    ~Crew() {
        for (std::thread& thread : threads_) {
            thread.join();
        }
    }
    Crew(const Crew&) = delete;
    Crew& operator=(const Crew&) = delete;

    // True when all are done.
    bool wait_for(std::chrono::milliseconds time) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, time, [&] { return done_ == threads_.size(); });
    }
    void throw_failure() const {
        if (failure_) {
            std::rethrow_exception(failure_);
        }
    }

  private:
    void work(Generator& generator) {
        std::exception_ptr failure;
        try {
            generator.run();
        } catch (...) {
            failure = std::current_exception();
        }
        const std::lock_guard lock(mutex_);
        ++done_;
        failure_ = failure_ ? failure_ : failure;
        changed_.notify_all();
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    std::size_t done_ = 0;
    std::exception_ptr failure_;
    std::vector<std::thread> threads_;
};

void watch(Crew& crew, LiveBoard& board, const LoadOptions& options) {
    constexpr std::chrono::milliseconds kEvery{1000};
    LiveLine line(options);
    while (!crew.wait_for(kEvery)) {
        line.show(board.take());
    }
    crew.throw_failure();
}

std::vector<ClassResult> merged(std::deque<Generator>& generators, const LoadOptions& options) {
    std::vector<ClassResult> classes;
    const auto add = [&](ClassTally& tally) {
        const auto same = std::ranges::find_if(classes, [&](const ClassResult& one) {
            return one.tally.name == tally.name;
        });
        if (same != classes.end()) {
            same->tally.merge(tally);
        } else {
            auto rate = asked_rate(options, tally.name);
            std::string unit = unit_of(options, tally.name);
            classes.push_back({std::move(tally), rate, std::move(unit)});
        }
    };
    for (Generator& generator : generators) {
        for (Lane& lane : generator.lanes()) {
            add(lane.tally());
        }
        if (Subscribers* const subscribers = generator.subscribers()) {
            add(subscribers->tally());
        }
    }
    return classes;
}

}  // namespace

LoadResult run_load(const LoadOptions& options) {
    allow_many_sockets();
    const ServerUrl url = parse_server_url(options.to);
    const SocketAddress address = resolve(url);
    if (options.fill > 0) {
        fill_server(url, options);
    }
    LoadResult result;
    result.options = options;
    look_for_customers(url, options);
    result.server_version = server_version(url);
    result.started_ms = unix_ms();

    RunClock clock;
    clock.start(kGatherNs);  // all before the run lies below 0
    LiveBoard board;
    LoadPlanner planner(options, url, result.started_ms);
    std::deque<Generator> generators;
    for (std::uint32_t part = 0; part < options.threads; ++part) {
        planner.add_to(
            generators.emplace_back(planner.generator_plan(part), address, clock, board), part
        );
    }
    const Interrupt interrupt;
    planner.before(url);
    for (Generator& generator : generators) {
        generator.gather();
    }
    clock.start(kAheadNs);
    {
        Crew crew(generators);
        watch(crew, board, options);
    }
    result.took_s = static_cast<double>(clock.now()) / 1e9;
    if (Subscribers* const subscribers = generators.front().subscribers()) {
        result.feed = FeedResult{subscribers->counts(), options.subscribers};
    }
    result.classes = merged(generators, options);
    result.interrupted = Interrupt::came_ns() != 0;
    generators.clear();  // who listens shall not hear of what comes now
    try {
        planner.after(url);
    } catch (const StartError& error) {
        result.trouble_after = error.what();  // the figures stand all the same
    }
    if (result.counted_seconds() == 0) {
        throw StartError(ExitCode::Findings, "interrupted before anything was counted");
    }
    return result;
}

}  // namespace patron::tools
