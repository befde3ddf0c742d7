#pragma once
// `patron import FILE...`: a shop's history, from files to a server.
//
// Errors     StartError; rows that were refused are counted and end in exit code 1.

#include "tools/patron/command.h"

namespace patron::tools {

void add_import_command(CLI::App& app, Run& run);

}  // namespace patron::tools
