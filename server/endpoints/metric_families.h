#pragma once
// Families of one metric, as most are.
//
// Units      seconds and bytes, as Prometheus wants them; microseconds are divided here.
// Threads    pure.

#include <cstdint>

#include <prometheus/metric_family.h>

namespace patron::endpoints {

inline prometheus::MetricFamily counter(const char* name, const char* help, double value) {
    prometheus::MetricFamily family{name, help, prometheus::MetricType::Counter, {}};
    family.metric.emplace_back().counter.value = value;
    return family;
}

inline prometheus::MetricFamily gauge(const char* name, const char* help, double value) {
    prometheus::MetricFamily family{name, help, prometheus::MetricType::Gauge, {}};
    family.metric.emplace_back().gauge.value = value;
    return family;
}

inline prometheus::MetricFamily counter(const char* name, const char* help, std::uint64_t value) {
    return counter(name, help, static_cast<double>(value));
}

inline prometheus::MetricFamily gauge(const char* name, const char* help, std::uint64_t value) {
    return gauge(name, help, static_cast<double>(value));
}

constexpr double seconds_of_us(std::uint64_t us) {
    constexpr double kSecondUs = 1e6;
    return static_cast<double>(us) / kSecondUs;
}

}  // namespace patron::endpoints
