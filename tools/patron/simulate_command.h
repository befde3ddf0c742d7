#pragma once
// `patron simulate`: a shop that never was, written to a file or sent to a server.
//
// Errors     StartError; events that the server refused end in exit code 1.

#include "tools/patron/command.h"

namespace patron::tools {

void add_simulate_command(CLI::App& app, Run& run);

}  // namespace patron::tools
