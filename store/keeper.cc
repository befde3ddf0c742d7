#include "store/keeper.h"

#include <algorithm>
#include <thread>

#include "store/limits.h"

namespace patron::store {
namespace {

constexpr std::chrono::milliseconds kPollWriter{2};
constexpr std::int64_t kRetryAfterMs = 60'000;

std::uint64_t micros_since(std::chrono::steady_clock::time_point begun) {
    const auto took = std::chrono::steady_clock::now() - begun;
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(took).count()
    );
}

}  // namespace

Keeper::Keeper(Parts parts) : parts_(parts), last_at_(parts.clock.now()) {}

void Keeper::begin(const RecoveryReport& report) {
    if (parts_.folder == nullptr) {
        return;
    }
    last_at_ = parts_.clock.now();
    if (report.snapshot) {
        last_at_ = std::min(last_at_, report.snapshot->made_at);
        parts_.board.change([&](KeepStatus& s) { s.last_snapshot = report.snapshot; });
    }
    list_snapshots();
    begin_purge();
    tell_due();
}

void Keeper::tell_due() {
    erasures_told_ = parts_.log.status().erasures_pending;
    due_at_ = scoring::plus_ms(last_at_, parts_.options.snapshot_every_ms);
    parts_.board.change([&](KeepStatus& s) {
        s.snapshot_due = due_at_;
        s.erasures_pending = erasures_told_;
        s.snapshot_under_way = job_.has_value();
    });
}

void Keeper::take(std::vector<KeepTask> tasks) {
    for (KeepTask& task : tasks) {
        if (parts_.folder == nullptr) {
            task.refuse({FaultCode::NoDataFolder, "this server keeps nothing: --data none", {}});
        } else if (asked_.size() + waiting_.size() + backups_.size() >=
                   limits::kQueueKeepTasksMax) {
            task.refuse({FaultCode::QueueFull, "snapshots and backups are waiting already", {}});
        } else {
            asked_.push_back(std::move(task));
        }
    }
}

void Keeper::wake_in(std::chrono::milliseconds after) {
    const auto at = Steady::now() + after;
    deadline_ = deadline_ ? std::min(*deadline_, at) : at;
}

