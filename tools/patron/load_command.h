#pragma once
// `patron load`: puts a server under a load that is fixed beforehand and says what it would feel like.
//
// Errors     StartError: Usage, Findings (no server, unknown customers), CannotCreate (report files).
//            Findings as a result when errors exceed --max-errors.

#include <ostream>
#include <span>
#include <string>

#include "tools/patron/command.h"

namespace patron::tools {

void add_load_command(CLI::App& app, Run& run);
int load_command(std::span<const std::string> args, std::ostream& out, std::ostream& err);

}  // namespace patron::tools
