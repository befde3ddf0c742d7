#include "tools/patron/simulate_command.h"

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "server/wire/instant_text.h"
#include "store/clock.h"
#include "tools/patron/event_sender.h"
#include "tools/patron/progress.h"
#include "tools/patron/simulated_world.h"

namespace patron::tools {
namespace {

using server::ExitCode;
using server::StartError;

constexpr std::uint32_t kCustomersMax = 10'000'000;
constexpr std::uint32_t kDaysMax = 36'500;
constexpr std::size_t kBatchEventsMax = 8'192;

struct SimulateOptions {
    WorldOptions world;
    std::string until;
    std::string out;
    std::string to;
    std::size_t connections = 4;
    std::uint64_t rate = 0;
    bool summary = false;
    bool quiet = false;
};

// Waits so that no more than `rate` events a second have gone before.
class Pace {
  public:
    explicit Pace(std::uint64_t rate) : rate_(rate) {}

    void step() {
        constexpr std::uint64_t kEventsPerLook = 64;
        if (rate_ == 0 || ++events_ % kEventsPerLook != 0) {
            return;
        }
        const double seconds = static_cast<double>(events_) / static_cast<double>(rate_);
        std::this_thread::sleep_until(start_ + std::chrono::duration<double>(seconds));
    }

  private:
    std::uint64_t rate_;
    std::uint64_t events_ = 0;
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

class LineFile {
  public:
    explicit LineFile(const std::string& path)
        : path_(path), file_(path == "-" ? stdout : std::fopen(path.c_str(), "we")) {
        if (file_ == nullptr) {
            fail(ExitCode::CannotCreate);
        }
    }
    ~LineFile() {
        if (file_ != nullptr && file_ != stdout) {
            std::fclose(file_);
        }
    }
    LineFile(const LineFile&) = delete;
    LineFile& operator=(const LineFile&) = delete;

    void write(std::string_view line) {
        if (std::fwrite(line.data(), 1, line.size(), file_) != line.size()) {
            fail(ExitCode::IoError);
        }
    }
    void finish() {
        if (std::fflush(file_) != 0) {
            fail(ExitCode::IoError);
        }
    }

  private:
    [[noreturn]] void fail(ExitCode code) const {
        throw StartError(code, "cannot write " + path_ + ": " + std::strerror(errno));
    }

