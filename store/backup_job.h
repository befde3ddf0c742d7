#pragma once
// A backup under way: the newest snapshot and a copy of the log, into a directory that appears whole.
//
// Order      snapshot file, then the log (events go on and are in it), then the MANIFEST; synced, then
//            the directory gets its name.
// Bounds     kSliceBytes of the snapshot, or kCopyPages pages of the log, a step.
// Errors     NameTaken; DiskFull and DiskFailed leave what was copied under the name with ".part".
// Threads    the apply thread.

#include <memory>
#include <string>
#include <vector>

#include "store/data_folder.h"
#include "store/store.h"

namespace patron::store {

class BackupJob {
  public:
    static constexpr std::size_t kSliceBytes = 1024 * 1024;

    static Result<BackupJob> begin(
        const DataFolder& folder, EventLog& log, std::string directory, SnapshotInfo snapshot
    );
    // True: there is more to do.
    Result<bool> step(Instant now);
    const BackupInfo& info() const { return info_; }

  private:
    BackupJob(const DataFolder& folder, EventLog& log) : folder_(&folder), log_(&log) {}
    FileSystem& files() const { return folder_->files(); }
    Result<void> prepare();
    Result<void> copy_slice();
    Result<void> finish(Instant now);

    const DataFolder* folder_;
    EventLog* log_;
    BackupInfo info_;
    std::string part_;
    std::unique_ptr<InputFile> from_;
    std::unique_ptr<OutputFile> to_;
    std::uint64_t copied_ = 0;
    std::vector<std::byte> room_;
    std::unique_ptr<LogCopy> log_copy_;
};

}  // namespace patron::store
