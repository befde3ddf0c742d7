#include "store/sqlite_copy.h"

namespace patron::store {
namespace {

class DatabaseCopy final : public LogCopy {
  public:
    DatabaseCopy(SqliteDb target, SqliteDb::Copy copy)
        : target_(std::move(target)), copy_(std::move(copy)) {}
    Result<bool> step() override { return copy_.step(kCopyPages); }

  private:
    SqliteDb target_;
    SqliteDb::Copy copy_;  // ends before its target
};

}  // namespace

Result<std::unique_ptr<LogCopy>> copy_database(
    SqliteDb& source, const std::string& path, const char* vfs
) {
    auto target = SqliteDb::open(path, SqliteOpen::Write, vfs);
    if (!target) {
        return std::unexpected(target.error());
    }
    if (auto set = target->run("pragma synchronous=full"); !set) {
        return std::unexpected(set.error());
    }
    auto copy = source.copy_to(*target);
    if (!copy) {
        return std::unexpected(copy.error());
    }
    return std::make_unique<DatabaseCopy>(*std::move(target), *std::move(copy));
}

}  // namespace patron::store
