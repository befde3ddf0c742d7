#pragma once
// `patron snapshot`: has a running server write one now; `patron snapshot verify FILE`: reads all of
// a snapshot file, without a server.
//
// Shapes     prints one line, or the members of the API's snapshot as JSON.
// Errors     StartError, as server_call.h; a file that cannot be trusted: DataError, that is not
//            there: NoInput.

#include <iosfwd>
#include <span>
#include <string>

#include "tools/patron/command.h"

namespace patron::tools {

void add_snapshot_command(CLI::App& app, Run& run);

// The same as a function: `args` are the words after `patron snapshot`.
int snapshot_command(std::span<const std::string> args, std::ostream& out, std::ostream& err);

}  // namespace patron::tools
