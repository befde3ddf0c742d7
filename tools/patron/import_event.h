#pragma once
// What a file says, as the events that are sent: orders, refunds and everything else.
//
// Shapes     one NDJSON line each, with its line end. An order whose amount is negative or whose id
//            begins with the refund prefix is a refund of |amount| under its own id; the server
//            counts a refund of an order it does not know at the refund's own time. A refund made
//            of an order drops the fields that only orders have.
// Order      ids that the file does not give are derived from the content and the line, so the same
// file
//            twice counts once and two equal lines of one file count as two.
// Errors     a Refusal: empty_refund (nothing to pay back).
// Threads    pure.

#include <cstdint>
#include <expected>
#include <optional>
#include <string>

#include "server/wire/byte_writer.h"
#include "tools/patron/order_merger.h"

namespace patron::tools {

struct OrderRules {
    std::string refund_prefix;    // empty: none
    std::optional<int> decimals;  // amounts are rounded to these, half to even
};

std::expected<void, Refusal> write_order(
    wire::ByteWriter& out, const MergedOrder& order, const OrderRules& rules
);

// Any row that is no order.
std::expected<void, Refusal> write_row(
    wire::ByteWriter& out, const RowEvent& row, std::uint64_t line, const OrderRules& rules
);

}  // namespace patron::tools
