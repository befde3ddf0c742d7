#pragma once
// The answer to a request that was answered before: the same, marked Idempotency-Replayed.
//
// Shapes     `kept` is the head of ingest_reply.h. Scores are not kept: where the request asks for
//            them, they are read anew and are true at this moment.
// Errors     what the store refuses at once, for scores.
// Threads    any I/O thread.

#include <string>
#include <string_view>
#include <vector>

#include "server/endpoints/core.h"
#include "server/endpoints/request.h"

namespace patron::endpoints {

void write_replay(wire::ByteWriter& out, wire::ReplyOptions options, std::string_view kept);

// Customers unknown by now have no score.
Handled replay_with_scores(
    Core& core,
    const Request& request,
    Deferral& deferral,
    std::string kept,
    std::vector<std::string> customers
);

}  // namespace patron::endpoints
