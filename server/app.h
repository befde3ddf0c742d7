#pragma once
// The whole server put together: clock, store, API and HTTP, from a start that may fail to a clean
// end.
//
// Order      policy read -> folder locked -> store open -> port bound -> first lines on stdout ->
//            recovery (/livez 200, /readyz 503 with its progress) -> ready. On SIGTERM or SIGINT, also
//            during recovery: not ready, requests under way answered, last snapshot, store stopped. A
//            second signal ends at once.
// Errors     StartError with the next step, as open_store.h and start_fault.h say; Unavailable
//            (address), OsError. A recovery that fails ends the process the same way.
// Threads    `serve` owns the process: it blocks the two signals in every thread and waits for them.
// Blocking   until the end.

#include "server/options.h"

namespace patron::server {

void serve(const Options& options);

}  // namespace patron::server
