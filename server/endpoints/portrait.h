#pragma once
// GET /v1/customers/{id}: everything known about one customer, at any instant the store can answer.
//
// Shapes     parameters: at, min_seq. The body is that of portrait_encoder.h.
// Threads    any I/O thread; always answered by the beat.

#include "server/endpoints/core.h"
#include "server/endpoints/request.h"

namespace patron::endpoints {

Handled get_portrait(Core& core, const Request& request, wire::ByteWriter& out, Deferral& deferral);

}  // namespace patron::endpoints
