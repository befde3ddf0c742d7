#pragma once
// GET /v1/stats: how many customers stand where, and a hash of everything.
//
// Shapes     parameters: at, min_seq. The body is that of stats_encoder.h.
// Threads    any I/O thread; always a scan.

#include "server/endpoints/core.h"
#include "server/endpoints/request.h"

namespace patron::endpoints {

Handled get_stats(Core& core, const Request& request, wire::ByteWriter& out, Deferral& deferral);

}  // namespace patron::endpoints
