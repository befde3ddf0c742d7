#include "store/folder_lock.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace patron::store {

Result<FolderLock> FolderLock::take(const std::string& directory) {
    FolderLock lock;
    const std::string path = directory + "/LOCK";
    lock.file_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (lock.file_ < 0) {
        if (errno == ENOENT) {
            return lock;
        }
        return fail(FaultCode::DataFolder, path + ": " + std::strerror(errno));
    }
    if (flock(lock.file_, LOCK_EX | LOCK_NB) != 0) {
        return fail(
            FaultCode::DataFolder, "another process uses this folder; stop it first", "lock"
        );
    }
    return lock;
}

FolderLock::~FolderLock() {
    if (file_ >= 0) {
        close(file_);
    }
}

}  // namespace patron::store
