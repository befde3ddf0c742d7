#pragma once
// `patron serve`: the server, until a signal ends it.
//
// Errors     StartError.

#include "tools/patron/command.h"

namespace patron::tools {

void add_serve_command(CLI::App& app, Run& run);

}  // namespace patron::tools
