#pragma once
// A backup on its way back: looked at from end to end, then copied into a folder that a server can use.
//
// Order      `check_backup` before anything is touched; `stage_backup` returns when every file of the new
//            folder, and its name for each, is on the disk.
// Errors     DataDamaged: not what a backup wrote; the findings say where. DiskFull, DiskFailed.
// Threads    one at a time.

#include <string>
#include <vector>

#include "store/backup_manifest.h"
#include "store/folder_check.h"

namespace patron::store {

struct BackupVerdict {
    BackupManifest manifest;
    FolderReport report;  // sound if it has no findings
};

Result<BackupVerdict> check_backup(FileSystem& files, const std::string& backup);

// `staging` is new or empty; an audit row tells of the restore.
Result<void> stage_backup(
    FileSystem& files,
    const std::string& backup,
    const BackupManifest& manifest,
    const std::string& staging,
    Instant now
);

}  // namespace patron::store
