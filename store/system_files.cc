// FileSystem over POSIX calls.

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/file_system.h"

namespace patron::store {
namespace {

// What one call is asked to move: below the 2 GiB that Linux moves at most.
constexpr std::size_t kBytesPerCall = std::size_t{1} << 30;
// Customers' data: for the service and its group alone.
constexpr mode_t kFileMode = 0640;
constexpr mode_t kDirectoryMode = 0750;

std::unexpected<Fault> failed(const char* call, const std::string& path, int error) {
    const bool full = error == ENOSPC || error == EDQUOT;
    const bool none_free = error == EMFILE || error == ENFILE;
    return fail(
        full        ? FaultCode::DiskFull
        : none_free ? FaultCode::NoDescriptors
                    : FaultCode::DiskFailed,
        std::string(call) + " of " + path + ": " + std::strerror(error)
    );
}

// Until it is done or has failed: a signal is neither.
template <class Call>
auto unless_interrupted(Call call) {
    auto result = call();
    while (result == -1 && errno == EINTR) {
        result = call();
    }
    return result;
}

class Descriptor {
  public:
    explicit Descriptor(int number) : number_(number) {}
    Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    Descriptor& operator=(Descriptor&&) = delete;
    ~Descriptor() {
        if (number_ >= 0) {
            close(number_);  // what matters was synced before
        }
    }
    int number() const { return number_; }

  private:
    int number_;
};

Result<Descriptor> open_descriptor(const std::string& path, int flags) {
    const int number =
        unless_interrupted([&] { return ::open(path.c_str(), flags | O_CLOEXEC, kFileMode); });
    if (number < 0) {
        return failed("open", path, errno);
    }
    return Descriptor(number);
}

class SystemOutput final : public OutputFile {
  public:
    SystemOutput(Descriptor file, std::string path)
        : file_(std::move(file)), path_(std::move(path)) {}

    Result<void> append(std::span<const std::byte> bytes) override {
        while (!bytes.empty()) {
            const std::size_t asked = std::min(bytes.size(), kBytesPerCall);
            const ssize_t written =
                unless_interrupted([&] { return ::write(file_.number(), bytes.data(), asked); });
            if (written < 0) {
                return failed("write", path_, errno);
            }
            if (written == 0) {
                return failed("write", path_, ENOSPC);
            }
            bytes = bytes.subspan(static_cast<std::size_t>(written));
        }
        return {};
    }

    Result<void> sync() override {
        if (unless_interrupted([&] { return ::fdatasync(file_.number()); }) != 0) {
            return failed("fdatasync", path_, errno);
        }
        return {};
    }

  private:
    Descriptor file_;
    std::string path_;
};

class SystemInput final : public InputFile {
  public:
    SystemInput(Descriptor file, std::string path, std::uint64_t size)
        : file_(std::move(file)), path_(std::move(path)), size_(size) {}

    std::uint64_t size() const override { return size_; }

    Result<void> read_at(std::uint64_t offset, std::span<std::byte> into) const override {
        while (!into.empty()) {
            const std::size_t asked = std::min(into.size(), kBytesPerCall);
            const ssize_t got = unless_interrupted([&] {
                return ::pread(file_.number(), into.data(), asked, static_cast<off_t>(offset));
            });
            if (got < 0) {
                return failed("read", path_, errno);
            }
            if (got == 0) {
                return fail(
                    FaultCode::DiskFailed,
                    "read of " + path_ + ": it ends at byte " + std::to_string(offset)
                );
            }
            offset += static_cast<std::uint64_t>(got);
            into = into.subspan(static_cast<std::size_t>(got));
        }
        return {};
    }

  private:
    Descriptor file_;
    std::string path_;
    std::uint64_t size_;
};

struct CloseDirectory {
    void operator()(DIR* directory) const { closedir(directory); }
};

// Not every file system fills in d_type.
bool is_plain_file(DIR* directory, const dirent& entry) {
    if (entry.d_type != DT_UNKNOWN) {
        return entry.d_type == DT_REG;
    }
    struct stat about{};
    return fstatat(dirfd(directory), entry.d_name, &about, AT_SYMLINK_NOFOLLOW) == 0 &&
           S_ISREG(about.st_mode);
}

class SystemFiles final : public FileSystem {
  public:
    Result<std::unique_ptr<OutputFile>> create(const std::string& path) override {
        auto file = open_descriptor(path, O_WRONLY | O_CREAT | O_TRUNC);
        if (!file) {
            return std::unexpected(std::move(file.error()));
        }
        return std::make_unique<SystemOutput>(std::move(*file), path);
    }

    Result<std::unique_ptr<InputFile>> open(const std::string& path) override {
        auto file = open_descriptor(path, O_RDONLY);
        if (!file) {
            return std::unexpected(std::move(file.error()));
        }
        struct stat about{};
        if (fstat(file->number(), &about) != 0) {
            return failed("fstat", path, errno);
        }
        if (!S_ISREG(about.st_mode)) {
            return fail(FaultCode::DiskFailed, "open of " + path + ": not a plain file");
        }
        const auto size = static_cast<std::uint64_t>(about.st_size);
        return std::make_unique<SystemInput>(std::move(*file), path, size);
    }

    Result<void> rename(const std::string& from, const std::string& to) override {
        if (::rename(from.c_str(), to.c_str()) != 0) {
            return failed("rename", from + " to " + to, errno);
        }
        return {};
    }

    Result<void> remove(const std::string& path) override {
        if (::unlink(path.c_str()) != 0) {
            return failed("unlink", path, errno);
        }
        return {};
    }

    Result<void> make_directory(const std::string& path) override {
        if (::mkdir(path.c_str(), kDirectoryMode) == 0) {
            return {};
        }
        const int error = errno;
        struct stat about{};
        if (error == EEXIST && ::stat(path.c_str(), &about) == 0 && S_ISDIR(about.st_mode)) {
            return {};
        }
        return failed("mkdir", path, error);
    }

    Result<void> sync_directory(const std::string& path) override {
        auto directory = open_descriptor(path, O_RDONLY | O_DIRECTORY);
        if (!directory) {
            return std::unexpected(std::move(directory.error()));
        }
        if (unless_interrupted([&] { return ::fsync(directory->number()); }) != 0) {
            return failed("fsync", path, errno);
        }
        return {};
    }

    Result<std::vector<std::string>> list(const std::string& path) override {
        const std::unique_ptr<DIR, CloseDirectory> directory(::opendir(path.c_str()));
        if (!directory) {
            return failed("opendir", path, errno);
        }
        std::vector<std::string> names;
        for (errno = 0; const dirent* entry = ::readdir(directory.get()); errno = 0) {
            if (is_plain_file(directory.get(), *entry)) {
                names.emplace_back(entry->d_name);
            }
        }
        if (errno != 0) {
            return failed("readdir", path, errno);
        }
        std::sort(names.begin(), names.end());
        return names;
    }
};

}  // namespace

FileSystem& system_files() {
    static SystemFiles files;
    return files;
}

}  // namespace patron::store
