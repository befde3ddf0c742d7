#include "tools/patron/load_command.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>
#include <memory>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "tools/load/load_options.h"
#include "tools/load/load_run.h"
#include "tools/load/report_html.h"
#include "tools/load/report_json.h"
#include "tools/load/report_text.h"

namespace patron::tools {
namespace {

using server::ExitCode;
using server::StartError;

constexpr std::uint32_t kCustomersMax = 10'000'000;
constexpr std::uint32_t kConnectionsMax = 20'000;
constexpr double kRateMax = 50e6;
constexpr double kDurationMax = 7 * 86'400.0;

// Opened before the run: a report that cannot be written shall not cost one.
class ReportFile {
  public:
    ReportFile(const std::string& path, std::ostream& standard) : path_(path) {
        if (path.empty()) {
            return;
        }
        if (path == "-") {
            to_ = &standard;
            return;
        }
        file_.open(path, std::ios::binary | std::ios::trunc);
        to_ = &file_;
        check();
    }
    bool wanted() const { return to_ != nullptr; }
    void write(const std::string& text) {
        *to_ << text;
        to_->flush();
        check();
    }

  private:
    void check() const {
        if (!*to_) {
            throw StartError(
                ExitCode::CannotCreate, "cannot write " + path_ + ": " + std::strerror(errno)
            );
        }
    }

