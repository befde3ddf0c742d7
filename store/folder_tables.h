#pragma once
// What a data folder says of itself, in its database: how it was made, and the policies it has seen.
//
// Shapes     table meta(key, value), one checksum over all of it but kToldKey (sqlite_log.h); table policy(number, name, document).
// Errors     DataDamaged where a checksum disagrees, DataFolder for a version that is not known.
// Threads    the connection's.

#include <map>
#include <string>
#include <string_view>

#include "store/data_folder.h"
#include "store/sqlite_db.h"

namespace patron::store {

inline constexpr std::int64_t kFolderVersion = 1;

// Until when listeners were told; written with the log's batches, with a checksum of its own.
inline constexpr std::string_view kToldKey = "told";

using FolderMeta = std::map<std::string, std::string, std::less<>>;

// What `options` ask of a folder: everything that must stay as it was made with.
FolderMeta lasting(const scoring::FactSchema& schema);

// True when the file has no tables yet: a new one, or one whose making was cut short.
Result<bool> is_blank(SqliteDb& db);
// All tables and the meta values, in one transaction.
Result<void> make_tables(SqliteDb& db, const FolderMeta& meta);
Result<FolderMeta> read_meta(SqliteDb& db);
Result<void> write_meta(SqliteDb& db, const FolderMeta& meta);

// The number of the policy with this document, a new one with an audit entry if it was never seen.
Result<std::uint32_t> policy_number(SqliteDb& db, const FolderOptions& options);

}  // namespace patron::store
