#include "store/backup_job.h"

#include <algorithm>

#include "store/backup_manifest.h"

namespace patron::store {

Result<BackupJob> BackupJob::begin(
    const DataFolder& folder, EventLog& log, std::string directory, SnapshotInfo snapshot
) {
    BackupJob job(folder, log);
    job.part_ = directory + ".part";
    job.info_.directory = std::move(directory);
    job.info_.snapshot = std::move(snapshot);
    if (auto ready = job.prepare(); !ready) {
        return std::unexpected(ready.error());
    }
    return job;
}

Result<void> BackupJob::prepare() {
    if (files().list(info_.directory)) {
        return fail(FaultCode::NameTaken, info_.directory + " is there already");
    }
    const std::string& name = info_.snapshot.name;
    for (const std::string& below : {part_, part_ + "/snapshots"}) {
        if (auto made = files().make_directory(below); !made) {
            return made;
        }
    }
    // What an earlier backup of this name left when it was cut short.
    const auto left = files().list(part_);
    for (const std::string& file : left ? *left : std::vector<std::string>{}) {
        if (auto gone = files().remove(part_ + "/" + file); !gone) {
            return gone;
        }
    }
    auto from = files().open(folder_->snapshots() + "/" + name);
    auto to = files().create(part_ + "/snapshots/" + name);
    if (!from || !to) {
        return std::unexpected(from ? to.error() : from.error());
    }
    from_ = *std::move(from);
    to_ = *std::move(to);
    return {};
}

Result<bool> BackupJob::step(Instant now) {
    if (from_ != nullptr) {
        const auto done = copy_slice();
        return done ? Result<bool>(true) : std::unexpected(done.error());
    }
    if (log_copy_ == nullptr) {
        auto copy = log_->copy_to(part_ + "/patron.db");
        if (!copy) {
            return std::unexpected(copy.error());
        }
        log_copy_ = *std::move(copy);
    }
    const auto whole = log_copy_->step();
    if (!whole || !*whole) {
        return whole ? Result<bool>(true) : whole;
    }
    log_copy_.reset();
    const auto done = finish(now);
    return done ? Result<bool>(false) : std::unexpected(done.error());
}

Result<void> BackupJob::copy_slice() {
    const std::uint64_t left = from_->size() - copied_;
    room_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(left, kSliceBytes)));
    if (!room_.empty()) {
        Result<void> moved = from_->read_at(copied_, room_);
        if (moved) {
            moved = to_->append(room_);
        }
        copied_ += room_.size();
        return moved;
    }
    auto synced = to_->sync();
    to_.reset();
    from_.reset();
    return synced;
}

Result<void> BackupJob::finish(Instant now) {
    info_.seq = log_->status().last_seq;
    const std::string text =
        manifest_text({folder_->identity(), info_.seq, now, info_.snapshot.name});
    auto manifest = files().create(part_ + "/" + kManifestName);
    if (!manifest) {
        return std::unexpected(manifest.error());
    }
    const auto database = files().open(part_ + "/patron.db");
    if (!database) {
        return std::unexpected(database.error());
    }
    info_.bytes = copied_ + text.size() + (*database)->size();
    Result<void> done = (*manifest)->append(std::as_bytes(std::span(text)));
    if (done) {
        done = (*manifest)->sync();
    }
    for (const std::string& directory : {part_ + "/snapshots", part_}) {
        if (done) {
            done = files().sync_directory(directory);
        }
    }
    if (done) {
        done = files().rename(part_, info_.directory);
    }
    if (done) {
        const std::size_t slash = info_.directory.rfind('/');
        done = files().sync_directory(
            slash == std::string::npos ? "." : info_.directory.substr(0, slash)
        );
    }
    return done;
}

}  // namespace patron::store
