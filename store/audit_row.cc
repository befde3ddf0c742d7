#include "store/audit_row.h"

#include "store/sqlite_rows.h"

namespace patron::store {

Result<void> add_audit(SqliteDb& db, const AuditEntry& e) {
    auto put = db.prepare(
        "insert into audit(at, seq, kind, subject, by, detail, crc) "
        "values(?1, ?2, ?3, ?4, ?5, ?6, ?7)"
    );
    if (!put) {
        return std::unexpected(put.error());
    }
    return put->with(e.at.ms, e.seq, e.kind, e.subject, e.by, e.detail, crc_of(e)).run();
}

}  // namespace patron::store
