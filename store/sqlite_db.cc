#include "store/sqlite_db.h"

#include <cstring>

#include <sqlite3.h>

#include "scoring/check.h"

namespace patron::store {
namespace {

FaultCode code_of(int code) {
    switch (code & 0xff) {
        case SQLITE_FULL:
            return FaultCode::DiskFull;
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
        case SQLITE_FORMAT:
        case SQLITE_ERROR:  // a table or column that should be there
            return FaultCode::DataDamaged;
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return FaultCode::DataFolder;
        default:
            return FaultCode::DiskFailed;
    }
}

std::unexpected<Fault> fault_of(sqlite3* db, int code) {
    std::string detail = db != nullptr ? sqlite3_errmsg(db) : sqlite3_errstr(code);
    const int system = db != nullptr ? sqlite3_system_errno(db) : 0;
    if ((code & 0xff) == SQLITE_IOERR || (code & 0xff) == SQLITE_CANTOPEN) {
        detail += " (code " + std::to_string(code);
        detail += system != 0 ? std::string(", ") + std::strerror(system) + ")" : ")";
    }
    return patron::store::fail(code_of(code), std::move(detail));
}

}  // namespace

// -- statements --

void SqliteStatement::Finalize::operator()(sqlite3_stmt* statement) const {
    sqlite3_finalize(statement);
}

void SqliteStatement::restart() {
    sqlite3_reset(statement_.get());
}

void SqliteStatement::bind(int place, std::int64_t value) {
    PATRON_CHECK(sqlite3_bind_int64(statement_.get(), place, value) == SQLITE_OK);
}

void SqliteStatement::bind(int place, std::string_view bytes) {
    const char* data = bytes.data() != nullptr ? bytes.data() : "";
    PATRON_CHECK(
        sqlite3_bind_blob64(statement_.get(), place, data, bytes.size(), SQLITE_STATIC) == SQLITE_OK
    );
}

Result<bool> SqliteStatement::step() {
    const int code = sqlite3_step(statement_.get());
    if (code == SQLITE_ROW) {
        return true;
    }
    if (code == SQLITE_DONE) {
        return false;
    }
    auto fault = fault_of(sqlite3_db_handle(statement_.get()), code);
    restart();
    return fault;
}

Result<void> SqliteStatement::run() {
    for (;;) {
        const auto row = step();
        if (!row) {
            return std::unexpected(row.error());
        }
        if (!*row) {
            restart();
            return {};
        }
    }
}

std::int64_t SqliteStatement::number(int column) const {
    return sqlite3_column_int64(statement_.get(), column);
}

std::string_view SqliteStatement::bytes(int column) const {
    const void* data = sqlite3_column_blob(statement_.get(), column);
    const int size = sqlite3_column_bytes(statement_.get(), column);
    return {static_cast<const char*>(data), static_cast<std::size_t>(size)};
}

bool SqliteStatement::null(int column) const {
    return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

// -- the connection --

void SqliteDb::Close::operator()(sqlite3* db) const {
    sqlite3_close_v2(db);
}

Result<SqliteDb> SqliteDb::open(const std::string& path, SqliteOpen how, const char* vfs) {
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_URI;
    flags |= how == SqliteOpen::Immutable ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
    flags |= how == SqliteOpen::Write ? SQLITE_OPEN_CREATE : 0;
    std::string name = path;
    if (how == SqliteOpen::Immutable) {
        name = "file:";
        for (const char c : path) {  // what a URI would take for something else
            constexpr std::string_view kHex = "0123456789ABCDEF";
            const auto byte = static_cast<unsigned char>(c);
            name += c == '?' || c == '#' || c == '%'
                        ? std::string{'%', kHex[byte >> 4], kHex[byte & 15]}
                        : std::string{c};
        }
        name += "?immutable=1";
    }
    SqliteDb out;
    sqlite3* db = nullptr;
    const int code = sqlite3_open_v2(name.c_str(), &db, flags, vfs);
    out.db_.reset(db);
    if (code != SQLITE_OK) {
        return fault_of(db, code);
    }
    out.wal_frames_ = std::make_unique<int>(0);
    sqlite3_wal_hook(
        db,
        [](void* frames, sqlite3*, const char*, int count) {
            *static_cast<int*>(frames) = count;
            return SQLITE_OK;
        },
        out.wal_frames_.get()
    );
    return out;
}

Result<void> SqliteDb::run(const std::string& sql) {
    const int code = sqlite3_exec(db_.get(), sql.c_str(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) {
        return fault_of(db_.get(), code);
    }
    return {};
}

Result<SqliteStatement> SqliteDb::prepare(std::string_view sql) {
    SqliteStatement out;
    sqlite3_stmt* statement = nullptr;
    const int code = sqlite3_prepare_v3(
        db_.get(),
        sql.data(),
        static_cast<int>(sql.size()),
        SQLITE_PREPARE_PERSISTENT,
        &statement,
        nullptr
    );
    out.statement_.reset(statement);
    if (code != SQLITE_OK) {
        return fault_of(db_.get(), code);
    }
    return out;
}

Result<std::optional<std::int64_t>> SqliteDb::number(const std::string& sql) {
    auto statement = prepare(sql);
    if (!statement) {
        return std::unexpected(statement.error());
    }
    const auto row = statement->step();
    if (!row) {
        return std::unexpected(row.error());
    }
    return *row && !statement->null(0) ? std::optional(statement->number(0)) : std::nullopt;
}

Result<SqliteDb::Checkpoint> SqliteDb::checkpoint(bool truncate) {
    Checkpoint out;
    const int mode = truncate ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE;
    const int code = sqlite3_wal_checkpoint_v2(db_.get(), nullptr, mode, &out.frames, &out.done);
    if (code != SQLITE_OK) {
        return fault_of(db_.get(), code);
    }
    *wal_frames_ = out.frames - out.done;
    return out;
}

Result<std::string> SqliteDb::integrity(bool quick) {
    auto statement = prepare(quick ? "pragma quick_check(10)" : "pragma integrity_check(100)");
    if (!statement) {
        return std::unexpected(statement.error());
    }
    std::string findings;
    for (;;) {
        const auto row = statement->step();
        if (!row) {
            return std::unexpected(row.error());
        }
        if (!*row) {
            return findings;
        }
        findings += (findings.empty() ? "" : "; ") + std::string(statement->bytes(0));
    }
}

// -- copies --

Result<SqliteDb::Copy> SqliteDb::copy_to(SqliteDb& target) {
    sqlite3_backup* backup = sqlite3_backup_init(target.db_.get(), "main", db_.get(), "main");
    if (backup == nullptr) {
        return fault_of(target.db_.get(), sqlite3_extended_errcode(target.db_.get()));
    }
    return Copy(backup);
}

SqliteDb::Copy::~Copy() {
    if (backup_ != nullptr) {
        sqlite3_backup_finish(static_cast<sqlite3_backup*>(backup_));
    }
}

Result<bool> SqliteDb::Copy::step(int pages) {
    auto* backup = static_cast<sqlite3_backup*>(backup_);
    const int code = sqlite3_backup_step(backup, pages);
    if (code == SQLITE_OK) {
        return false;
    }
    backup_ = nullptr;
    const int ended = sqlite3_backup_finish(backup);
    if (code == SQLITE_DONE && ended == SQLITE_OK) {
        return true;
    }
    return fault_of(nullptr, code == SQLITE_DONE ? ended : code);
}

}  // namespace patron::store
