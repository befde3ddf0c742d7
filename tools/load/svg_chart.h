#pragma once
// The pictures of a load as inline SVG: percentiles, rate over time, latency over time.
//
// Shapes     well-formed XML; colours are CSS variables of the page (--c0 .. for classes). What stands
//            behind a point is told by its <title>, which browsers show where the mouse rests.
// Threads    pure.

#include <cstddef>
#include <string>

#include "tools/load/load_result.h"

namespace patron::tools {

// Latency (log) against the share of requests that were answered by then, in the HDR style: each step to
// the right a tenth as many requests. A line ends where its requests end. One polyline per class.
std::string percentile_chart(const LoadResult& result);
// Answers a second against the asked rate; what failed, below.
std::string rate_chart(const ClassResult& one, std::size_t colour);
// The median, 99th percentile and maximum of what was due in each second (log).
std::string latency_chart(const ClassResult& one, std::size_t colour);

std::string xml_text(std::string_view text);

}  // namespace patron::tools
