#pragma once
// A file that holds events already, one JSON object a line: passed on as it stands.
//
// Shapes     the server judges the events; here a line is only asked whose it is and, with `until`,
// when. Errors     a Refusal for a line that is no JSON object: bad_json. Threads    one owner.

#include <optional>

#include "tools/patron/csv_import.h"

namespace patron::tools {

void import_ndjson(
    ByteSource& source,
    std::uint32_t file,
    std::optional<scoring::Instant> until,
    ImportSink& sink,
    ImportTally& tally,
    const AfterRow& after_row
);

}  // namespace patron::tools
