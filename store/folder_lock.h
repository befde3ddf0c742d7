#pragma once
// The lock on a data folder, for those who look at it while no server runs.
//
// Errors     DataFolder when somebody holds it.
// Owns       the lock, until destruction. A folder that no server ever opened has none: nothing is made.
// Threads    one at a time.

#include <string>
#include <utility>

#include "store/result.h"

namespace patron::store {

class FolderLock {
  public:
    FolderLock() = default;
    FolderLock(FolderLock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}
    FolderLock& operator=(FolderLock&& other) noexcept {
        std::swap(file_, other.file_);
        return *this;
    }
    ~FolderLock();

    static Result<FolderLock> take(const std::string& directory);

  private:
    int file_ = -1;
};

}  // namespace patron::store
