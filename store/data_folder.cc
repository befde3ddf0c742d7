#include "store/data_folder.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <random>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "store/data_folder_impl.h"
#include "store/folder_tables.h"
#include "store/snapshot_file.h"
#include "store/sqlite_log.h"
#include "store/wal_check.h"

#ifndef PATRON_PARTITION_COUNT_DEFAULT
#define PATRON_PARTITION_COUNT_DEFAULT 64
#endif

namespace patron::store {
namespace {

constexpr const char* kDatabase = "patron.db";
constexpr const char* kWal = "patron.db-wal";
// Up to here the structure of the file is checked at every start.
constexpr std::int64_t kCheckedPagesMax = 16'384;

std::uint64_t random_bits() {
    std::random_device source;
    return (std::uint64_t{source()} << 32) | source();
}

std::string hex(std::uint64_t number) {
    char room[17];
    const auto end = std::to_chars(room, room + sizeof room, number, 16).ptr;
    return {room, end};
}

std::string_view name_of(Durability durability) {
    switch (durability) {
        case Durability::Fsync:
            return "fsync";
        case Durability::Interval:
            return "interval";
        case Durability::None:
            return "none";
    }
    return "";
}

const char* synchronous(Durability durability) {
    switch (durability) {
        case Durability::Fsync:
            return "full";
        case Durability::Interval:
            return "normal";
        case Durability::None:
            return "off";
    }
    return "full";
}

std::string parent_of(std::string_view directory) {
    while (directory.size() > 1 && directory.ends_with('/')) {
        directory.remove_suffix(1);
    }
    const auto slash = directory.rfind('/');
    if (slash == std::string_view::npos) {
        return ".";
    }
    return std::string(directory.substr(0, std::max<std::size_t>(slash, 1)));
}

template <class T>
std::optional<T> number_of(const FolderMeta& meta, std::string_view key, int base) {
    const auto at = meta.find(key);
    T out = 0;
    if (at == meta.end()) {
        return std::nullopt;
    }
    const char* end = at->second.data() + at->second.size();
    const auto parsed = std::from_chars(at->second.data(), end, out, base);
    return parsed.ec == std::errc() && parsed.ptr == end ? std::optional(out) : std::nullopt;
}

}  // namespace

// Opens one folder, step by step; each step returns what stops it.
class FolderOpening {
  public:
    FolderOpening(FileSystem& files, const std::string& directory, const FolderOptions& options)
        : options_(options), impl_(std::make_unique<DataFolder::Impl>()) {
        impl_->files = &files;
        impl_->directory = directory;
    }

    Result<std::unique_ptr<DataFolder>> run() {
        using Step = Result<void> (FolderOpening::*)();
        for (const Step step :
             {&FolderOpening::make_directories,
              &FolderOpening::lock,
              &FolderOpening::look_at_files,
              &FolderOpening::look_at_wal,
              &FolderOpening::open_database,
              &FolderOpening::read_or_make,
              &FolderOpening::take_meta,
              &FolderOpening::open_log}) {
            if (auto done = (this->*step)(); !done) {
                done.error().detail = impl_->directory + ": " + done.error().detail;
                return std::unexpected(done.error());
            }
        }
        return std::unique_ptr<DataFolder>(new DataFolder(std::move(impl_)));
    }

  private:
    std::string path(const char* name) const { return impl_->directory + "/" + name; }

    Result<void> make_directories() {
        for (const char* below : {"", "/snapshots", "/backups"}) {
            if (auto made = impl_->files->make_directory(impl_->directory + below); !made) {
                return made;
            }
        }
        return impl_->files->sync_directory(impl_->directory);
    }

