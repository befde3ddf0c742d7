#include "server/connection_metrics.h"

#include <string>

#include "server/endpoints/metric_families.h"

namespace patron::server {
namespace {

using endpoints::counter;
using endpoints::gauge;
using prometheus::ClientMetric;
using prometheus::MetricFamily;

MetricFamily answers(const net::NetTotals& totals) {
    MetricFamily out{
        "patron_http_answers_total",
        "Answers sent, by class of status.",
        prometheus::MetricType::Counter,
        {}
    };
    for (std::size_t i = 1; i < net::kStatusClasses; ++i) {
        ClientMetric metric;
        metric.label.push_back({"class", std::to_string(i) + "xx"});
        metric.counter.value = static_cast<double>(totals.answers[i]);
        out.metric.push_back(metric);
    }
    return out;
}

}  // namespace

std::vector<MetricFamily> stream_metrics(const net::NetTotals& totals) {
    return {
        gauge("patron_streams", "Streams open now.", totals.streams_open),
        counter("patron_streams_begun_total", "Streams begun.", totals.streams_begun),
        counter(
            "patron_streams_refused_total",
            "Streams turned away over a limit.",
            totals.streams_refused
        ),
        counter(
            "patron_stream_messages_total",
            "Messages sent, counted for each listener.",
            totals.stream_messages
        ),
        counter("patron_stream_bytes_sent_total", "Bytes written to streams.", totals.stream_bytes),
        counter(
            "patron_stream_conflated_total",
            "Changes left out because a newer one of the customer was sent.",
            totals.stream_conflated
        ),
        counter(
            "patron_stream_gaps_total",
            "Times a listener was told that something is missing.",
            totals.stream_gaps
        ),
        counter(
            "patron_streams_closed_slow_total",
            "Streams closed because the listener did not read.",
            totals.stream_closed_slow
        )
    };
}

std::vector<MetricFamily> connection_metrics(const net::NetTotals& totals) {
    return {
        answers(totals),
        counter(
            "patron_http_bytes_received_total", "Bytes read from connections.", totals.bytes_in
        ),
        counter("patron_http_bytes_sent_total", "Bytes written to connections.", totals.bytes_out),
        gauge("patron_http_connections", "Connections open now.", totals.connections_open),
        counter(
            "patron_http_connections_accepted_total",
            "Connections taken.",
            totals.connections_accepted
        ),
        counter(
            "patron_http_connections_refused_total",
            "Connections turned away over the limit.",
            totals.connections_refused
        ),
        counter("patron_http_accept_errors_total", "Accepts that failed.", totals.accept_errors),
        counter(
            "patron_http_deadlines_passed_total",
            "Connections closed for being slow.",
            totals.deadlines_passed
        ),
        gauge("patron_streams_open", "Who listens to the live stream now.", totals.streams_open),
        counter("patron_streams_begun_total", "Streams begun.", totals.streams_begun),
        counter(
            "patron_streams_refused_total", "Streams refused over a limit.", totals.streams_refused
        ),
        counter(
            "patron_streams_closed_slow_total",
            "Streams ended because their listener did not read.",
            totals.stream_closed_slow
        ),
        counter(
            "patron_stream_messages_total", "Messages to all listeners.", totals.stream_messages
        ),
        counter("patron_stream_bytes_total", "Bytes to all listeners.", totals.stream_bytes),
        counter(
            "patron_stream_conflated_total",
            "Changes not told because a newer one of the customer was.",
            totals.stream_conflated
        ),
        counter(
            "patron_stream_gaps_total",
            "Times a listener was told that something is missing.",
            totals.stream_gaps
        )
    };
}

}  // namespace patron::server
