#include "store/backup_restore.h"

#include <algorithm>
#include <span>
#include <utility>

#include "store/audit_row.h"
#include "store/file_copy.h"

namespace patron::store {
namespace {

constexpr std::uint64_t kManifestBytesMax = 4096;

Result<std::string> read_manifest(FileSystem& files, const std::string& path) {
    const auto file = files.open(path);
    if (!file) {
        return fail(FaultCode::DataFolder, "no backup: " + file.error().detail);
    }
    if ((*file)->size() > kManifestBytesMax) {
        return fail(FaultCode::DataDamaged, path + " is longer than any that is written");
    }
    std::string text(static_cast<std::size_t>((*file)->size()), '\0');
    const auto read = (*file)->read_at(0, std::as_writable_bytes(std::span(text)));
    if (!read) {
        return std::unexpected(read.error());
    }
    return text;
}

// What the MANIFEST says beside what is there.
void compare(const BackupManifest& said, FolderReport& report) {
    const auto add = [&](std::string what) {
        report.findings.push_back(
            {kManifestName, std::nullopt, std::nullopt, std::move(what), "use another backup"}
        );
    };
    if (report.meta && report.meta->at("identity") != said.identity) {
        add("it is of the folder " + said.identity + ", patron.db of another");
    }
    if (report.reached != said.seq) {
        add("it says that the last event is " + std::to_string(said.seq) + ", patron.db ends at " +
            std::to_string(report.reached));
    }
    if (std::ranges::find(report.snapshots, said.snapshot, &SnapshotInfo::name) ==
        report.snapshots.end()) {
        add("its snapshot " + said.snapshot + " is not there, or not sound");
    }
}

Result<void> tell(FileSystem& files, const std::string& database, const AuditEntry& entry) {
    auto db = SqliteDb::open(database, SqliteOpen::Existing, files.sqlite_vfs());
    if (!db) {
        return std::unexpected(db.error());
    }
    auto done = db->run("pragma locking_mode=exclusive; pragma synchronous=full");
    if (done) {
        done = add_audit(*db, entry);
    }
    if (!done) {
        return done;
    }
    const auto carried = db->checkpoint(true);
    return carried ? Result<void>() : std::unexpected(carried.error());
}

}  // namespace

Result<BackupVerdict> check_backup(FileSystem& files, const std::string& backup) {
    const auto text = read_manifest(files, backup + "/" + kManifestName);
    if (!text) {
        return std::unexpected(text.error());
    }
    auto manifest = parse_manifest(*text);
    if (!manifest) {
        return std::unexpected(manifest.error());
    }
    auto folder = FolderReading::open(files, backup);
    if (!folder) {
        return std::unexpected(folder.error());
    }
    BackupVerdict verdict{*std::move(manifest), check_folder(*folder)};
    compare(verdict.manifest, verdict.report);
    return verdict;
}

Result<void> stage_backup(
    FileSystem& files,
    const std::string& backup,
    const BackupManifest& manifest,
    const std::string& staging,
    Instant now
) {
    const std::string snapshot = "/snapshots/" + manifest.snapshot;
    Result<void> done;
    for (const char* below : {"", "/snapshots", "/backups"}) {
        if (done) {
            done = files.make_directory(staging + below);
        }
    }
    for (const std::string& file : {snapshot, std::string("/") + kDatabaseName}) {
        if (done) {
            done = copy_file(files, backup + file, staging + file);
        }
    }
    if (done) {
        const std::string made_at = std::to_string(manifest.made_at.ms);
        done = tell(
            files,
            staging + "/" + kDatabaseName,
            {now, manifest.seq, "restore", backup, "patron restore", "a backup made at " + made_at}
        );
    }
    for (const char* below : {"/snapshots", ""}) {
        if (done) {
            done = files.sync_directory(staging + below);
        }
    }
    return done;
}

}  // namespace patron::store
