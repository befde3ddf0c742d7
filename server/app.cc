#include "server/app.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include <spdlog/async.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "server/build_info.h"
#include "server/connection_metrics.h"
#include "server/descriptor_limit.h"
#include "server/end_signals.h"
#include "server/endpoints/api.h"
#include "server/net/http_server.h"
#include "server/open_store.h"
#include "server/start_error.h"
#include "server/start_fault.h"
#include "server/store_stream_source.h"
#include "store/clock.h"
#include "store/store.h"

namespace patron::server {
namespace {

constexpr std::chrono::milliseconds kDrainGrace{10'000};
constexpr std::size_t kLogLinesMax = 8'192;   // waiting for stderr; beyond, the oldest is dropped
constexpr std::size_t kOwnDescriptors = 128;  // beside the connections: log, snapshots, listeners

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

std::unique_ptr<store::Clock> make_clock(const Options& options) {
    if (options.clock) {
        return std::make_unique<store::FixedClock>(*options.clock);
    }
    return std::make_unique<store::SystemClock>();
}

std::string in_words(const store::SnapshotInfo& snapshot) {
    return snapshot.name + " of " + std::to_string(snapshot.rows) + " customers";
}

void log_recovery(
    spdlog::logger& log, const store::RecoveryReport& report, std::uint64_t customers
) {
    for (const std::string& notice : report.notices) {
        log.warn(notice);
    }
    log.info(
        "recovered {} customers, seq {}: {} in {:.1f} s, {} events replayed in {:.1f} s",
        customers,
        report.seq,
        report.snapshot ? "snapshot " + in_words(*report.snapshot) : "no snapshot",
        report.snapshot_seconds,
        report.replayed,
        report.replay_seconds
    );
}

void log_end(spdlog::logger& log, const store::Store& store) {
    const store::KeepStatus kept = store.keep_status();
    if (!kept.last_failure.empty()) {
        log.warn("the last snapshot that failed: {}", kept.last_failure);
    }
    log.info(
        "stopped at seq {} with {} customers, last snapshot: {}",
        store.applied_seq(),
        store.customers(),
        kept.last_snapshot ? in_words(*kept.last_snapshot) : "none"
    );
}

net::ServerOptions net_options(const Options& options) {
    net::ServerOptions out;
    out.address = options.listen.address;
    out.port = options.listen.port;
    out.io_threads = static_cast<unsigned>(options.io_threads);
    out.connections_max = options.connections_max;
    out.body_bytes_max = options.body_bytes_max;
    out.streams_max = options.streams_max;
    out.streams_per_client_max = options.streams_per_client_max;
    return out;
}

std::unique_ptr<net::HttpServer> listen(
    const Options& options, endpoints::Handler& handler, net::StreamSource& streams
) {
    try {
        return std::make_unique<net::HttpServer>(net_options(options), handler, &streams);
    } catch (const std::runtime_error& error) {
        throw StartError(ExitCode::Unavailable, error.what());
    }
}

std::string url_of(const Options& options, std::uint16_t port) {
    const std::string& address = options.listen.address;
    const bool v6 = address.find(':') != std::string::npos;
    return "http://" + (v6 ? "[" + address + "]" : address) + ":" + std::to_string(port);
}

void raise_limits(spdlog::logger& log, const Options& options) {
    const std::size_t wanted = options.connections_max + kOwnDescriptors;
    if (const std::size_t may = raise_descriptor_limit(wanted); may < wanted) {
        log.warn(
            "{} connections are allowed, but only {} files may be open: raise the hard limit "
            "(LimitNOFILE=, ulimit -Hn)",
            options.connections_max,
            may
        );
    }
}

// The first line is for programs: they read it to learn the port.
void announce(const std::string& url, const std::string& keeping) {
    if (std::printf("patron listening on %s\n%s\n", url.c_str(), keeping.c_str()) < 0 ||
        std::fflush(stdout) != 0) {
        throw StartError(
            ExitCode::IoError, std::string("cannot write to stdout: ") + std::strerror(errno)
        );
    }
}

class App {
  public:
    App(const Options& options, const EndSignals& signals)
        : signals_(signals)
        , options_(options)
        , log_(open_log(options.log_level))
        , clock_(make_clock(options))
        , store_(open_store(options, *clock_))
        , api_(*store_, api_options(options))
        , streams_(*store_)
        , http_(listen(options, api_, streams_))
        , url_(url_of(options, http_->port()))
        , keeping_(keeping_in_words(options))
        , folder_(data_folder(options)) {}
    ~App() {
        end_store();
        spdlog::shutdown();
    }
    App(const App&) = delete;
    App& operator=(const App&) = delete;

    void run() {
        const scoring::Policy& policy = store_->policy().policy;
        raise_limits(*log_, options_);
        http_->start();
        announce(url_, keeping_);
        log_->info("listening on {}, policy {}@{}", url_, policy.name, policy.revision);
        log_->info(keeping_);
        recovery_ = std::thread([this] { watch_recovery(); });
        const int signal = signals_.wait();
        signals_.release();
        stopping_ = true;
        if (!recovery_failed_) {
            log_->info("signal {}: finishing", signal);
        }
        http_->stop(kDrainGrace);
        end_store();
        if (recovery_fault_) {
            throw start_error_of(folder_, *recovery_fault_);
        }
        log_end(*log_, *store_);
    }

  private:
    endpoints::ApiOptions api_options(const Options& from) {
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
            const net::NetTotals totals = http_->totals();
            auto families = connection_metrics(totals);
            std::ranges::move(stream_metrics(totals), std::back_inserter(families));
            return families;
        };
        options.backups_folder = backups_folder(from);
        return options;
    }

    // Its own thread: the main one waits for signals meanwhile.
    void watch_recovery() {
        const store::Result<store::RecoveryReport> report = store_->wait_until_ready();
        if (report && folder_.empty()) {
            log_->info("ready");
        } else if (report) {
            log_recovery(*log_, *report, store_->customers());
        } else if (!stopping_) {
            recovery_fault_ = report.error();
            recovery_failed_ = true;
            signals_.raise();
        }
    }

    // Recovery, if it goes on, ends with the store.
    void end_store() {
        store_->stop();
        if (recovery_.joinable()) {
            recovery_.join();
        }
    }

    const EndSignals& signals_;
    const Options& options_;
    std::shared_ptr<spdlog::logger> log_;
    std::atomic<bool> stopping_{false};
    std::atomic<bool> recovery_failed_{false};
    std::unique_ptr<store::Clock> clock_;
    std::unique_ptr<store::Store> store_;
    endpoints::Api api_;
    StoreStreamSource streams_;
    std::unique_ptr<net::HttpServer> http_;
    std::string url_;
    std::string keeping_;
    std::string folder_;                          // empty: nothing is kept
    std::optional<store::Fault> recovery_fault_;  // of the thread, until it is joined
    std::thread recovery_;
};

}  // namespace

void serve(const Options& options) {
    const EndSignals signals;
    App(options, signals).run();
}

}  // namespace patron::server
