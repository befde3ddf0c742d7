#pragma once
// POST /v1/scores: the scores of many customers at once.
//
// Shapes     body as id_list_decoder.h; parameters: at, min_seq. Answers {"scores": [...], policy,
//            seq, as_of}, in the order of the ids, unknown customers as null. seq is a lower bound
//            for every score of the answer; each carries its own.
// Bounds     limits::kIdsPerRequestMax ids.
// Threads    any I/O thread.
// Cost       keys are prefetched in groups; what the published records can answer takes no lock.

#include "server/endpoints/core.h"
#include "server/endpoints/request.h"

namespace patron::endpoints {

Handled post_scores(Core& core, const Request& request, wire::ByteWriter& out, Deferral& deferral);

}  // namespace patron::endpoints