    std::string path_;
    std::ofstream file_;
    std::ostream* to_ = nullptr;
};

ExitCode load(const LoadOptions& given, std::ostream& out) {
    const LoadOptions options = checked(given);
    ReportFile json(options.json, out);
    ReportFile html(options.html, out);
    const LoadResult result = run_load(options);
    if (options.json != "-" && options.html != "-") {
        out << report_text(result);
    }
    if (json.wanted()) {
        json.write(report_json(result));
    }
    if (html.wanted()) {
        html.write(report_html(result));
    }
    return result.interrupted || result.errors() > options.errors_max ? ExitCode::Findings
                                                                      : ExitCode::Ok;
}

// A word out of a list, turned into its meaning when the command runs.
template <class Enum>
CLI::Option* add_choice(
    CLI::App& command,
    const char* flag,
    Enum& value,
    const std::vector<std::pair<std::string, Enum>>& choices,
    const char* help
) {
    std::vector<std::string> names;
    std::string initial;
    for (const auto& [name, choice] : choices) {
        names.push_back(name);
        initial = choice == value ? name : initial;
    }
    const auto take = [&value, choices](const std::string& given) {
        value = std::ranges::find(choices, given, &std::pair<std::string, Enum>::first)->second;
    };
    return command.add_option_function<std::string>(flag, take, help)
        ->check(CLI::IsMember(names))
        ->default_str(initial);
}

void add_pace(CLI::App& command, LoadOptions& o) {
    const CLI::Range rate(1e-3, kRateMax);
    const char* const group = "Pace";
    command.add_option("--rate", o.rate, "requests a second, due whatever the server does [1000]")
        ->check(rate)
        ->type_name("N")
        ->group(group);
    command
        .add_option("--event-rate", o.event_rate, "ingest, mixed, stream: events a second [1000]")
        ->check(rate)
        ->type_name("N")
        ->group(group);
    add_choice(
        command,
        "--arrivals",
        o.arrivals,
        {{"constant", ArrivalKind::Constant}, {"poisson", ArrivalKind::Poisson}},
        "how requests are spread over time"
    )
        ->group(group);
    command
        .add_flag(
            "--closed",
            o.closed,
            "no rate: each connection sends when it was answered, which hides waiting"
        )
        ->group(group);
    command.add_option("--duration", o.duration_s, "seconds that count")
        ->check(CLI::Range(0.1, kDurationMax))
        ->group(group);
    command.add_option("--warmup", o.warmup_s, "seconds before, that do not")
        ->check(CLI::Range(0.0, kDurationMax))
        ->group(group);
    command.add_option("--drain", o.drain_s, "seconds to wait for answers at the end")
        ->check(CLI::Range(0.0, kDurationMax))
        ->group(group);
    command.add_option("--seed", o.seed, "the same seed: the same arrivals and customers")
        ->group(group);
}

void add_shape(CLI::App& command, LoadOptions& o) {
    const char* const group = "Requests";
    const CLI::Range many(1U, 10'000U);
    command.add_option("--target", o.target, "read, pipelined: this path of any HTTP server")
        ->type_name("PATH")
        ->group(group);
    command
        .add_option("--fields", o.fields, "read, pipelined, mixed: these members of a score [all]")
        ->type_name("A,B")
        ->group(group);
    command.add_option("--connections", o.connections)
        ->check(CLI::Range(1U, kConnectionsMax))
        ->group(group);
    command.add_option("--event-connections", o.event_connections, "mixed: those that post events")
        ->check(CLI::Range(1U, kConnectionsMax))
        ->group(group);
    command.add_option("--depth", o.depth, "pipelined: requests under way on a connection")
        ->check(CLI::Range(1U, 1024U))
        ->group(group);
    command.add_option("--ids-per-request", o.ids_per_request, "batch")->check(many)->group(group);
    command.add_option("--events-per-request", o.events_per_request, "ingest, mixed, stream")
        ->check(many)
        ->group(group);
    command.add_option("--scan", o.scan, "mixed: the heavy question")
        ->type_name("PATH")
        ->group(group);
    command.add_option("--scan-every", o.scan_every_s, "mixed: seconds between two of them")
        ->check(CLI::Range(1e-3, kDurationMax))
        ->group(group);
    command.add_option("--subscribers", o.subscribers, "stream: listeners")
        ->check(CLI::Range(1U, 100'000U))
        ->group(group);
    command
        .add_option("--topics", o.topics, "stream: tier, override, ... as patron stream takes them")
        ->type_name("A,B")
        ->group(group);
    command
        .add_option(
            "--filter", o.filter, "stream: more of the query, such as tier=gold&region=north"
        )
        ->type_name("QUERY")
        ->group(group);
}

void add_customers(CLI::App& command, LoadOptions& o) {
    const char* const group = "Customers";
    command
        .add_option(
            "--customers", o.customers, "how many of patron simulate are there [--fill, else 10000]"
        )
        ->check(CLI::Range(1U, kCustomersMax))
        ->default_str("")
        ->type_name("N")
        ->group(group);
    command.add_option("--fill", o.fill, "first put so many in, as patron simulate makes them")
        ->check(CLI::Range(1U, kCustomersMax))
        ->default_str("")
        ->type_name("N")
        ->group(group);
    command
        .add_option("--zipf", o.zipf, "few customers are asked for often: share of rank k ~ k^-S")
        ->check(CLI::Range(0.0, 5.0))
        ->type_name("S")
        ->group(group);
}

void add_generator(CLI::App& command, LoadOptions& o) {
    const char* const group = "Generator";
    command.add_option("--threads", o.threads)->check(CLI::Range(1U, 64U))->group(group);
    command
        .add_option(
            "--max-pending", o.pending_max, "due and not sent; beyond, never sent but counted"
        )
        ->check(CLI::Range(std::size_t{1}, std::size_t{100'000'000}))
        ->group(group);
    command.add_option("--spin-us", o.spin_us, "looks at the clock so long before a send")
        ->check(CLI::Range(0U, 10'000U))
        ->group(group);
    command
        .add_option("--max-errors", o.errors_max, "more of them: exit code 1; shed ones are none")
        ->group(group);
}

void add_reports(CLI::App& command, LoadOptions& o) {
    const char* const group = "Reports";
    command
        .add_option("--json", o.json, "everything, for machines; - is stdout, instead of the table")
        ->type_name("FILE")
        ->group(group);
    command.add_option("--html", o.html, "one page with pictures; - is stdout")
        ->type_name("FILE")
        ->group(group);
    command.add_flag("--timeline", o.timeline, "every second in the JSON")->group(group);
    command
        .add_flag("--progress", o.progress, "a line a second on stderr, also without a terminal")
        ->group(group);
    command.add_flag("--quiet", o.quiet, "no progress line")->group(group);
}

void add_actions(CLI::App& command, Run& run, std::ostream& out) {
    auto options = std::make_shared<LoadOptions>();
    LoadOptions& o = *options;
    command.option_defaults()->always_capture_default();
    command.add_option("--to", o.to, "the server");
    add_choice(
        command,
        "--mode",
        o.mode,
        {{"read", LoadMode::Read},
         {"pipelined", LoadMode::Pipelined},
         {"batch", LoadMode::Batch},
         {"ingest", LoadMode::Ingest},
         {"mixed", LoadMode::Mixed},
         {"stream", LoadMode::Stream}},
        "what is asked for"
    );
    add_pace(command, o);
    add_shape(command, o);
    add_customers(command, o);
    add_generator(command, o);
    add_reports(command, o);
    command.footer(
        "Latency is from the instant a request was due to the last byte of its answer, however "
        "late it was\n"
        "sent. Ingest and stream write to the server: events of their own, and overrides that are "
        "lifted "
        "again.\n"
        "Exit codes: 0 done; 1 no connection, interrupted, or more errors than --max-errors "
        "(anything but 200, "
        "429 and "
        "503,\nconnections lost, no answer by the end of --drain); 2 usage."
    );
    command.callback([options, &run, &out] {
        run = [options, &out] {
            return load(*options, out);
        };
    });
}

constexpr const char* kDescription = "put a server under load and say what it would feel like";

}  // namespace

void add_load_command(CLI::App& app, Run& run) {
    add_actions(*app.add_subcommand("load", kDescription), run, std::cout);
}

int load_command(std::span<const std::string> args, std::ostream& out, std::ostream& err) {
    return run_command(
        kDescription,
        "patron load",
        [&](CLI::App& app, Run& run) { add_actions(app, run, out); },
        args,
        out,
        err
    );
}

}  // namespace patron::tools
