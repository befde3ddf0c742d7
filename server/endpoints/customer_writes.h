#pragma once
// What changes one customer by its path: the expert's override, and erasure.
//
// Shapes     PUT .../override with a body as override_decoder.h; DELETE .../override?by=&reason=;
//            DELETE /v1/customers/{id}. Answers {customer_id, seq, score}; the score of an erased
//            customer is null, and purge {pending, due} says until when log and snapshots still hold
//            what was erased.
// Time       they act now.
// Errors     UnknownCustomer: no write of these makes a customer.
// Threads    any I/O thread.

#include "server/endpoints/core.h"
#include "server/endpoints/request.h"

namespace patron::endpoints {

Handled put_override(Core& core, const Request& request, wire::ByteWriter& out, Deferral& deferral);
Handled delete_override(
    Core& core, const Request& request, wire::ByteWriter& out, Deferral& deferral
);
Handled delete_customer(
    Core& core, const Request& request, wire::ByteWriter& out, Deferral& deferral
);

}  // namespace patron::endpoints
