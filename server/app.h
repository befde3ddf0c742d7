#pragma once
// The whole server put together: clock, store, API and HTTP, from a start that may fail to a clean
// end.
//
// Order      policy read -> store open -> port bound -> first line on stdout -> serving. On SIGTERM
// or
//            SIGINT: not ready, requests under way answered, store stopped. A second signal at
//            once.
// Errors     StartError with the next step: Config (policy), Unavailable (address), OsError.
// Threads    `serve` owns the process: it blocks the two signals in every thread and waits for
// them. Blocking   until the end.

#include "server/options.h"

namespace patron::server {

void serve(const Options& options);

}  // namespace patron::server
