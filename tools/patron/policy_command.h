#pragma once
// `patron policy validate FILE... | show [NAME|FILE] | presets`: policies without a server.
//
// Shapes     validate prints `file:line:column: error: what is wrong at /json/pointer`, or JSON;
// show prints
//            a preset with its comments, or a file in canonical form. "-" is standard input.
// Errors     0: fine (warnings too), 1: mistakes found, 2: usage; else a StartError (no such file:
// 66),
//            which policy_command prints and turns into its exit code.

#include <iosfwd>
#include <span>
#include <string>

#include "tools/patron/command.h"

namespace patron::tools {

void add_policy_command(CLI::App& app, Run& run);

// The same as a function: `args` are the words after `patron policy`.
int policy_command(std::span<const std::string> args, std::ostream& out, std::ostream& err);

}  // namespace patron::tools
