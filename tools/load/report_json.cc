#include "tools/load/report_json.h"

#include <cmath>

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "scoring/units.h"
#include "server/build_info.h"
#include "server/wire/instant_text.h"
#include "tools/load/report_text.h"

namespace patron::tools {
namespace {

namespace json = boost::json;

// Whole ones without the exponent that a double is written with.
json::value number(double value) {
    constexpr double kExactMax = 1e15;
    const bool whole = value == std::floor(value) && std::abs(value) < kExactMax;
    return whole ? json::value(static_cast<std::int64_t>(value)) : json::value(value);
}

json::value optional_rate(const std::optional<double>& rate) {
    return rate ? number(*rate) : json::value(nullptr);
}

json::object quantiles(const LatencyHistogram& histogram) {
    return {
        {"count", histogram.count()},
        {"min", histogram.min_ns()},
        {"p50", histogram.quantile_ns(0.5)},
        {"p90", histogram.quantile_ns(0.9)},
        {"p99", histogram.quantile_ns(0.99)},
        {"p99.9", histogram.quantile_ns(0.999)},
        {"p99.99", histogram.quantile_ns(0.9999)},
        {"max", histogram.max_ns()},
        {"mean", histogram.mean_ns()},
    };
}

json::array buckets(const LatencyHistogram& histogram) {
    json::array out;
    for (const LatencyHistogram::Bucket& bucket : histogram.buckets()) {
        out.push_back(json::array{bucket.low_ns, bucket.high_ns, bucket.count});
    }
    return out;
}

json::object counts_of(const LoadCounts& counts) {
    json::object statuses;
    for (std::size_t status = 0; status < kStatusEnd; ++status) {
        if (counts.statuses[status] > 0) {
            statuses[std::to_string(status)] = counts.statuses[status];
        }
    }
    json::object failures;
    for (std::size_t i = 0; i < kFailures; ++i) {
        failures[failure_name(static_cast<Failure>(i))] = counts.failures[i];
    }
    return {
        {"sent", counts.sent},
        {"answered", counts.answered},
        {"units", counts.units},
        {"shed", counts.shed},
        {"refused", counts.refused},
        {"statuses", statuses},
        {"failures", failures},
    };
}

json::array timeline_of(const ClassTally& tally) {
    json::array out;
    const std::int64_t step = tally.window.slot_ns();
    for (std::size_t i = 0; i < tally.slots.size(); ++i) {
        const LoadSlot& slot = tally.slots[i];
        out.push_back(json::object{
            {"from_ns", static_cast<std::int64_t>(i) * step},
            {"sent", slot.sent},
            {"answered", slot.answered},
            {"failed", slot.failed},
            {"p50", slot.latency.quantile_ns(0.5)},
            {"p99", slot.latency.quantile_ns(0.99)},
            {"max", slot.latency.max_ns()},
        });
    }
    return out;
}

json::object class_of(const ClassResult& one, bool timeline) {
    json::object out{
        {"name", one.tally.name},
        {"unit", one.unit.empty() ? json::value(nullptr) : json::value(one.unit)},
        {"asked_rate", optional_rate(one.asked_rate)},
        {"sent_rate", number(one.sent_rate())},
        {"answered_rate", number(one.answered_rate())},
        {"unit_rate", number(one.unit_rate())},
        {"counted", counts_of(one.tally.counted)},
        {"whole", counts_of(one.tally.whole)},
        {"unanswered", one.tally.unanswered_count},
        {"unsent", one.tally.unsent_count},
        {"errors", one.tally.errors()},
        {"first_wrong", one.tally.first_wrong},
        {"latency_ns", quantiles(one.tally.latency)},
        {"send_lag_ns", quantiles(one.tally.lag)},
        {"buckets", buckets(one.tally.latency)},
    };
    if (timeline) {
        out["timeline"] = timeline_of(one.tally);
    }
    return out;
}

json::value feed_of(const std::optional<FeedResult>& feed) {
    if (!feed) {
        return nullptr;
    }
    return json::object{
        {"subscribers", feed->subscribers},
        {"messages", feed->counts.messages},
        {"changes", feed->counts.changes},
        {"conflated", feed->counts.conflated},
        {"gaps", feed->counts.gaps},
        {"others", feed->counts.others},
        {"bytes", feed->counts.bytes},
        {"ended", feed->counts.ended},
    };
}

}  // namespace

json::object load_options_json(const LoadOptions& o) {
    return {
        {"to", o.to},
        {"mode", mode_name(o.mode)},
        {"closed", o.closed},
        {"arrivals", o.arrivals == ArrivalKind::Poisson ? "poisson" : "constant"},
        {"rate", optional_rate(o.rate)},
        {"event_rate", optional_rate(o.event_rate)},
        {"seed", o.seed},
        {"duration_s", number(o.duration_s)},
        {"warmup_s", number(o.warmup_s)},
        {"drain_s", number(o.drain_s)},
        {"connections", o.connections},
        {"event_connections", o.event_connections},
        {"threads", o.threads},
        {"depth", o.depth},
        {"fields", o.fields},
        {"ids_per_request", o.ids_per_request},
        {"events_per_request", o.events_per_request},
        {"target", o.target},
        {"scan", o.scan},
        {"scan_every_s", number(o.scan_every_s)},
        {"subscribers", o.subscribers},
        {"topics", o.topics},
        {"filter", o.filter},
        {"customers", o.customers},
        {"fill", o.fill},
        {"zipf", number(o.zipf)},
        {"max_pending", o.pending_max},
        {"max_errors", o.errors_max},
        {"spin_us", o.spin_us},
    };
}

std::string instant_text(std::int64_t unix_ms) {
    wire::ByteWriter out;
    wire::append_instant(out, scoring::Instant{unix_ms});
    return std::string(out.view());
}

std::string plain_json(const json::value& value) {
    return value.is_double() ? fmt::format("{:g}", value.get_double()) : json::serialize(value);
}

std::string report_json(const LoadResult& result) {
    boost::system::error_code error;
    const json::value version = json::parse(result.server_version, error);
    json::array classes;
    for (const ClassResult& one : result.classes) {
        classes.push_back(class_of(one, result.options.timeline));
    }
    json::array warnings;
    for (const std::string& warning : result.warnings()) {
        warnings.emplace_back(warning);
    }
    const json::object out{
        {"tool", json::object{{"name", "patron load"}, {"version", server::kVersion}}},
        {"started_at", instant_text(result.started_ms)},
        {"took_s", result.took_s},
        {"server", error ? json::value(nullptr) : version},
        {"load", load_sentence(result.options)},
        {"options", load_options_json(result.options)},
        {"loop", result.options.closed ? "closed" : "open"},
        {"classes", classes},
        {"feed", feed_of(result.feed)},
        {"errors", result.errors()},
        {"interrupted", result.interrupted},
        {"warnings", warnings},
    };
    return json::serialize(out) + "\n";
}

}  // namespace patron::tools