bool Keeper::work(bool idle, std::uint64_t applied_seq) {
    deadline_.reset();
    if (parts_.folder == nullptr) {
        return false;
    }
    if (const auto again = parts_.log.tick(idle)) {
        wake_in(*again);
    }
    if (!job_ && (!asked_.empty() || due(applied_seq))) {
        begin_snapshot(applied_seq);
    }
    bool more = false;
    if (job_) {
        const auto begun = Steady::now();
        const SnapshotJob::Step step = job_->step(applied_seq);
        if (!idle) {
            const std::uint64_t us = micros_since(begun);
            parts_.board.change([&](KeepStatus& s) {
                s.pause_us_max = std::max(s.pause_us_max, us);
            });
        }
        if (step == SnapshotJob::Step::Ended) {
            snapshot_ended(job_->outcome());
        }
        more = step != SnapshotJob::Step::Waiting;
        if (!more) {
            wake_in(kPollWriter);
        }
    } else {
        more = step_purge() || (forgetting_ && forget_log()) || step_backup();
    }
    if (parts_.log.status().erasures_pending != erasures_told_) {
        tell_due();
    }
    if (!more) {
        const std::int64_t left = due_at_.ms - parts_.clock.now().ms;
        wake_in(std::chrono::milliseconds(std::clamp<std::int64_t>(left, 1'000, 3'600'000)));
    }
    return more;
}

// -- snapshots --

bool Keeper::due(std::uint64_t seq) const {
    const auto last = kept_.empty() ? 0 : kept_.back().to_seq;
    const Instant now = parts_.clock.now();
    if (seq <= last || now < retry_at_) {
        return false;
    }
    const std::uint64_t grown = parts_.log.status().appended_bytes - bytes_at_last_;
    return grown >= parts_.options.snapshot_log_bytes ||
           now.ms - last_at_.ms >= parts_.options.snapshot_every_ms;
}

void Keeper::begin_snapshot(std::uint64_t seq) {
    std::move(asked_.begin(), asked_.end(), std::back_inserter(waiting_));
    asked_.clear();
    if (!kept_.empty() && kept_.back().from_seq == seq) {
        const SnapshotInfo same = kept_.back();  // nothing has come since
        snapshot_ended(same);
        return;
    }
    const DataFolder& folder = *parts_.folder;
    auto writer = SnapshotWriter::begin(
        folder.files(),
        folder.snapshots(),
        seq,
        {folder.identity(),
         folder.hash_seed(),
         static_cast<std::uint32_t>(parts_.partitions.size()),
         folder.policy(),
         parts_.clock.now()}
    );
    if (!writer) {
        snapshot_ended(std::unexpected(writer.error()));
        return;
    }
    bytes_at_last_ = parts_.log.status().appended_bytes;
    job_.emplace(parts_.partitions, *std::move(writer));
    tell_due();
}

void Keeper::snapshot_ended(Result<SnapshotInfo> outcome) {
    job_.reset();
    const Instant now = parts_.clock.now();
    if (!outcome) {
        const Fault& fault = outcome.error();
        retry_at_ = scoring::plus_ms(now, kRetryAfterMs);
        if (fault.code == FaultCode::DiskFailed) {
            parts_.log.stop_writes("snapshot: " + fault.detail);
        }
        parts_.board.change([&](KeepStatus& s) {
            s.snapshots_failed += 1;
            s.last_failure = fault.detail;
        });
    } else if (kept_.empty() || kept_.back().name != outcome->name) {
        last_at_ = now;
        parts_.board.change([&](KeepStatus& s) {
            s.snapshots += 1;
            s.last_snapshot = *outcome;
        });
        forget_snapshots();
        forgetting_ = true;
        begin_purge();
    }
    tell_due();
    for (KeepTask& task : std::exchange(waiting_, {})) {
        if (task.snapshot_done) {
            task.snapshot_done(outcome);
        } else if (!outcome) {
            task.refuse(outcome.error());
        } else {
            backups_.push_back(std::move(task));
        }
    }
}

void Keeper::list_snapshots() {
    FileSystem& files = parts_.folder->files();
    const std::string directory = parts_.folder->snapshots();
    kept_.clear();
    others_.clear();
    const auto names = files.list(directory);
    for (const std::string& name : names ? *names : std::vector<std::string>{}) {
        if (!snapshot_seq(name)) {
            continue;
        }
        const auto reader = SnapshotReader::open(files, directory + "/" + name);
        const bool usable = reader && (*reader)->about().policy == parts_.folder->policy() &&
                            (*reader)->about().folder == parts_.folder->identity();
        if (usable) {
            kept_.push_back((*reader)->info());
        } else if (reader) {
            others_.push_back(name);  // what cannot be opened stays for somebody to look at
        }
    }
}

// The oldest beyond the number kept go; one that cannot be removed stays and is tried again next time.
void Keeper::forget_snapshots() {
    list_snapshots();
    const std::size_t most = std::max<std::size_t>(1, parts_.options.snapshots_kept);
    const std::string directory = parts_.folder->snapshots() + "/";
    if (kept_.size() >= most) {
        for (const std::string& name : std::exchange(others_, {})) {
            (void)parts_.folder->files().remove(directory + name);
        }
    }
    while (kept_.size() > most) {
        (void)parts_.folder->files().remove(directory + kept_.front().name);
        kept_.erase(kept_.begin());
    }
}

// All of them, usable or not: a snapshot's name is the sequence number it begins with.
bool Keeper::remove_snapshots_before(std::uint64_t seq) {
    FileSystem& files = parts_.folder->files();
    const std::string directory = parts_.folder->snapshots();
    const auto names = files.list(directory);
    bool gone = names.has_value();
    for (const std::string& name : names ? *names : std::vector<std::string>{}) {
        if (const auto from = snapshot_seq(name); from && *from < seq) {
            gone = files.remove(directory + "/" + name) && gone;
        }
    }
    list_snapshots();
    return gone;
}

// One helping of the oldest batches, while the log is larger than it may be and snapshots cover them.
bool Keeper::forget_log() {
    forgetting_ = false;
    const LogStatus log = parts_.log.status();
    if (kept_.empty() || log.bytes <= parts_.options.log_retain_bytes) {
        return false;
    }
    const auto least = std::ranges::min(kept_, {}, &SnapshotInfo::from_seq).from_seq;
    const auto more = parts_.log.forget_below(least + 1);
    forgetting_ = more && *more;
    return forgetting_;
}

// -- erased customers --

// Once the newest snapshot was taken wholly behind every erasure.
void Keeper::begin_purge() {
    const auto erasures = parts_.log.pending_erasures();
    const auto covered = [this](const Erasure& e) {
        return !kept_.empty() && e.seq <= kept_.back().from_seq;
    };
    if (!purge_ && !erasures.empty() && std::ranges::all_of(erasures, covered)) {
        purge_.emplace(parts_.log, erasures);
    }
}

bool Keeper::step_purge() {
    if (!purge_) {
        return false;
    }
    const auto more = purge_->step();
    if (more && *more) {
        return true;
    }
    if (!more) {
        parts_.board.change([&](KeepStatus& s) { s.last_failure = "purge: " + more.error().detail; }
        );
        purge_.reset();
        return false;
    }
    // Snapshots that still hold the erased go first: `purged` says that nothing holds them.
    const std::uint64_t up_to = purge_->up_to_seq();
    if (remove_snapshots_before(up_to)) {
        (void)parts_.log.purged(
            up_to,
            {parts_.clock.now(),
             up_to,
             "compaction",
             "erased customers",
             "server",
             std::to_string(purge_->removed()) + " events removed from the log"}
        );  // the log's status says if that failed
    }
    purge_.reset();
    tell_due();
    return false;
}

// -- backups --

bool Keeper::step_backup() {
    if (!backup_ && backups_.empty()) {
        return false;
    }
    if (!backup_) {
        auto begun =
            BackupJob::begin(*parts_.folder, parts_.log, backups_.front().directory, kept_.back());
        if (!begun) {
            backups_.front().backup_done(std::unexpected(begun.error()));
            backups_.pop_front();
            return !backups_.empty();
        }
        backup_.emplace(*std::move(begun));
    }
    const auto more = backup_->step(parts_.clock.now());
    if (more && *more) {
        return true;
    }
    KeepTask task = std::move(backups_.front());
    backups_.pop_front();
    task.backup_done(more ? Result<BackupInfo>(backup_->info()) : std::unexpected(more.error()));
    backup_.reset();
    return !backups_.empty();
}

// -- the end --

void Keeper::refuse_all(const Fault& fault) {
    for (auto* tasks : {&asked_, &waiting_, &backups_}) {
        for (KeepTask& task : std::exchange(*tasks, {})) {
            task.refuse(fault);
        }
    }
}

void Keeper::finish(std::uint64_t applied_seq) {
    if (parts_.folder == nullptr) {
        return;
    }
    const bool wanted = kept_.empty() || applied_seq > kept_.back().from_seq;
    if (!job_ && wanted && applied_seq > 0 && parts_.log.status().health != LogHealth::Failed) {
        begin_snapshot(applied_seq);
    }
    while (job_) {
        const SnapshotJob::Step step = job_->step(applied_seq);
        if (step == SnapshotJob::Step::Ended) {
            snapshot_ended(job_->outcome());
        } else if (step == SnapshotJob::Step::Waiting) {
            std::this_thread::sleep_for(kPollWriter);
        }
    }
    refuse_all({FaultCode::Stopping, "the server is stopping", {}});
}

}  // namespace patron::store
