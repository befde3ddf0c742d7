#pragma once
// `patron stream`: the live feed of a running server in a terminal.
//
// Errors     StartError, as in stream_session.h and stream_printer.h; ended by a signal: Ok.

#include <ostream>
#include <span>
#include <string>

#include "tools/patron/command.h"

namespace patron::tools {

void add_stream_command(CLI::App& app, Run& run);

// The same by itself, without colours.
int stream_command(std::span<const std::string> args, std::ostream& out, std::ostream& err);

}  // namespace patron::tools
