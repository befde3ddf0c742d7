#pragma once
// `patron log verify | dump | repair`: the data folder of a server that does not run.
//
// Shapes     verify tells every finding with its place and the next step, or JSON; dump prints one line of
//            JSON an event, as the API takes it, with its number and when it was accepted; repair says what
//            it would do, and does it with --yes.
// Errors     0: sound, or repaired; 1: findings; 2: usage; else a StartError (in use: 69, no folder: 78).
// Threads    one.

#include <iosfwd>
#include <span>
#include <string>

#include "tools/patron/command.h"

namespace patron::tools {

void add_log_command(CLI::App& app, Run& run);

// The same as a function: `args` are the words after `patron log`.
int log_command(std::span<const std::string> args, std::ostream& out, std::ostream& err);

}  // namespace patron::tools
