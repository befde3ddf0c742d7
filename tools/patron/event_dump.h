#pragma once
// Logged events as lines of JSON: {"seq":…,"accepted_at":…,"event":{…}}.
//
// Shapes     the place of a removed event is {"seq":…,"accepted_at":…,"removed":true}; of an erasure whose
//            customer is gone "erasure":true as well.
// Threads    one at a time.

#include <cstdint>
#include <limits>

#include "scoring/currency.h"
#include "server/wire/byte_writer.h"
#include "store/batch_walk.h"
#include "store/folder_tables.h"

namespace patron::tools {

struct DumpRange {
    std::uint64_t from = 0;
    std::uint64_t to = std::numeric_limits<std::uint64_t>::max();  // included
};

// The base currency that the folder was made with.
store::Result<scoring::CurrencyTable> currency_of(const store::FolderMeta& meta);

// Of a sound batch.
void write_batch(
    wire::ByteWriter& out,
    const store::WalkedBatch& batch,
    const DumpRange& range,
    const scoring::CurrencyTable& currency
);

// Its events alone, as `patron import` takes them.
void write_events(
    wire::ByteWriter& out, const store::WalkedBatch& batch, const scoring::CurrencyTable& currency
);

}  // namespace patron::tools
