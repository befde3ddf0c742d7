#pragma once
// GET /v1/forecast/customers: the crossings behind a forecast's counts, one by one, page by page.
//
// Shapes     parameters as forecast_filter.h. Answers {"transitions":[row, ...], next_cursor, policy, seq,
//            as_of}; rows as forecast_encoder.h, by instant and customer.
// Time       as forecast.h. Every page is a forecast of its own: what has happened in between is in it.
// Bounds     limits::kListLimitMax rows a page; a partition keeps no more of them than that.
// Errors     BadParameter; NotReady when the policy was switched meanwhile.
// Threads    any I/O thread; always a scan.

#include "server/endpoints/core.h"
#include "server/endpoints/request.h"

namespace patron::endpoints {

Handled get_forecast_customers(
    Core& core, const Request& request, wire::ByteWriter& out, Deferral& deferral
);

}  // namespace patron::endpoints
