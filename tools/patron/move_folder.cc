#include "tools/patron/move_folder.h"

#include <cerrno>
#include <cstdio>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>

namespace patron::tools {
namespace {

namespace fs = std::filesystem;

std::unexpected<std::string> failed(const fs::path& path, int error) {
    return std::unexpected(path.string() + ": " + std::strerror(error));
}

// Files and folders alike.
Moved sync_path(const fs::path& path) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        return failed(path, errno);
    }
    const int error = ::fsync(file) == 0 ? 0 : errno;
    ::close(file);
    return error == 0 ? Moved() : failed(path, error);
}

Moved sync_tree(const fs::path& folder) {
    std::error_code error;
    for (fs::recursive_directory_iterator at(folder, error), end; !error && at != end;
         at.increment(error)) {
        if (auto synced = sync_path(at->path()); !synced) {
            return synced;
        }
    }
    return error ? failed(folder, error.value()) : sync_path(folder);
}

fs::path parent_of(const fs::path& path) {
    return fs::absolute(path).parent_path();
}

// What is there already stays.
int rename_to_new(const fs::path& from, const fs::path& to) {
    return ::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0 ? 0
                                                                                            : errno;
}

Moved copy_whole(const fs::path& from, const fs::path& part, const fs::path& to) {
    std::error_code error;
    fs::copy(from, part, fs::copy_options::recursive, error);
    if (error) {
        return std::unexpected(part.string() + ": " + error.message());
    }
    if (auto synced = sync_tree(part); !synced) {
        return synced;
    }
    if (const int refused = rename_to_new(part, to); refused != 0) {
        return failed(to, refused);
    }
    return sync_path(parent_of(to));
}

}  // namespace

Moved copy_and_remove_folder(const fs::path& from, const fs::path& to) {
    std::error_code error;
    if (fs::exists(to, error)) {
        return failed(to, EEXIST);
    }
    const fs::path part = to.string() + ".part";
    if (!fs::create_directory(part, error)) {
        return failed(part, error ? error.value() : EEXIST);
    }
    if (auto copied = copy_whole(from, part, to); !copied) {
        fs::remove_all(part, error);
        return copied;
    }
    fs::remove_all(from, error);
    return error ? failed(from, error.value()) : Moved();
}

Moved move_folder(const fs::path& from, const fs::path& to) {
    const int error = rename_to_new(from, to);
    if (error == EXDEV) {
        return copy_and_remove_folder(from, to);
    }
    if (error != 0) {
        return failed(to, error);
    }
    auto synced = sync_path(parent_of(to));
    return synced ? sync_path(parent_of(from)) : synced;
}

}  // namespace patron::tools
