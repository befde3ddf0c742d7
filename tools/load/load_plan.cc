#include "tools/load/load_plan.h"

#include <cmath>

#include <fmt/format.h>

#include "server/start_error.h"
#include "tools/patron/event_batch.h"

namespace patron::tools {
namespace {

constexpr double kNsPerSecond = 1e9;

std::size_t share_of(std::size_t whole, std::uint32_t part, std::uint32_t parts) {
    return whole / parts + (part < whole % parts ? 1 : 0);
}

std::string stream_request(
    const LoadOptions& options, const std::string& host, const std::string& prefix
) {
    std::string target = prefix + "/v1/stream";
    char mark = '?';
    if (!options.topics.empty()) {
        target += mark + ("topics=" + options.topics);
        mark = '&';
    }
    if (!options.filter.empty()) {
        target += mark + options.filter;
    }
    return "GET " + target + " HTTP/1.0\r\nHost: " + host + "\r\nAccept: text/event-stream\r\n\r\n";
}

}  // namespace

LoadPlanner::LoadPlanner(const LoadOptions& options, const ServerUrl& url, std::int64_t run_ms)
    : options_(options), prefix_(url.prefix), run_ms_(run_ms) {
    constexpr std::string_view kScheme = "http://";
    ServerUrl bare = url;
    bare.prefix.clear();
    host_ = bare.text().substr(kScheme.size());
    if (options.mode == LoadMode::Stream) {
        dues_ = std::make_unique<ChangeDues>(options.customers);
    }
}

GeneratorPlan LoadPlanner::generator_plan(std::uint32_t part) const {
    constexpr std::int64_t kNsPerUs = 1000;
    return {
        part,
        options_.window(),
        std::llround(options_.drain_s * kNsPerSecond),
        options_.spin_us * kNsPerUs
    };
}

RequestContext LoadPlanner::context(std::uint32_t part) const {
    return {
        .host = host_,
        .prefix = prefix_,
        .seed = options_.seed,
        .part = part,
        .customers = options_.customers,
        .zipf = options_.zipf,
        .fields = options_.fields,
        .run_ms = run_ms_,
    };
}

std::optional<ArrivalPlan> LoadPlanner::arrivals(double rate, std::uint32_t part) const {
    if (options_.closed) {
        return std::nullopt;
    }
    return ArrivalPlan{options_.arrivals, rate, options_.seed, part, options_.threads};
}

void LoadPlanner::add_to(Generator& generator, std::uint32_t part) {
    switch (options_.mode) {
        case LoadMode::Read:
        case LoadMode::Pipelined:
        case LoadMode::Batch:
            add_requests(generator, part);
            return;
        case LoadMode::Ingest:
            add_events(generator, part);
            return;
        case LoadMode::Mixed:
            add_requests(generator, part);
            add_events(generator, part);
            if (part == 0) {
                add_scan(generator);
            }
            return;
        case LoadMode::Stream:
            add_stream(generator);
            return;
    }
}

void LoadPlanner::add_requests(Generator& generator, std::uint32_t part) {
    LanePlan lane;
    lane.name = options_.mode == LoadMode::Batch ? "batch" : "read";
    lane.arrivals = arrivals(options_.rate.value_or(0), part);
    lane.connections = share_of(options_.connections, part, options_.threads);
    lane.depth = options_.mode == LoadMode::Pipelined ? options_.depth : 1;
    lane.waiting_max = options_.pending_max;
    lane.maker = options_.mode == LoadMode::Batch
                     ? make_score_batches(context(part), options_.ids_per_request)
                 : options_.target.empty() ? make_score_reads(context(part))
                                           : make_fixed_reads(context(part), options_.target);
    generator.add(std::move(lane));
}

void LoadPlanner::add_events(Generator& generator, std::uint32_t part) {
    LanePlan lane;
    lane.name = "ingest";
    lane.arrivals = arrivals(asked_rate(options_, lane.name).value_or(0), part);
    const bool alone = options_.mode == LoadMode::Ingest;
    lane.connections =
        share_of(alone ? options_.connections : options_.event_connections, part, options_.threads);
    lane.waiting_max = options_.pending_max;
    lane.maker = make_event_posts(context(part), options_.events_per_request);
    generator.add(std::move(lane));
}

// At even distances whatever the arrivals of the others.
void LoadPlanner::add_scan(Generator& generator) {
    LanePlan lane;
    lane.name = "scan";
    lane.arrivals =
        ArrivalPlan{ArrivalKind::Constant, 1 / options_.scan_every_s, options_.seed, 0, 1};
    lane.waiting_max = options_.pending_max;
    lane.maker = make_fixed_reads(context(0), options_.scan);
    generator.add(std::move(lane));
}

// One connection: a customer's changes are told in the order they were made.
void LoadPlanner::add_stream(Generator& generator) {
    LanePlan lane;
    lane.name = "change";
    lane.arrivals = arrivals(asked_rate(options_, lane.name).value_or(0), 0);
    lane.depth = options_.depth;
    lane.waiting_max = options_.pending_max;
    lane.maker = make_override_posts(context(0), options_.events_per_request, *dues_);
    generator.add(std::move(lane));
    generator.subscribe(options_.subscribers, stream_request(options_, host_, prefix_), *dues_);
}

void LoadPlanner::lift_overrides(const ServerUrl& url, std::string_view when) const {
    if (options_.mode != LoadMode::Stream) {
        return;
    }
    // Names of their own: an id counts once.
    RequestContext lifts = context(0);
    lifts.name = when;
    constexpr std::uint32_t kEventsPerBody = 5'000;
    HttpClient client(url);
    for (const std::string& body : override_lifts(lifts, kEventsPerBody)) {
        const auto answer = client.post("/v1/events", "application/x-ndjson", body);
        const bool taken = answer && answer->status == 200 && read_ingest_answer(answer->body);
        if (!taken) {
            throw server::StartError(
                server::ExitCode::Findings,
                fmt::format(
                    "the overrides of the customers could not be lifted {} the load: {}",
                    when,
                    answer ? problem_detail(answer->body) : answer.error()
                )
            );
        }
    }
}

std::optional<double> asked_rate(const LoadOptions& options, std::string_view name) {
    if (options.closed || name == "screen") {
        return std::nullopt;
    }
    if (name == "ingest" || name == "change") {
        return *options.event_rate / options.events_per_request;
    }
    return name == "scan" ? 1 / options.scan_every_s : options.rate;
}

std::string unit_of(const LoadOptions& options, std::string_view name) {
    if (name == "ingest" || name == "change") {
        return "events";
    }
    return name == "screen" ? "changes" : options.mode == LoadMode::Batch ? "ids" : "";
}

}  // namespace patron::tools
