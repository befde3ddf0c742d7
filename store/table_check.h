#pragma once
// The small tables of a data folder, row by row against their checksums.
//
// Shapes     a table names its columns as they are written; its checksum is the last of them.
// Threads    the connection's.

#include <cstdint>
#include <functional>
#include <string>

#include "store/sqlite_db.h"

namespace patron::store {

struct TableCheck {
    const char* name;
    const char* columns;  // all of them
    int count;            // of columns
    std::uint32_t (*crc)(const SqliteStatement& row);
};

const TableCheck& policy_table();
const TableCheck& answer_table();
const TableCheck& erasure_table();
const TableCheck& audit_table();

// Calls `sound` for each row that agrees with its checksum and `finding` for the rest.
void walk_table(
    SqliteDb& db,
    const TableCheck& table,
    const std::function<void(const SqliteStatement& row)>& sound,
    const std::function<void(const std::string& what)>& finding
);

// How many rows are sound.
std::uint64_t check_table(
    SqliteDb& db,
    const TableCheck& table,
    const std::function<void(const std::string& what)>& finding
);

// The event that the log had reached as of its last checkpoint.
Result<std::uint64_t> read_head(SqliteDb& db);

}  // namespace patron::store
