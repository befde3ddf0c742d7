#include "server/app.h"

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <memory>
#include <random>
#include <string>

#include <spdlog/async.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "server/build_info.h"
#include "server/connection_metrics.h"
#include "server/endpoints/api.h"
#include "server/net/http_server.h"
#include "server/policy_file.h"
#include "server/start_error.h"
#include "store/clock.h"
#include "store/event_log.h"
#include "store/store.h"

namespace patron::server {
namespace {

constexpr std::chrono::milliseconds kDrainGrace{10'000};
constexpr std::size_t kLogLinesMax = 8'192;  // waiting for stderr; beyond, the oldest is dropped

std::shared_ptr<spdlog::logger> open_log(const std::string& level) {
    spdlog::init_thread_pool(kLogLinesMax, 1);
    auto log = std::make_shared<spdlog::async_logger>(
        "patron",
        std::make_shared<spdlog::sinks::stderr_sink_mt>(),
        spdlog::thread_pool(),
        spdlog::async_overflow_policy::overrun_oldest
    );
    log->set_level(spdlog::level::from_str(level));
    log->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %l %v");
    return log;
}

// The two signals that end the server, kept from every thread and taken one by one.
class EndSignals {
  public:
    // Before any thread starts: threads inherit the mask.
    EndSignals() {
        std::signal(SIGPIPE, SIG_IGN);
        sigemptyset(&set_);
        sigaddset(&set_, SIGTERM);
        sigaddset(&set_, SIGINT);
        if (const int error = pthread_sigmask(SIG_BLOCK, &set_, nullptr); error != 0) {
            throw StartError(
                ExitCode::OsError, std::string("cannot hold back signals: ") + std::strerror(error)
            );
        }
    }
    int wait() const {
        int signal = 0;
        while (sigwait(&set_, &signal) != 0) {
        }
        return signal;
    }
    // From here on a signal ends the process at once.
    void release() const { pthread_sigmask(SIG_UNBLOCK, &set_, nullptr); }

  private:
    sigset_t set_{};
};

std::unique_ptr<store::Clock> make_clock(const Options& options) {
    if (options.clock) {
        return std::make_unique<store::FixedClock>(*options.clock);
    }
    return std::make_unique<store::SystemClock>();
}

scoring::FactSchema schema_of(const Options& options) {
    scoring::FactSchema schema;
    schema.currency = options.currency;
    schema.currency_digits = options.currency_digits;
    schema.time_zone = options.time_zone;
    return schema;
}

std::uint64_t random_seed() {
    std::random_device source;
    return (std::uint64_t{source()} << 32U) | source();
}

std::unique_ptr<store::Store> open_store(const Options& options, const store::Clock& clock) {
    store::StoreOptions about;
    about.schema = schema_of(options);
    about.policy = load_policy(options.policy_file, about.schema);
    about.clock = &clock;
    about.log = store::make_memory_only_log();
    about.threads = options.beat_threads;
    about.dedupe_window = options.dedupe_window;
    about.customers_max = options.customers_max;
    about.hash_seed = random_seed();
    auto opened = store::Store::open(std::move(about));
    if (!opened) {
        throw StartError(ExitCode::Config, "the store cannot open: " + opened.error().detail);
    }
    return std::move(*opened);
}

net::ServerOptions net_options(const Options& options) {
    net::ServerOptions out;
    out.address = options.listen.address;
    out.port = options.listen.port;
    out.io_threads = static_cast<unsigned>(options.io_threads);
    out.connections_max = options.connections_max;
    out.body_bytes_max = options.body_bytes_max;
    return out;
}

std::unique_ptr<net::HttpServer> listen(const Options& options, endpoints::Handler& handler) {
    try {
        return std::make_unique<net::HttpServer>(net_options(options), handler);
    } catch (const std::runtime_error& error) {
        throw StartError(ExitCode::Unavailable, error.what());
    }
}

std::string url_of(const Options& options, std::uint16_t port) {
    const std::string& address = options.listen.address;
    const bool v6 = address.find(':') != std::string::npos;
    return "http://" + (v6 ? "[" + address + "]" : address) + ":" + std::to_string(port);
}

// The first line is for programs: they read it to learn the port.
void announce(const std::string& url) {
    if (std::printf("patron listening on %s\n", url.c_str()) < 0 || std::fflush(stdout) != 0) {
        throw StartError(
            ExitCode::IoError, std::string("cannot write to stdout: ") + std::strerror(errno)
        );
    }
    std::puts(
        "events are kept in memory only (--data none): nothing survives the end of the process"
    );
    std::fflush(stdout);
}

class App {
  public:
    explicit App(const Options& options)
        : log_(open_log(options.log_level))
        , clock_(make_clock(options))
        , store_(open_store(options, *clock_))
        , api_(*store_, api_options())
        , http_(listen(options, api_))
        , url_(url_of(options, http_->port())) {}
    ~App() { spdlog::shutdown(); }
    App(const App&) = delete;
    App& operator=(const App&) = delete;

    void run(const EndSignals& signals) {
        const scoring::Policy& policy = store_->policy().policy;
        http_->start();
        announce(url_);
        log_->info("serving on {}, policy {}@{}", url_, policy.name, policy.revision);
        const int signal = signals.wait();
        signals.release();
        log_->info("signal {}: finishing", signal);
        stopping_ = true;
        http_->stop(kDrainGrace);
        store_->stop();
        log_->info(
            "stopped after {} events of {} customers", store_->applied_seq(), store_->customers()
        );
    }

  private:
    endpoints::ApiOptions api_options() {
        endpoints::ApiOptions options;
        options.build = {
            std::string(kVersion),
            std::string(kGitCommit),
            std::string(kBuildType),
            std::string(kCompiler)
        };
        options.readiness = [this] {
            const bool stopping = stopping_;
            return std::vector<endpoints::ReadinessCheck>{
                {"accepting", !stopping, stopping ? "the server is shutting down" : ""}
            };
        };
        options.more_metrics = [this] {
            return connection_metrics(http_->totals());
        };
        return options;
    }

    std::shared_ptr<spdlog::logger> log_;
    std::atomic<bool> stopping_{false};
    std::unique_ptr<store::Clock> clock_;
    std::unique_ptr<store::Store> store_;
    endpoints::Api api_;
    std::unique_ptr<net::HttpServer> http_;
    std::string url_;
};

}  // namespace

void serve(const Options& options) {
    const EndSignals signals;
    App app(options);
    app.run(signals);
}

}  // namespace patron::server
