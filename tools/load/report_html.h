#pragma once
// A load's result as one self-contained page: figures, percentile plot, course over time.
//
// Shapes     XHTML-clean HTML5 with inline SVG and no script; light and dark as the reader prefers. The
//            percentile plot has one polyline per class.
// Threads    pure.

#include <string>

#include "tools/load/load_result.h"

namespace patron::tools {

std::string report_html(const LoadResult& result);

}  // namespace patron::tools
