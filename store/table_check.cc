#include "store/table_check.h"

#include "store/sqlite_rows.h"

namespace patron::store {

const TableCheck& policy_table() {
    static constexpr TableCheck kTable{
        "policy",
        "number, name, document, at, crc",
        5,
        [](const SqliteStatement& r) {
            return RowChecksum()
                .add(r.number(0))
                .add(r.bytes(1))
                .add(r.bytes(2))
                .add(r.number(3))
                .value();
        }
    };
    return kTable;
}

const TableCheck& answer_table() {
    static constexpr TableCheck kTable{
        "answer",
        "number, key, fingerprint, at, answer, crc",
        6,
        [](const SqliteStatement& r) {
            return RowChecksum()
                .add(r.bytes(1))
                .add(r.bytes(2))
                .add(r.number(3))
                .add(r.bytes(4))
                .value();
        }
    };
    return kTable;
}

const TableCheck& erasure_table() {
    static constexpr TableCheck kTable{
        "erasure",
        "seq, customer, customer_hash, at, purged_at, crc",
        6,
        [](const SqliteStatement& r) {
            return RowChecksum()
                .add(r.number(0))
                .add(r.bytes(1))
                .add(r.number(2))
                .add(r.number(3))
                .value();
        }
    };
    return kTable;
}

const TableCheck& audit_table() {
    static constexpr TableCheck kTable{
        "audit",
        "number, at, seq, kind, subject, by, detail, crc",
        8,
        [](const SqliteStatement& r) {
            return RowChecksum()
                .add(r.number(1))
                .add(r.number(2))
                .add(r.bytes(3))
                .add(r.bytes(4))
                .add(r.bytes(5))
                .add(r.bytes(6))
                .value();
        }
    };
    return kTable;
}

void walk_table(
    SqliteDb& db,
    const TableCheck& table,
    const std::function<void(const SqliteStatement& row)>& sound,
    const std::function<void(const std::string& what)>& finding
) {
    const std::string name = std::string("table ") + table.name;
    auto rows =
        db.prepare(std::string("select ") + table.columns + " from " + table.name + " order by 1");
    if (!rows) {
        finding(name + ": " + rows.error().detail);
        return;
    }
    for (;;) {
        const auto row = rows->step();
        if (!row) {
            finding(name + ": " + row.error().detail);
            return;
        }
        if (!*row) {
            return;
        }
        if (rows->number(table.count - 1) == table.crc(*rows)) {
            sound(*rows);
        } else {
            finding(name + ": row " + std::to_string(rows->number(0)) + " fails its checksum");
        }
    }
}

std::uint64_t check_table(
    SqliteDb& db,
    const TableCheck& table,
    const std::function<void(const std::string& what)>& finding
) {
    std::uint64_t rows = 0;
    walk_table(db, table, [&](const SqliteStatement&) { ++rows; }, finding);
    return rows;
}

Result<std::uint64_t> read_head(SqliteDb& db) {
    auto rows = db.prepare("select last_seq, crc from head where one = 1");
    const auto row = rows ? rows->step() : Result<bool>(std::unexpected(rows.error()));
    if (!row) {
        return std::unexpected(row.error());
    }
    if (!*row) {
        return fail(FaultCode::DataDamaged, "table head: its row is missing");
    }
    const std::uint64_t head = rows->count(0);
    const std::uint32_t crc = head == 0 ? 0 : RowChecksum().add(head).value();
    if (rows->number(1) != crc) {
        return fail(FaultCode::DataDamaged, "table head: it fails its checksum");
    }
    return head;
}

}  // namespace patron::store
