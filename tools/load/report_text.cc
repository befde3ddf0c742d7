#include "tools/load/report_text.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include "tools/load/figure_text.h"

namespace patron::tools {
namespace {

constexpr std::int64_t kNsPerMs = 1'000'000;

std::string rates_sentence(const LoadOptions& o) {
    const char* const kind = o.arrivals == ArrivalKind::Poisson ? "poisson" : "constant";
    std::string out;
    if (o.rate) {
        out += fmt::format("{} requests/s", rate_text(*o.rate));
    }
    if (o.event_rate) {
        out += fmt::format("{}{} events/s", out.empty() ? "" : " and ", rate_text(*o.event_rate));
    }
    return fmt::format("open loop ({}), {}", kind, out);
}

std::string shape_sentence(const LoadOptions& o) {
    switch (o.mode) {
        case LoadMode::Read:
            return "";
        case LoadMode::Pipelined:
            return fmt::format(", up to {} behind each other", o.depth);
        case LoadMode::Batch:
            return fmt::format(", {} ids a request", o.ids_per_request);
        case LoadMode::Ingest:
            return fmt::format(", {} events a request", o.events_per_request);
        case LoadMode::Mixed:
            return fmt::format(
                ", {} events a request, {} every {:g} s",
                o.events_per_request,
                o.scan,
                o.scan_every_s
            );
        case LoadMode::Stream:
            return fmt::format(
                ", {} events a request, {} subscribers",
                o.events_per_request,
                count_text(o.subscribers)
            );
    }
    return "";
}

std::string row_of(const ClassResult& one) {
    const LatencyHistogram& latency = one.tally.latency;
    const bool listens = one.tally.whole.sent == 0;
    std::string out = fmt::format(
        "{:<8}{:>11}{:>11}",
        one.tally.name,
        one.asked_rate ? rate_text(*one.asked_rate) : "-",
        listens ? "-" : rate_text(one.sent_rate())
    );
    out += fmt::format("{:>13}", rate_text(one.answered_rate()));
    for (const double q : {0.5, 0.9, 0.99, 0.999, 0.9999}) {
        out += fmt::format("{:>10}", time_text(latency.quantile_ns(q)));
    }
    return out +
           fmt::format("{:>10}{:>10}\n", time_text(latency.max_ns()), time_text(latency.mean_ns()));
}

std::string table(const LoadResult& result) {
    std::string out = fmt::format(
        "{:<8}{:>11}{:>11}{:>13}{:>10}{:>10}{:>10}{:>10}{:>10}{:>10}{:>10}\n",
        "class",
        "asked/s",
        "sent/s",
        "answered/s",
        "p50",
        "p90",
        "p99",
        "p99.9",
        "p99.99",
        "max",
        "mean"
    );
    for (const ClassResult& one : result.classes) {
        out += row_of(one);
    }
    return out;
}

std::string statuses_sentence(const LoadCounts& counts) {
    std::string out;
    for (std::size_t status = 0; status < kStatusEnd; ++status) {
        if (status != 200 && counts.statuses[status] > 0) {
            out += fmt::format(", {} with {}", count_text(counts.statuses[status]), status);
        }
    }
    for (std::size_t i = 0; i < kFailures; ++i) {
        if (counts.failures[i] > 0) {
            std::string name(failure_name(static_cast<Failure>(i)));
            std::ranges::replace(name, '_', ' ');
            out += fmt::format(", {} {}", count_text(counts.failures[i]), name);
        }
    }
    return out;
}

std::string counts_line(const ClassResult& one) {
    const LoadCounts& counts = one.tally.counted;
    std::string out = fmt::format("{}: ", one.tally.name);
    if (one.tally.whole.sent > 0) {
        out += fmt::format("{} sent, ", count_text(counts.sent));
    }
    out += fmt::format("{} answered", count_text(counts.answered));
    if (!one.unit.empty()) {
        out += fmt::format(
            " ({} {}, {}/s)", count_text(counts.units), one.unit, rate_text(one.unit_rate())
        );
    }
    if (counts.shed > 0) {
        out += fmt::format(", {} shed", count_text(counts.shed));
    }
    out += statuses_sentence(counts);
    if (one.tally.unanswered_count > 0) {
        out += fmt::format(", {} never answered", count_text(one.tally.unanswered_count));
    }
    if (one.tally.unsent_count > 0) {
        out += fmt::format(", {} never sent", count_text(one.tally.unsent_count));
    }
    if (one.tally.unanswered_count + one.tally.unsent_count > 0) {
        out += " (in the table with the time they waited until the end)";
    }
    if (!one.tally.first_wrong.empty()) {
        out += fmt::format("; the first: {}", one.tally.first_wrong);
    }
    return out + "\n";
}

std::string percent(std::uint64_t part, std::uint64_t whole) {
    const double share = 100 * static_cast<double>(part) / static_cast<double>(whole);
    const bool rounds_up = part < whole && share > 99.995;
    return part == 0 ? "none" : rounds_up ? "over 99.99 %" : fmt::format("{:.4g} %", share);
}

std::string felt_line(const ClassResult& one) {
    const std::uint64_t whole = one.tally.latency.count();
    if (whole == 0) {
        return "";
    }
    const FeltShares felt = felt_shares(one.tally.latency);
    return fmt::format(
        "{} feels: at once (below 100 ms) {}, noticed (below 1 s) {}, interrupting {}\n",
        one.tally.name,
        percent(felt.at_once, whole),
        percent(felt.noticed, whole),
        percent(felt.interrupting, whole)
    );
}

std::string feed_line(const FeedResult& feed) {
    const FeedCounts& counts = feed.counts;
    return fmt::format(
        "feed: {} subscribers heard {} messages ({} bytes) of {} changes, {} left out for newer "
        "ones, "
        "{} gaps, {} ended by the server\n",
        count_text(feed.subscribers),
        count_text(counts.messages),
        count_text(counts.bytes),
        count_text(counts.changes),
        count_text(counts.conflated),
        count_text(counts.gaps),
        count_text(counts.ended)
    );
}

std::string lag_line(const LoadResult& result) {
    LatencyHistogram lag;
    for (const ClassResult& one : result.classes) {
        lag.merge(one.tally.lag);
    }
    return fmt::format(
        "generator: sends were late by p99 {}, max {}\n",
        time_text(lag.quantile_ns(0.99)),
        time_text(lag.max_ns())
    );
}

// Why the generator's own lateness may have spoilt the figures; empty if it did not.
std::string lateness_of(const ClassResult& one) {
    constexpr std::int64_t kLateNs = kNsPerMs;
    const std::int64_t lag = one.tally.lag.quantile_ns(0.99);
    const std::int64_t latency = one.tally.latency.quantile_ns(0.99);
    if (lag <= kLateNs || lag <= latency / 4) {
        return "";
    }
    return fmt::format(
        "the generator itself was late with {} (p99 {} of a latency of {}): give it a core of its "
        "own, "
        "--threads, or a lower rate",
        one.tally.name,
        time_text(lag),
        time_text(latency)
    );
}

}  // namespace

FeltShares felt_shares(const LatencyHistogram& latency) {
    const std::uint64_t slow = latency.count_from(100 * kNsPerMs);
    const std::uint64_t slower = latency.count_from(1000 * kNsPerMs);
    return {latency.count() - slow, slow - slower, slower};
}

std::string load_sentence(const LoadOptions& o) {
    const std::string loop = o.closed ? "closed loop" : rates_sentence(o);
    const bool has_many = o.mode != LoadMode::Stream;
    return fmt::format(
        "{}{}, {} for {:g} s after {:g} s of warm-up{}{}",
        mode_name(o.mode),
        o.target.empty() ? "" : " " + o.target,
        loop,
        o.duration_s,
        o.warmup_s,
        has_many ? fmt::format(", {} connections", count_text(o.connections)) : "",
        shape_sentence(o)
    );
}

std::string server_sentence(const LoadResult& result) {
    boost::system::error_code error;
    const boost::json::value value = boost::json::parse(result.server_version, error);
    if (error || !value.is_object()) {
        return "";
    }
    std::string out;
    for (const char* member : {"name", "version", "commit"}) {
        const boost::json::value* found = value.get_object().if_contains(member);
        if (found != nullptr && found->is_string()) {
            out += (out.empty() ? "" : " ") + std::string(found->get_string());
        }
    }
    return out;
}

std::string report_text(const LoadResult& result) {
    const std::string server = server_sentence(result);
    std::string out = fmt::format(
        "{}{}: {}\n\n{}\n",
        result.options.to,
        server.empty() ? "" : " (" + server + ")",
        load_sentence(result.options),
        table(result)
    );
    for (const ClassResult& one : result.classes) {
        out += counts_line(one);
    }
    if (result.feed) {
        out += feed_line(*result.feed);
    }
    if (!result.options.closed) {
        for (const ClassResult& one : result.classes) {
            out += felt_line(one);
        }
        out += lag_line(result);
    }
    for (const std::string& warning : result.warnings()) {
        out += "warning: " + warning + "\n";
    }
    return out;
}

std::vector<std::string> LoadResult::warnings() const {
    std::vector<std::string> out;
    if (options.closed) {
        out.emplace_back(
            "closed loop: these latencies are those at full load, from sending to answer; a slow "
            "answer "
            "keeps the next request from being sent, so waiting is hidden. For what users feel, "
            "say --rate"
        );
    }
    if (interrupted && counted_seconds() < options.duration_s) {
        out.push_back(fmt::format(
            "interrupted after {:.1f} of the {:g} s that were to count",
            counted_seconds(),
            options.duration_s
        ));
    }
    for (const ClassResult& one : classes) {
        const std::string late = options.closed ? "" : lateness_of(one);
        if (!late.empty()) {
            out.push_back(late);
        }
    }
    if (!trouble_after.empty()) {
        out.push_back(trouble_after);
    }
    return out;
}

}  // namespace patron::tools
