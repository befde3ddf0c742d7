#pragma once
// What every subcommand is to main: something that adds itself and, if it was named, is run.
//
// Errors     StartError out of the run; main prints it and takes its exit code.

#include <functional>
#include <ostream>
#include <span>
#include <string>

#include "server/start_error.h"

namespace CLI {
class App;
}

namespace patron::tools {

using Run = std::function<server::ExitCode()>;

// One command by itself, as `name`: parses `args`, runs what they ask for, gives the exit code.
int run_command(
    const std::string& description,
    const std::string& name,
    const std::function<void(CLI::App&, Run&)>& add,
    std::span<const std::string> args,
    std::ostream& out,
    std::ostream& err
);

}  // namespace patron::tools
