#pragma once
// The few things the store does with files, as a seam: tests put a disk behind it that forgets.
//
// Order      what `append` took is on the disk after `sync`; a new name is after `sync_directory`.
// Errors     DiskFull when there is no room, NoDescriptors when no more files may be open (nothing was
//            tried), DiskFailed for everything else; nothing throws. After a `sync` that failed nothing is
//            known of what the file holds: give it up.
// Blocking   all of it.
// Threads    a FileSystem from any thread, an OutputFile from one at a time, `read_at` from any.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "store/result.h"

namespace patron::store {

class OutputFile {
  public:
    virtual ~OutputFile() = default;  // closes, without a sync
    virtual Result<void> append(std::span<const std::byte> bytes) = 0;
    virtual Result<void> sync() = 0;
};

class InputFile {
  public:
    virtual ~InputFile() = default;
    virtual std::uint64_t size() const = 0;
    // All of `into`, or a fault.
    virtual Result<void> read_at(std::uint64_t offset, std::span<std::byte> into) const = 0;
};

class FileSystem {
  public:
    virtual ~FileSystem() = default;
    // New, or emptied.
    virtual Result<std::unique_ptr<OutputFile>> create(const std::string& path) = 0;
    virtual Result<std::unique_ptr<InputFile>> open(const std::string& path) = 0;
    virtual Result<void> rename(const std::string& from, const std::string& to) = 0;
    virtual Result<void> remove(const std::string& path) = 0;
    virtual Result<void> make_directory(const std::string& path) = 0;  // existing: fine
    virtual Result<void> sync_directory(const std::string& path) = 0;
    // Names of the plain files in it, ascending.
    virtual Result<std::vector<std::string>> list(const std::string& directory) = 0;
    // What SQLite must go through to reach the same files; nullptr: its own.
    virtual const char* sqlite_vfs() const { return nullptr; }
};

// The real one.
FileSystem& system_files();

}  // namespace patron::store
