#pragma once
// POST /v1/snapshots and POST /v1/backups: what is kept, written out now.
//
// Shapes     a snapshot {name, from_seq, seq, customers, bytes, made_at}; a backup {directory, seq,
//            bytes, snapshot}, made in the folder of backups under the name given, else the time.
// Order      answered once it is on the disk.
// Errors     NoDataFolder, NameTaken, and what the disk says.
// Threads    any I/O thread.

#include "server/endpoints/core.h"
#include "server/endpoints/request.h"

namespace patron::endpoints {

Handled post_snapshots(
    Core& core, const Request& request, wire::ByteWriter& out, Deferral& deferral
);
Handled post_backups(Core& core, const Request& request, wire::ByteWriter& out, Deferral& deferral);

}  // namespace patron::endpoints
