#pragma once
// `patron version`: which build this is.
//
// Errors     none.

#include "tools/patron/command.h"

namespace patron::tools {

void add_version_command(CLI::App& app, Run& run);

}  // namespace patron::tools
