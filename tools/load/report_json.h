#pragma once
// A load's result as one JSON object: everything, with the histograms' buckets.
//
// Shapes     times in whole nanoseconds; a bucket is [low, high, count], both ends in it.
// Threads    pure.

#include <string>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "tools/load/load_result.h"

namespace patron::tools {

std::string report_json(const LoadResult& result);

// For other reports: the options by their names, a value as people read it, a Unix time as RFC 3339.
boost::json::object load_options_json(const LoadOptions& options);
std::string plain_json(const boost::json::value& value);
std::string instant_text(std::int64_t unix_ms);

}  // namespace patron::tools
