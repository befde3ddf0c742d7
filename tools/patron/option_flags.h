#pragma once
// The server's options as flags of a subcommand.
//
// Owns       what the flags were given lives in OptionFlags, which outlives the parse.
// Threads    one owner.

#include <deque>
#include <string>

#include "server/options.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace patron::tools {

class OptionFlags {
  public:
    // Adds every option, and --config for the file.
    void add_to(CLI::App& command);
    // What was given, with the process's environment.
    server::OptionSources sources() const;

  private:
    struct Flag {
        std::string key;
        CLI::Option* option = nullptr;
        std::string text;
        bool on = false;
    };

    std::deque<Flag> flags_;  // their addresses stay
    std::string file_;
};

}  // namespace patron::tools
