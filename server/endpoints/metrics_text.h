#pragma once
// What the server counts, in Prometheus' text format.
//
// Shapes     the store's families, then those of the options.
// Units      seconds and bytes, as Prometheus wants them; the names say so.
// Threads    any.

#include <string>
#include <string_view>

#include "server/endpoints/core.h"

namespace patron::endpoints {

inline constexpr std::string_view kMetricsType = "text/plain; version=0.0.4; charset=utf-8";

std::string metrics_text(const Core& core);

}  // namespace patron::endpoints
