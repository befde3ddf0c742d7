#pragma once
// POST /v1/events: the way in.
//
// Shapes     a body of JSON or NDJSON; parameters: on_error=reject|skip, return=score. Answers,
//            after the events can be read, {accepted, duplicates, rejected_count, rejected:
//            [{index, code, field, detail}], seq, scores?: {id: score}}; indices count the items of
//            the body.
// Order      with an Idempotency-Key a request that was answered with 200 is answered so again and not
//            applied again (request_key.h, ingest_replay.h); a refused one is judged anew.
// Bounds     limits::kRejectedListedMax refusals are listed, limits::kReturnedScoresMax scores
//            returned.
// Errors     a refused request changes nothing: the problem names the item and the field.
// Threads    any I/O thread; one decoder per thread.

#include "server/endpoints/core.h"
#include "server/endpoints/request.h"

namespace patron::endpoints {

Handled post_events(Core& core, const Request& request, wire::ByteWriter& out, Deferral& deferral);

}  // namespace patron::endpoints
