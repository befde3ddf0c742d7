#pragma once
// GET /v1/customers/{id}/score: the road most travelled.
//
// Shapes     parameters: at, min_seq. Answers 200 with an ETag, 304, or a problem.
// Threads    any I/O thread.
// Cost       without parameters and with a record that still holds: no allocation, no lock.

#include "server/endpoints/core.h"
#include "server/endpoints/request.h"

namespace patron::endpoints {

Handled get_score(
    Core& core, const Request& request, Prepared prepared, wire::ByteWriter& out, Deferral& deferral
);

// The first of such requests, without parameters, that can be answered now; `ends[i]` is where in `out`
// the answer to the i-th ends.
std::size_t get_scores_together(
    Core& core, std::span<const Exchange> asked, wire::ByteWriter& out, std::span<std::size_t> ends
);

}  // namespace patron::endpoints
