#pragma once
// What operators ask: is it alive, is it ready, what does it count, which Patron is it.
//
// Shapes     /livez, /readyz?verbose, /healthz, /version and the API's documents as JSON; /metrics in
//            Prometheus' text format.
// Errors     NotReady while a readiness check fails; the detail names it.
// Threads    any I/O thread.

#include "server/endpoints/core.h"
#include "server/endpoints/request.h"

namespace patron::endpoints {

void get_livez(Core& core, const Request& request, wire::ByteWriter& out);
void get_readyz(Core& core, const Request& request, wire::ByteWriter& out);
void get_healthz(Core& core, const Request& request, wire::ByteWriter& out);
void get_metrics(Core& core, const Request& request, wire::ByteWriter& out);
void get_version(Core& core, const Request& request, wire::ByteWriter& out);
void get_openapi(Core& core, const Request& request, wire::ByteWriter& out);
void get_asyncapi(Core& core, const Request& request, wire::ByteWriter& out);

}  // namespace patron::endpoints
