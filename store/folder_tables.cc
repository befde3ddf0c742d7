#include "store/folder_tables.h"

#include <charconv>

#include "store/audit_row.h"
#include "store/sqlite_log.h"
#include "store/sqlite_rows.h"

namespace patron::store {
namespace {

constexpr std::string_view kChecksumKey = "checksum";
constexpr std::string_view kTablesKey = "tables";  // checksum of how they are defined

std::string text_of(double value) {
    char room[32];
    const auto end = std::to_chars(room, room + sizeof room, value).ptr;
    return {room, end};
}

std::string checksum_of(const FolderMeta& meta) {
    RowChecksum sum;
    for (const auto& [key, value] : meta) {
        sum.add(key).add(value);
    }
    return std::to_string(sum.value());
}

// SQLite keeps the text of each definition and believes what it reads: a flipped letter in "primary key"
// is another table, and an empty one.
Result<std::string> tables_checksum(SqliteDb& db) {
    auto rows = db.prepare("select type, name, tbl_name, sql from sqlite_schema order by name");
    if (!rows) {
        return std::unexpected(rows.error());
    }
    RowChecksum sum;
    for (;;) {
        const auto row = rows->step();
        if (!row) {
            return std::unexpected(row.error());
        }
        if (!*row) {
            return std::to_string(sum.value());
        }
        for (const int column : {0, 1, 2, 3}) {
            sum.add(rows->bytes(column));
        }
    }
}

Result<void> put_all(SqliteDb& db, FolderMeta meta) {
    meta.emplace(kChecksumKey, checksum_of(meta));
    auto put = db.prepare("insert or replace into meta values(?1, ?2)");
    if (!put) {
        return std::unexpected(put.error());
    }
    for (const auto& [key, value] : meta) {
        if (auto done = put->with(key, value).run(); !done) {
            return done;
        }
    }
    return {};
}

// All of `work` in one transaction.
template <class Work>
Result<void> whole(SqliteDb& db, Work work) {
    Result<void> done = db.run("begin immediate");
    if (done) {
        done = work();
        if (done) {
            done = db.run("commit");
        }
        if (!done) {
            (void)db.run("rollback");  // may be rolled back already
        }
    }
    return done;
}

std::uint32_t policy_crc(
    std::int64_t number, std::string_view name, std::string_view document, std::int64_t at
) {
    return RowChecksum().add(number).add(name).add(document).add(at).value();
}

Result<void> add_policy(SqliteDb& db, std::int64_t number, const FolderOptions& options) {
    auto add = db.prepare("insert into policy values(?1, ?2, ?3, ?4, ?5)");
    if (!add) {
        return std::unexpected(add.error());
    }
    const AuditEntry entry{
        options.now, 0, "policy", options.policy_name, "start", "number " + std::to_string(number)
    };
    const std::string& name = options.policy_name;
    const std::string& document = options.policy_document;
    const std::int64_t at = options.now.ms;
    return whole(db, [&]() -> Result<void> {
        const std::uint32_t crc = policy_crc(number, name, document, at);
        if (auto done = add->with(number, name, document, at, crc).run(); !done) {
            return done;
        }
        return add_audit(db, entry);
    });
}

}  // namespace

FolderMeta lasting(const scoring::FactSchema& schema) {
    return {
        {"currency", schema.currency},
        {"currency_digits", std::to_string(schema.currency_digits)},
        {"time_zone", schema.time_zone},
        {"activity_half_life_days", text_of(schema.activity_half_life_days)},
        {"complaint_half_life_days", text_of(schema.complaint_half_life_days)},
        {"contact_half_life_days", text_of(schema.contact_half_life_days)},
    };
}

Result<bool> is_blank(SqliteDb& db) {
    const auto version = db.number("pragma user_version");
    const auto tables = db.number("select count(*) from sqlite_schema");
    if (!version || !tables) {
        return std::unexpected(version ? tables.error() : version.error());
    }
    if (version->value_or(0) == 0 && tables->value_or(0) == 0) {
        return true;
    }
    if (version->value_or(0) != kFolderVersion) {
        return fail(
            FaultCode::DataFolder,
            "patron.db has format version " + std::to_string(version->value_or(0)) +
                ", this program reads " + std::to_string(kFolderVersion)
        );
    }
    return false;
}

Result<void> make_tables(SqliteDb& db, const FolderMeta& meta) {
    return whole(db, [&]() -> Result<void> {
        const std::string tables =
            std::string("create table meta(key blob primary key, value blob not null);") +
            "create table policy(number integer primary key, name blob not null, "
            "document blob not null, at integer not null, crc integer not null);" +
            SqliteLog::schema() + "pragma user_version=" + std::to_string(kFolderVersion);
        if (auto done = db.run(tables); !done) {
            return done;
        }
        const auto sum = tables_checksum(db);
        if (!sum) {
            return std::unexpected(sum.error());
        }
        FolderMeta whole_meta = meta;
        whole_meta[std::string(kTablesKey)] = *sum;
        return put_all(db, std::move(whole_meta));
    });
}

Result<void> write_meta(SqliteDb& db, const FolderMeta& meta) {
    return whole(db, [&] { return put_all(db, meta); });
}

Result<FolderMeta> read_meta(SqliteDb& db) {
    auto rows = db.prepare("select key, value from meta");
    if (!rows) {
        return std::unexpected(rows.error());
    }
    FolderMeta meta;
    for (;;) {
        const auto row = rows->step();
        if (!row) {
            return std::unexpected(row.error());
        }
        if (!*row) {
            break;
        }
        meta.emplace(rows->bytes(0), rows->bytes(1));
    }
    const auto sum = meta.find(kChecksumKey);
    const std::string said = sum != meta.end() ? sum->second : "";
    meta.erase(std::string(kChecksumKey));
    meta.erase(std::string(kToldKey));
    if (said != checksum_of(meta)) {
        return fail(FaultCode::DataDamaged, "patron.db: table meta fails its checksum");
    }
    const auto tables = tables_checksum(db);
    if (!tables) {
        return std::unexpected(tables.error());
    }
    if (meta[std::string(kTablesKey)] != *tables) {
        return fail(FaultCode::DataDamaged, "patron.db: its tables are not defined as they were");
    }
    return meta;
}

Result<std::uint32_t> policy_number(SqliteDb& db, const FolderOptions& options) {
    auto rows = db.prepare("select number, name, document, at, crc from policy order by number");
    if (!rows) {
        return std::unexpected(rows.error());
    }
    std::int64_t next = 1;
    for (;;) {
        const auto row = rows->step();
        if (!row) {
            return std::unexpected(row.error());
        }
        if (!*row) {
            break;
        }
        const std::int64_t number = rows->number(0);
        if (policy_crc(number, rows->bytes(1), rows->bytes(2), rows->number(3)) !=
            rows->number(4)) {
            return fail(
                FaultCode::DataDamaged,
                "patron.db: policy " + std::to_string(number) + " fails its checksum"
            );
        }
        if (rows->bytes(2) == options.policy_document) {
            return static_cast<std::uint32_t>(number);
        }
        next = number + 1;
    }
    if (auto done = add_policy(db, next, options); !done) {
        return std::unexpected(done.error());
    }
    return static_cast<std::uint32_t>(next);
}

}  // namespace patron::store
