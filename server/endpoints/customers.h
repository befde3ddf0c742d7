#pragma once
// GET /v1/customers: filtered, sorted, page by page.
//
// Shapes     parameters as customer_filter.h. Answers {"customers": [score, ...], next_cursor,
//            policy, seq, as_of}.
// Time       the list is made as of one instant; the scores of the page are then asked for with
//            their outlook, at `at` or now: each carries its own seq and as_of. A customer erased
//            in between is left out. Pages of a list whose order moves are stable under ties, not a
//            snapshot.
// Bounds     limits::kListLimitMax customers a page; a partition keeps no more of them than that.
// Errors     NotReady when the policy was switched while the list was made.
// Threads    any I/O thread; always a scan.
// Cost       one pass over all customers; sort=gap makes everybody's outlook, which is a search
//            each.

#include "server/endpoints/core.h"
#include "server/endpoints/request.h"

namespace patron::endpoints {

Handled get_customers(
    Core& core, const Request& request, wire::ByteWriter& out, Deferral& deferral
);

}  // namespace patron::endpoints
