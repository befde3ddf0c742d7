#pragma once
// A snapshot file being written, step by step: what the writer's thread does.
//
// Order      parts are appended as they come; `finish` writes index and footer, syncs, renames and syncs
//            the directory.
// Errors     DiskFull and DiskFailed from below; a failed sync is DiskFailed whatever its reason. After a
//            failure nothing else may be asked.
// Owns       the file until it is finished; unfinished, the destructor removes it.
// Blocking   all of it.
// Threads    one at a time.

#include <memory>
#include <string>
#include <vector>

#include "store/snapshot_file.h"
#include "store/snapshot_layout.h"

namespace patron::store {

class SnapshotOutput {
  public:
    static Result<std::unique_ptr<SnapshotOutput>> begin(
        FileSystem& files, std::string directory, std::uint64_t seq, const SnapshotAbout& about
    );
    ~SnapshotOutput();
    SnapshotOutput(const SnapshotOutput&) = delete;
    SnapshotOutput& operator=(const SnapshotOutput&) = delete;

    Result<void> add(const SnapshotBlock& block);
    Result<void> close_partition(const PartitionSaved& saved);
    Result<SnapshotInfo> finish();

  private:
    SnapshotOutput(FileSystem& files, std::string directory, std::string name);

    std::string path() const { return directory_ + "/" + info_.name; }
    std::string part_path() const { return path() + ".part"; }
    // What stands at the end of `buffer_` from `from` on is a part.
    Result<void> end_part(snapshot_layout::Place place, std::size_t from);
    Result<void> append(std::string_view bytes);
    Result<void> write_buffer();
    Result<void> sync();
    Result<void> publish();
    bool name_is_taken() const;

    FileSystem& files_;
    std::string directory_;
    std::unique_ptr<OutputFile> file_;
    std::string buffer_;
    std::uint64_t unsynced_ = 0;
    std::vector<snapshot_layout::Place> places_;
    SnapshotInfo info_;         // bytes: what was appended so far, to the buffer or beyond
    bool left_behind_ = false;  // there is a .part file of ours
};

}  // namespace patron::store
