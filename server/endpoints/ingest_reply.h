#pragma once
// The answer to an ingest request as JSON: counts and refusals first, scores behind them.
//
// Shapes     a head, the scores if they were asked for, a closing brace. Indices count the items of
//            the body. The head is what stays the same when a request is answered again.
// Bounds     limits::kRejectedListedMax refusals are listed.
// Threads    values.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "server/endpoints/core.h"
#include "server/wire/byte_writer.h"

namespace patron::endpoints {

// What the decoder knows of the items and the store does not.
struct IngestItems {
    std::vector<std::uint32_t> index;  // of every event handed over
    std::vector<store::Fault> rejected;
    std::size_t rejected_count = 0;

    std::int64_t item_of(std::int64_t event) const;
    // The store counts events; a caller counts the items of the body.
    void take(std::vector<store::Fault> of_store);
};

void append_ingest_head(
    wire::ByteWriter& out, const store::IngestReply& reply, const IngestItems& items
);

using CustomerAnswers = std::vector<std::pair<std::string, store::CustomerAnswer>>;

void append_ingest_scores(wire::ByteWriter& out, Core& core, const CustomerAnswers& scores);

}  // namespace patron::endpoints
