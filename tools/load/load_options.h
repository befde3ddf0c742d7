#pragma once
// What `patron load` was asked for.
//
// Errors     checked: StartError (Usage) for options that contradict each other.
// Threads    values.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tools/load/arrivals.h"
#include "tools/load/class_tally.h"
#include "tools/patron/http_client.h"

namespace patron::tools {

enum class LoadMode : std::uint8_t { Read, Pipelined, Batch, Ingest, Mixed, Stream };
std::string_view mode_name(LoadMode mode);

struct LoadOptions {
    std::string to = "http://127.0.0.1:8080";
    LoadMode mode = LoadMode::Read;
    std::string target;  // read and pipelined: this path instead of customers' scores

    std::optional<double> rate;  // requests a second
    std::optional<double> event_rate;
    ArrivalKind arrivals = ArrivalKind::Constant;
    std::uint64_t seed = 1;
    bool closed = false;

    double duration_s = 10;
    double warmup_s = 1;
    double drain_s = 10;

    std::uint32_t connections = 64;
    std::uint32_t event_connections = 4;
    std::uint32_t threads = 1;
    std::uint32_t depth = 16;
    std::string fields;  // of a score; empty: all
    std::uint32_t ids_per_request = 100;
    std::uint32_t events_per_request = 100;
    std::string scan = "/v1/stats";
    double scan_every_s = 1;
    std::uint32_t subscribers = 100;
    std::string topics;
    std::string filter;

    std::uint32_t customers = 0;  // 0: as many as fill, else kCustomersDefault
    std::uint32_t fill = 0;
    double zipf = 0;
    std::size_t pending_max = 1'000'000;
    std::uint64_t errors_max = 0;
    std::uint32_t spin_us = 50;

    std::string json;
    std::string html;
    bool timeline = false;
    bool progress = false;
    bool quiet = false;

    bool asks_for_customers() const { return target.empty(); }
    LoadWindow window() const;
};

inline constexpr std::uint32_t kLoadCustomersDefault = 10'000;
inline constexpr double kLoadRateDefault = 1'000;
inline constexpr double kLoadEventRateDefault = 1'000;

// The same with every default filled in.
LoadOptions checked(LoadOptions options);

}  // namespace patron::tools
