#include "tools/patron/stream_command.h"

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <unistd.h>

#include "tools/patron/server_call.h"
#include "tools/patron/stream_printer.h"
#include "tools/patron/stream_query.h"
#include "tools/patron/stream_session.h"

namespace patron::tools {
namespace {

using server::ExitCode;

struct StreamOptions {
    StreamWish wish;
    std::string to = kDefaultServer;
    std::string output = "text";
    std::uint64_t count = 0;
    bool no_retry = false;
};

ExitCode stream(StreamOptions options, bool colours, std::ostream& out, std::ostream& err) {
    StreamWish& wish = options.wish;
    for (auto* words :
         {&wish.topics,
          &wish.tiers,
          &wish.bands,
          &wish.lifecycles,
          &wish.customers,
          &wish.regions,
          &wish.industries,
          &wish.owners,
          &wish.tags}) {
        *words = split_words(*words);
    }
    StreamPatience patience;
    patience.retry = !options.no_retry;
    StreamPrinter printer({options.output == "json", colours, options.count}, out, err);
    listen_to_stream(parse_server_url(options.to), stream_target(wish), patience, printer);
    return ExitCode::Ok;
}

void add_filter(CLI::App& command, StreamWish& wish) {
    const auto list = [&](const char* flag, std::vector<std::string>& words, const char* help) {
        command.add_option(flag, words, help)->type_name("A,B")->allow_extra_args(false);
    };
    list(
        "--topics",
        wish.topics,
        "tier, risk_band, lifecycle, follow_up, override, stats; all but stats if none is named"
    );
    list("--tier", wish.tiers, "only who is, or was just now, in one of these tiers");
    list("--band", wish.bands, "risk bands: low, medium, high");
    list("--lifecycle", wish.lifecycles, "stages: active, at_risk, ...");
    list("--customer", wish.customers, "ids; a comma in one is written \\,");
    list("--region", wish.regions, "regions of the profile");
    list("--industry", wish.industries, "industries of the profile");
    list("--owner", wish.owners, "owners of the profile");
    list("--tag", wish.tags, "who has one of these tags");
    command
        .add_option("--min-risk-change", wish.min_risk_change, "changes of risk by at least this")
        ->check(CLI::Range(0.0, 1.0));
}

void add_actions(
    CLI::App& command, Run& run, bool may_colour, std::ostream& out, std::ostream& err
) {
    auto options = std::make_shared<StreamOptions>();
    command.add_option("--to", options->to, "the server")->capture_default_str();
    add_filter(command, options->wish);
    command.add_flag("--snapshot", options->wish.snapshot, "first everybody as they stand now");
    command.add_option("--cursor", options->wish.cursor, "go on behind this one, as told before")
        ->type_name("EPOCH:OFFSET");
    command.add_option("--stats-ms", options->wish.stats_ms, "how often the topic stats speaks");
    command.add_option("--output", options->output, "text or json")
        ->check(CLI::IsMember({"text", "json"}))
        ->capture_default_str();
    command.add_option("--count", options->count, "end after so many changes")
        ->check(CLI::PositiveNumber);
    command.add_flag("--no-retry", options->no_retry, "end when the connection is lost");
    command.callback([options, may_colour, &run, &out, &err] {
        run = [options, may_colour, &out, &err] {
            const bool colours = may_colour && std::getenv("NO_COLOR") == nullptr;
            return stream(*options, colours, out, err);
        };
    });
}

constexpr const char* kDescription = "print a server's live feed of changes";

}  // namespace

void add_stream_command(CLI::App& app, Run& run) {
    CLI::App* command = app.add_subcommand("stream", kDescription);
    add_actions(*command, run, ::isatty(STDOUT_FILENO) == 1, std::cout, std::cerr);
}

int stream_command(std::span<const std::string> args, std::ostream& out, std::ostream& err) {
    return run_command(
        kDescription,
        "patron stream",
        [&](CLI::App& app, Run& run) { add_actions(app, run, false, out, err); },
        args,
        out,
        err
    );
}

}  // namespace patron::tools