    std::string path_;
    std::FILE* file_;
};

WorldOptions world_of(const SimulateOptions& options) {
    WorldOptions world = options.world;
    world.until = store::SystemClock().now();
    if (!options.until.empty()) {
        const auto until = wire::parse_instant(options.until);
        if (!until) {
            throw StartError(
                ExitCode::Usage, "--until '" + options.until + "' is no RFC 3339 time"
            );
        }
        world.until = *until;
    }
    if (!wire::in_wire_range(world.from())) {
        throw StartError(ExitCode::Usage, "--days reaches back before the year 1900");
    }
    return world;
}

WorldTruth write_world(const WorldOptions& world, const SimulateOptions& options) {
    LineFile file(options.out);
    Progress progress("events", options.quiet);
    Pace pace(options.rate);
    std::uint64_t events = 0;
    const WorldTruth truth = simulate_world(world, [&](std::string_view, std::string_view line) {
        file.write(line);
        pace.step();
        progress.step(++events, [] { return std::optional<double>(); });
    });
    file.finish();
    return truth;
}

struct Sent {
    WorldTruth truth;
    SendTotals totals;
    std::string first_refusal;
};

Sent send_world(const WorldOptions& world, const SimulateOptions& options) {
    Sent sent;
    EventSender sender(
        {parse_server_url(options.to), options.connections, 512 * 1024, kBatchEventsMax},
        [&](const RefusedEvent& event) {
            if (sent.first_refusal.empty()) {
                sent.first_refusal = event.refusal.detail + ": " + std::string(event.line);
            }
        }
    );
    Progress progress("events", options.quiet);
    Pace pace(options.rate);
    std::uint64_t events = 0;
    sent.truth = simulate_world(world, [&](std::string_view customer, std::string_view line) {
        sender.send(customer, line, ++events);
        pace.step();
        progress.step(events, [] { return std::optional<double>(); });
    });
    sent.totals = sender.finish();
    return sent;
}

ExitCode simulate_to_server(const WorldOptions& world, const SimulateOptions& options) {
    const auto start = std::chrono::steady_clock::now();
    const Sent sent = send_world(world, options);
    const double seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    const SendTotals& totals = sent.totals;
    if (options.summary) {
        fmt::print("{}\n", truth_text(world, sent.truth));
    } else {
        fmt::print(
            "{} events of {} customers sent in {:.1f} s: {} accepted, {} duplicates, {} refused\n",
            totals.sent,
            world.customers,
            seconds,
            totals.accepted,
            totals.duplicates,
            totals.refused
        );
    }
    if (totals.refused > 0) {
        fmt::print(
            stderr, "patron: the server refused events, the first: {}\n", sent.first_refusal
        );
        return ExitCode::Findings;
    }
    return ExitCode::Ok;
}

ExitCode run_simulate(const SimulateOptions& options) {
    const WorldOptions world = world_of(options);
    if (!options.to.empty()) {
        return simulate_to_server(world, options);
    }
    if (options.out.empty()) {
        throw StartError(ExitCode::Usage, "simulate needs --to URL or --out FILE (- is stdout)");
    }
    const WorldTruth truth = write_world(world, options);
    if (options.summary) {
        fmt::print(options.out == "-" ? stderr : stdout, "{}\n", truth_text(world, truth));
    }
    return ExitCode::Ok;
}

void add_model_options(CLI::App& command, WorldOptions& world) {
    const auto positive = CLI::PositiveNumber;
    command.add_option("--r", world.r, "purchase rate ~ Gamma(r, alpha)")->check(positive);
    command.add_option("--alpha", world.alpha_weeks, "in weeks")->check(positive);
    command.add_option("--a", world.a, "dropout after a purchase ~ Beta(a, b)")->check(positive);
    command.add_option("--b", world.b)->check(positive);
    command.add_option("--amount", world.amount_mean, "median order")
        ->check(CLI::Range(0.01, 100'000.0));
    for (const char* name : {"--r", "--alpha", "--a", "--b", "--amount"}) {
        command.get_option(name)->capture_default_str();
    }
}

}  // namespace

void add_simulate_command(CLI::App& app, Run& run) {
    auto options = std::make_shared<SimulateOptions>();
    CLI::App* command = app.add_subcommand("simulate", "make the events of a shop that never was");
    command->add_option("--customers", options->world.customers)
        ->check(CLI::Range(1U, kCustomersMax))
        ->capture_default_str();
    command->add_option("--days", options->world.days, "of history before --until")
        ->check(CLI::Range(1U, kDaysMax))
        ->capture_default_str();
    command->add_option("--seed", options->world.seed, "the same seed and --until: the same bytes")
        ->capture_default_str();
    command->add_option("--until", options->until, "RFC 3339; now, if left out");
    CLI::Option* to = command->add_option("--to", options->to, "send to this server");
    command->add_option("--out", options->out, "write NDJSON to this file; - is stdout")
        ->excludes(to);
    command->add_option("--connections", options->connections)
        ->check(CLI::Range(std::size_t{1}, std::size_t{64}))
        ->capture_default_str();
    command->add_option("--rate", options->rate, "events a second at most; 0: as fast as it goes");
    add_model_options(*command, options->world);
    command->add_flag("--summary", options->summary, "print the truth about the world as JSON");
    command->add_flag("--quiet", options->quiet, "no progress line");
    command->callback([options, &run] {
        run = [options] {
            return run_simulate(*options);
        };
    });
}

}  // namespace patron::tools