    Result<void> lock() {
        if (impl_->files->sqlite_vfs() != nullptr) {
            return {};  // files that no other process can see
        }
        impl_->lock = ::open(path("LOCK").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
        if (impl_->lock < 0) {
            return fail(FaultCode::DiskFailed, std::string("LOCK: ") + std::strerror(errno));
        }
        if (flock(impl_->lock, LOCK_EX | LOCK_NB) != 0) {
            return fail(
                FaultCode::DataFolder,
                "another process uses this folder; stop it, or name another",
                "lock"
            );
        }
        return {};
    }

    Result<void> look_at_files() {
        const auto files = impl_->files->list(impl_->directory);
        const auto snapshots = impl_->files->list(impl_->directory + "/snapshots");
        if (!files || !snapshots) {
            return std::unexpected(files ? snapshots.error() : files.error());
        }
        const auto has = [&](const char* name) {
            return std::ranges::find(*files, name) != files->end();
        };
        has_wal_ = has(kWal);
        std::uint64_t size = 0;
        if (has(kDatabase)) {
            const auto file = impl_->files->open(path(kDatabase));
            if (!file) {
                return std::unexpected(file.error());
            }
            size = (*file)->size();
        }
        fresh_ = size == 0;
        const bool used = has_wal_ || std::ranges::any_of(*snapshots, [](const std::string& name) {
                              return snapshot_seq(name).has_value();
                          });
        if (fresh_ && used) {
            return fail(
                FaultCode::DataDamaged,
                "patron.db is missing or empty, but there is a WAL or a snapshot of it; bring it "
                "back, or restore a backup"
            );
        }
        // A folder may be new to the directory it lies in.
        return fresh_ ? impl_->files->sync_directory(parent_of(impl_->directory)) : Result<void>();
    }

    // SQLite takes a damaged frame for the end of the WAL; what was acknowledged behind it would be gone
    // without a word. So this is looked at before SQLite sees it.
    Result<void> look_at_wal() {
        if (!has_wal_) {
            return {};
        }
        const auto verdict = check_wal(*impl_->files, impl_->directory, kWal, synced_each());
        if (!verdict) {
            return std::unexpected(verdict.error());
        }
        if (const auto* damaged = std::get_if<WalDamaged>(&*verdict)) {
            return fail(
                FaultCode::DataDamaged,
                "patron.db-wal is damaged at byte " + std::to_string(damaged->offset) + " (" +
                    damaged->reason + "), with committed batches behind it; `patron log repair` " +
                    "sets it aside, or restore a backup"
            );
        }
        if (const auto* torn = std::get_if<WalTornTail>(&*verdict)) {
            torn_ = true;
            impl_->notices.push_back(
                "a torn tail of " + std::to_string(torn->bytes) +
                " bytes of patron.db-wal was cut at byte " + std::to_string(torn->offset) +
                ": the last batch was not whole; it was never acknowledged, unless the disk spoilt "
                "it"
            );
        }
        return {};
    }

    // How the WAL was written: the main file says, as of its last opening.
    bool synced_each() const {
        auto db =
            SqliteDb::open(path(kDatabase), SqliteOpen::Immutable, impl_->files->sqlite_vfs());
        if (!db) {
            return true;
        }
        const auto meta = read_meta(*db);
        if (!meta) {
            return true;
        }
        const auto said = meta->find("durability");
        return said == meta->end() || said->second == name_of(Durability::Fsync);
    }

    Result<void> open_database() {
        auto db = SqliteDb::open(path(kDatabase), SqliteOpen::Write, impl_->files->sqlite_vfs());
        if (!db) {
            return std::unexpected(db.error());
        }
        db_ = *std::move(db);
        // Synced one by one until the main file says otherwise of its WAL, see `open_log`.
        const char* pragmas =
            "pragma locking_mode=exclusive; pragma page_size=4096; pragma journal_mode=wal; "
            "pragma secure_delete=on; pragma cell_size_check=on; "
            "pragma cache_size=-8192; pragma synchronous=full";
        if (auto done = db_.run(pragmas); !done) {
            return done;
        }
        return impl_->files->sync_directory(impl_->directory);
    }

    Result<void> read_or_make() {
        const auto blank = is_blank(db_);
        if (!blank) {
            return std::unexpected(blank.error());
        }
        if (*blank && !fresh_ && has_snapshots()) {
            return fail(FaultCode::DataDamaged, "patron.db has lost its tables");
        }
        if (*blank) {
            FolderMeta meta = lasting(options_.schema);
            const std::size_t partitions =
                options_.partitions != 0 ? options_.partitions : PATRON_PARTITION_COUNT_DEFAULT;
            meta["identity"] = hex(random_bits()) + hex(random_bits());
            meta["hash_seed"] = hex(random_bits());
            meta["partitions"] = std::to_string(partitions);
            meta["made_at"] = std::to_string(options_.now.ms);
            meta["durability"] = name_of(options_.durability);
            return make_tables(db_, meta);
        }
        const auto pages = db_.number("pragma page_count");
        if (!pages) {
            return std::unexpected(pages.error());
        }
        if (pages->value_or(0) <= kCheckedPagesMax) {
            const auto findings = db_.integrity(true);
            if (!findings) {
                return std::unexpected(findings.error());
            }
            if (*findings != "ok") {
                return fail(FaultCode::DataDamaged, "patron.db: " + *findings);
            }
        }
        return {};
    }

    bool has_snapshots() const {
        const auto names = impl_->files->list(impl_->directory + "/snapshots");
        return names && !names->empty();
    }

    Result<void> take_meta() {
        auto meta = read_meta(db_);
        if (!meta) {
            return std::unexpected(meta.error());
        }
        for (const auto& [key, wanted] : lasting(options_.schema)) {
            if ((*meta)[key] != wanted) {
                return fail(
                    FaultCode::DataFolder,
                    "made with " + key + " " + (*meta)[key] + ", asked for " + wanted +
                        "; a folder keeps what it was made with: use that, or another folder"
                );
            }
        }
        const auto seed = number_of<std::uint64_t>(*meta, "hash_seed", 16);
        const auto partitions = number_of<std::size_t>(*meta, "partitions", 10);
        if (!seed || !partitions || *partitions == 0) {
            return fail(FaultCode::DataDamaged, "patron.db: table meta lacks its numbers");
        }
        if (options_.partitions != 0 && options_.partitions != *partitions) {
            return fail(
                FaultCode::DataFolder,
                "made with " + std::to_string(*partitions) + " partitions, asked for " +
                    std::to_string(options_.partitions) + "; a folder keeps what it was made with"
            );
        }
        impl_->identity = (*meta)["identity"];
        impl_->hash_seed = *seed;
        impl_->partitions = *partitions;
        if (auto& said = (*meta)["durability"]; said != name_of(options_.durability)) {
            said = name_of(options_.durability);
            if (auto done = write_meta(db_, *meta); !done) {
                return done;
            }
        }
        return {};
    }

    Result<void> open_log() {
        const auto policy = policy_number(db_, options_);
        if (!policy) {
            return std::unexpected(policy.error());
        }
        impl_->policy = *policy;
        // From here on the main file says how its WAL is written, and nothing of a torn tail is left.
        if (const auto done = db_.checkpoint(torn_); !done) {
            return std::unexpected(done.error());
        }
        const std::string mode = synchronous(options_.durability);
        if (auto done = db_.run("pragma synchronous=" + mode); !done) {
            return done;
        }
        auto log = SqliteLog::open(
            std::move(db_),
            {path(kDatabase),
             impl_->files->sqlite_vfs(),
             options_.durability,
             options_.sync_interval_ms}
        );
        if (!log) {
            return std::unexpected(log.error());
        }
        auto answers = (*log)->answers(options_.now);
        if (!answers) {
            return std::unexpected(answers.error());
        }
        impl_->answers = *std::move(answers);
        impl_->log = *std::move(log);
        return {};
    }

    const FolderOptions& options_;
    std::unique_ptr<DataFolder::Impl> impl_;
    SqliteDb db_;
    bool has_wal_ = false;
    bool fresh_ = false;
    bool torn_ = false;
};

Result<std::unique_ptr<DataFolder>> DataFolder::open(
    FileSystem& files, const std::string& directory, const FolderOptions& options
) {
    return FolderOpening(files, directory, options).run();
}

DataFolder::Impl::~Impl() {
    log.reset();
    if (lock >= 0) {
        close(lock);
    }
}

DataFolder::DataFolder(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
DataFolder::~DataFolder() = default;

FileSystem& DataFolder::files() const {
    return *impl_->files;
}
const std::string& DataFolder::directory() const {
    return impl_->directory;
}
std::string DataFolder::snapshots() const {
    return impl_->directory + "/snapshots";
}
const std::string& DataFolder::identity() const {
    return impl_->identity;
}
std::uint64_t DataFolder::hash_seed() const {
    return impl_->hash_seed;
}
std::size_t DataFolder::partitions() const {
    return impl_->partitions;
}
std::uint32_t DataFolder::policy() const {
    return impl_->policy;
}
std::unique_ptr<EventLog> DataFolder::take_log() {
    return std::move(impl_->log);
}
std::vector<KeptAnswer> DataFolder::take_answers() {
    return std::move(impl_->answers);
}
const std::vector<std::string>& DataFolder::notices() const {
    return impl_->notices;
}

}  // namespace patron::store
