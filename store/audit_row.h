#pragma once
// One more row in the audit table, for acts on a folder that no server runs on.
//
// Errors     as sqlite_db.h.
// Threads    the connection's.

#include "store/event_log.h"
#include "store/sqlite_db.h"

namespace patron::store {

Result<void> add_audit(SqliteDb& db, const AuditEntry& entry);

}  // namespace patron::store
