#pragma once
// `patron config print [--origin]`: the options a server would start with, and where each comes
// from.
//
// Shapes     text is a patron.toml that sets what is in force now; --output json is a list.
// Errors     StartError for options that could not be resolved.

#include <string>

#include "server/options.h"
#include "tools/patron/command.h"

namespace patron::tools {

void add_config_command(CLI::App& app, Run& run);

std::string config_text(const server::OptionValues& values, bool with_origin);
std::string config_json(const server::OptionValues& values);

}  // namespace patron::tools
