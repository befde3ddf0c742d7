#pragma once
// What every subcommand is to main: something that adds itself and, if it was named, is run.
//
// Errors     StartError out of the run; main prints it and takes its exit code.

#include <functional>

#include "server/start_error.h"

namespace CLI {
class App;
}

namespace patron::tools {

using Run = std::function<server::ExitCode()>;

}  // namespace patron::tools
