#pragma once
// `patron backup DIR`: has a running server make a backup, then moves it to DIR.
//
// Order      DIR is looked at before the server is asked, and again when the backup is moved: what is
//            there is never written over.
// Errors     StartError, as server_call.h; CannotCreate: DIR exists or cannot be made. A backup that
//            could not be moved stays where the server made it, and the message says where.
// Blocking   until the backup is at its place, on the disk.

#include "tools/patron/command.h"

namespace patron::tools {

void add_backup_command(CLI::App& app, Run& run);

}  // namespace patron::tools
