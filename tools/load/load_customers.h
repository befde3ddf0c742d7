#pragma once
// The customers a load asks for: put in first if that was said, and seen to be there.
//
// Shapes     the same world as `patron simulate --customers N` with the same seed, up to now.
// Errors     StartError: Findings when the server is away, refuses events or does not know the customers.
// Blocking   both.

#include "tools/load/load_options.h"

namespace patron::tools {

void fill_server(const ServerUrl& url, const LoadOptions& options);
// Asks for the first and the last one, where the load will ask for customers at all.
void look_for_customers(const ServerUrl& url, const LoadOptions& options);

}  // namespace patron::tools
