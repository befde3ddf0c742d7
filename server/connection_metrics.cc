#include "server/connection_metrics.h"

#include <string>

namespace patron::server {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

MetricFamily family(const char* name, const char* help, MetricType type) {
    MetricFamily out;
    out.name = name;
    out.help = help;
    out.type = type;
    return out;
}

MetricFamily counter(const char* name, const char* help, std::uint64_t value) {
    MetricFamily out = family(name, help, MetricType::Counter);
    ClientMetric metric;
    metric.counter.value = static_cast<double>(value);
    out.metric.push_back(metric);
    return out;
}

MetricFamily gauge(const char* name, const char* help, std::uint64_t value) {
    MetricFamily out = family(name, help, MetricType::Gauge);
    ClientMetric metric;
    metric.gauge.value = static_cast<double>(value);
    out.metric.push_back(metric);
    return out;
}

MetricFamily answers(const net::NetTotals& totals) {
    MetricFamily out = family(
        "patron_http_answers_total", "Answers sent, by class of status.", MetricType::Counter
    );
    for (std::size_t i = 1; i < net::kStatusClasses; ++i) {
        ClientMetric metric;
        metric.label.push_back({"class", std::to_string(i) + "xx"});
        metric.counter.value = static_cast<double>(totals.answers[i]);
        out.metric.push_back(metric);
    }
    return out;
}

}  // namespace

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
        )
    };
}

}  // namespace patron::server
