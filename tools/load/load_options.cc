#include "tools/load/load_options.h"

#include <cmath>

#include "server/start_error.h"

namespace patron::tools {
namespace {

constexpr double kNsPerSecond = 1e9;

[[noreturn]] void fail(const std::string& what) {
    throw server::StartError(server::ExitCode::Usage, what);
}

bool posts_events(LoadMode mode) {
    return mode == LoadMode::Ingest || mode == LoadMode::Mixed || mode == LoadMode::Stream;
}

bool sends_requests_at_rate(LoadMode mode) {
    return mode != LoadMode::Stream;
}

void check_loop(const LoadOptions& options) {
    const std::string mode(mode_name(options.mode));
    if (options.closed && (options.rate || options.event_rate)) {
        fail("--closed sends as fast as answers come; it takes no --rate and no --event-rate");
    }
    if (options.closed && (options.mode == LoadMode::Mixed || options.mode == LoadMode::Stream)) {
        fail("--mode " + mode + " is always an open loop; leave out --closed");
    }
    if (options.rate && !sends_requests_at_rate(options.mode)) {
        fail("--mode stream takes its pace from --event-rate, not from --rate");
    }
    if (options.event_rate && !posts_events(options.mode)) {
        fail("--mode " + mode + " sends no events; say --rate");
    }
    if (options.mode == LoadMode::Ingest && options.rate && options.event_rate) {
        fail("say --rate (requests a second) or --event-rate (events a second), not both");
    }
}

void check_shape(const LoadOptions& options) {
    if (!options.target.empty() && options.mode != LoadMode::Read &&
        options.mode != LoadMode::Pipelined) {
        fail("--target goes with --mode read or pipelined");
    }
    const bool reads = options.mode == LoadMode::Read || options.mode == LoadMode::Pipelined ||
                       options.mode == LoadMode::Mixed;
    if (!options.fields.empty() && (!reads || !options.target.empty())) {
        fail("--fields goes with --mode read, pipelined or mixed, without --target");
    }
    if (options.fields.find_first_of(" \r\n\t&#") != std::string::npos) {
        fail("--fields names members of a score, such as tier,churn_risk");
    }
    for (const std::string* path : {&options.target, &options.scan}) {
        if (path != &options.target && path->empty()) {
            fail("--scan needs a path");
        }
        if (!path->empty() && !path->starts_with('/')) {
            fail("'" + *path + "' is no path; it begins with /");
        }
        if (path->find_first_of(" \r\n\t") != std::string::npos) {
            fail("a path has no blanks; write them as %20");
        }
    }
    if (options.filter.find_first_of(" \r\n\t#") != std::string::npos) {
        fail("--filter is the query of /v1/stream, such as 'tier=gold&region=north'");
    }
    if (options.threads > options.connections) {
        fail("--threads needs at least as many --connections");
    }
    if (options.threads > 1 && options.mode == LoadMode::Stream) {
        fail("--mode stream runs in one thread; start several programs for more");
    }
    if (options.threads > options.event_connections && options.mode == LoadMode::Mixed) {
        fail("--threads needs at least as many --event-connections");
    }
    if (options.fill > 0 && options.customers > options.fill) {
        fail("--customers asks for more than --fill puts in");
    }
    if (options.json == "-" && options.html == "-") {
        fail("--json and --html cannot both go to stdout");
    }
}

}  // namespace

std::string_view mode_name(LoadMode mode) {
    switch (mode) {
        case LoadMode::Read:
            return "read";
        case LoadMode::Pipelined:
            return "pipelined";
        case LoadMode::Batch:
            return "batch";
        case LoadMode::Ingest:
            return "ingest";
        case LoadMode::Mixed:
            return "mixed";
        case LoadMode::Stream:
            return "stream";
    }
    return "?";
}

LoadWindow LoadOptions::window() const {
    return {
        std::llround(warmup_s * kNsPerSecond), std::llround((warmup_s + duration_s) * kNsPerSecond)
    };
}

LoadOptions checked(LoadOptions options) {
    check_loop(options);
    check_shape(options);
    if (options.customers == 0) {
        options.customers = options.fill > 0 ? options.fill : kLoadCustomersDefault;
    }
    if (options.closed) {
        return options;
    }
    if (options.mode == LoadMode::Ingest) {
        if (options.rate) {
            options.event_rate = *options.rate * options.events_per_request;
        }
        options.event_rate = options.event_rate.value_or(kLoadEventRateDefault);
        options.rate.reset();
        return options;
    }
    if (posts_events(options.mode)) {
        options.event_rate = options.event_rate.value_or(kLoadEventRateDefault);
    }
    if (sends_requests_at_rate(options.mode)) {
        options.rate = options.rate.value_or(kLoadRateDefault);
    }
    return options;
}

}  // namespace patron::tools
