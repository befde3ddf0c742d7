#pragma once
// A disk in memory that forgets what was not synced, fails when told to, and can lose its power at
// any operation. The files that SQLite opens through `sqlite_vfs()` are on it too.
//
// Order      nothing but `sync` makes a file's content durable and nothing but `sync_directory` its
//            name, which POSIX leaves open; a directory's changes survive in order, from the first on.
//            A rename stays within its directory.
// Errors     as FileSystem; an unplanned error is a missing file, or the power is off.
// Owns       everything; outlives what was opened on it.
// Threads    any; the hook runs on the thread of the operation.

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "store/file_system.h"
#include "tests/support/disk_node.h"

namespace patron::store {

enum class DiskOperation : std::uint8_t {
    Create,
    Write,
    Truncate,
    Sync,
    Rename,
    Remove,
    MakeDirectory,
    SyncDirectory,
};
inline constexpr std::size_t kDiskOperations = 8;

enum class DiskError : std::uint8_t { None, NoEntry, Full, Failed };

struct PlannedFault {
    DiskOperation operation = DiskOperation::Write;
    std::uint64_t nth = 1;  // from now on, 1 is the next of its kind
    std::uint64_t times = 1;
    DiskError error = DiskError::Failed;
    std::string path_part{};  // only operations on paths that contain it
};

class SimulatedVfs;

class SimulatedDisk final : public FileSystem {
  public:
    SimulatedDisk();
    ~SimulatedDisk() override;
    SimulatedDisk(const SimulatedDisk&) = delete;
    SimulatedDisk& operator=(const SimulatedDisk&) = delete;

    Result<std::unique_ptr<OutputFile>> create(const std::string& path) override;
    Result<std::unique_ptr<InputFile>> open(const std::string& path) override;
    Result<void> rename(const std::string& from, const std::string& to) override;
    Result<void> remove(const std::string& path) override;
    Result<void> make_directory(const std::string& path) override;
    Result<void> sync_directory(const std::string& path) override;
    Result<std::vector<std::string>> list(const std::string& directory) override;
    const char* sqlite_vfs() const override;

    // -- faults --
    // A write that fails leaves its first half behind, in whole sectors.
    void plan(PlannedFault fault);
    void forget_faults();
    // At most this many bytes may still be added; nothing: as many as you like.
    void set_room(std::optional<std::uint64_t> bytes);
    // From this operation on (1 is the first of the disk's life) everything fails.
    void power_off_at(std::uint64_t operation);
    // What is on the disk after a power cut now; this disk stays as it is.
    std::unique_ptr<SimulatedDisk> power_cut(std::uint64_t seed) const;
    // A disk with what programs see now: what is left where they alone have died.
    std::unique_ptr<SimulatedDisk> copy() const;

    // -- to look at --
    std::uint64_t operations() const;
    std::uint64_t operations(DiskOperation kind) const;
    std::uint64_t faults() const;  // that were planned and came
    // Before each operation, with the number of those that are done.
    void set_hook(std::function<void(std::uint64_t)> hook);
    std::optional<std::string> content(const std::string& path) const;
    // Durable at once: to plant damage.
    void set_content(const std::string& path, std::string content);

    // -- for the files above it --
    using Node = std::shared_ptr<DiskNode>;
    Node find(const std::string& path) const;
    DiskError create_node(const std::string& path, Node& out);  // or the one that is there
    DiskError write(
        DiskNode& file, const std::string& path, std::uint64_t at, std::string_view bytes
    );
    DiskError truncate(DiskNode& file, const std::string& path, std::uint64_t size);
    DiskError sync(DiskNode& file, const std::string& path);
    DiskError read(const DiskNode& file, std::uint64_t at, std::span<char> into, std::size_t& got)
        const;
    std::uint64_t size(const DiskNode& file) const;
    DiskError remove_node(const std::string& path);
    DiskError sync_names(const std::string& path);
    template <class Call>
    auto locked(Call call) const {
        const std::lock_guard lock(mutex_);
        return call();
    }

  private:
    using Lock = std::unique_lock<std::mutex>;
    Lock begin(DiskOperation operation, const std::string& path, DiskError& error);
    std::optional<DiskError> planned(DiskOperation operation, const std::string& path);
    Node find_locked(std::string_view path) const;
    Node parent_locked(std::string_view path, std::string& name) const;
    bool off() const { return operations_ >= off_at_; }

    mutable std::mutex mutex_;
    Node root_;
    std::mt19937_64 random_;
    std::vector<PlannedFault> faults_;
    std::optional<std::uint64_t> room_;
    std::uint64_t off_at_ = ~std::uint64_t{0};
    std::uint64_t operations_ = 0;
    std::uint64_t faults_came_ = 0;
    std::array<std::uint64_t, kDiskOperations> by_kind_{};
    std::function<void(std::uint64_t)> hook_;
    std::unique_ptr<SimulatedVfs> vfs_;
};

// The directory a path lies in.
std::string directory_of(const std::string& path);

}  // namespace patron::store
