#pragma once
// One load from the first connection to the last answer.
//
// Shapes     fill, look whether the customers are there, connect, run, merge what the threads counted.
// Errors     StartError: Findings (no server, unknown customers), Usage, OsError.
// Blocking   for as long as the run takes. Progress goes to stderr, one line rewritten.
// Threads    one caller; starts `threads` of its own.

#include "tools/load/load_options.h"
#include "tools/load/load_result.h"

namespace patron::tools {

// Of options that went through `checked`.
LoadResult run_load(const LoadOptions& options);

}  // namespace patron::tools
