#pragma once
// A delimited file as events: rows mapped, lines of one order merged, the result handed to the
// sink.
//
// Order      orders whose lines are merged come after everything else of the file, by first line.
// Bounds     one row, and the orders still open (order_merger.h).
// Errors     StartError when the columns do not fit the file; a bad row goes to the sink.
// Threads    one owner.

#include <cstddef>
#include <functional>
#include <optional>

#include "tools/patron/byte_source.h"
#include "tools/patron/import_event.h"
#include "tools/patron/import_sink.h"
#include "tools/patron/row_mapper.h"

namespace patron::tools {

struct CsvRules {
    CsvFormat format;
    RowRules rows;
    OrderRules orders;
    std::optional<scoring::Instant> until;  // rows later than it are left out
    std::size_t open_orders_max = OrderMerger::kOpenOrdersMax;
};

using AfterRow = std::function<void()>;

void import_csv(
    ByteSource& source,
    std::uint32_t file,
    const CsvRules& rules,
    ImportSink& sink,
    ImportTally& tally,
    const AfterRow& after_row
);

}  // namespace patron::tools
