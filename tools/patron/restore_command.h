#pragma once
// `patron restore BACKUP --data DIR [--replace]`: a data folder from a backup.
//
// Order      the whole backup is checked before DIR is touched; the new folder is whole and synced beside
//            DIR before it gets the name; with --replace the old one is moved to DIR.before-<time> first.
// Errors     0: done; 1: the backup is not sound; 2: usage; else a StartError (DIR is not empty: 73, in
//            use: 69).
// Threads    one.

#include <iosfwd>
#include <span>
#include <string>

#include "tools/patron/command.h"

namespace patron::tools {

void add_restore_command(CLI::App& app, Run& run);

// The same as a function: `args` are the words after `patron restore`.
int restore_command(std::span<const std::string> args, std::ostream& out, std::ostream& err);

}  // namespace patron::tools
