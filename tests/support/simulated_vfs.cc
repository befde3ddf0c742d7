#include "tests/support/simulated_vfs.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <memory>
#include <new>
#include <span>
#include <utility>

#include "store/check.h"
#include "tests/support/simulated_disk.h"

namespace patron::store {
namespace {

constexpr int kSectorBytes = 4096;  // what SQLite's own says
constexpr int kPathBytesMax = 512;

struct State {
    SimulatedDisk& disk;
    SimulatedDisk::Node node;
    std::string path;  // empty: a file without a name
    bool remove_on_close = false;
    bool sync_its_directory = false;
    int lock = SQLITE_LOCK_NONE;
};

struct File {
    sqlite3_file base;  // first: SQLite sees this
    State* state;
};

State& state_of(sqlite3_file* file) {
    return *reinterpret_cast<File*>(file)->state;
}
SimulatedDisk& disk_of(sqlite3_vfs* vfs) {
    return *static_cast<SimulatedDisk*>(vfs->pAppData);
}

int as_code(DiskError error, int failed) {
    if (error == DiskError::None) {
        return SQLITE_OK;
    }
    return error == DiskError::Full ? SQLITE_FULL : failed;
}

// -- a file --

void lock_down(State& state, int level) {
    DiskNode& node = *state.node;
    if (state.lock == SQLITE_LOCK_EXCLUSIVE) {
        node.exclusive = false;
    }
    if (state.lock >= SQLITE_LOCK_RESERVED) {
        node.reserved = false;
    }
    if (state.lock >= SQLITE_LOCK_SHARED && level < SQLITE_LOCK_SHARED) {
        --node.shared_locks;
    }
    state.lock = level;
}

int unlock(sqlite3_file* file, int level) {
    State& state = state_of(file);
    if (state.lock > level) {
        state.disk.locked([&] { lock_down(state, level); });
    }
    return SQLITE_OK;
}

int close(sqlite3_file* file) {
    unlock(file, SQLITE_LOCK_NONE);
    const std::unique_ptr<State> state(std::exchange(reinterpret_cast<File*>(file)->state, nullptr)
    );
    if (state->remove_on_close && !state->path.empty()) {
        state->disk.remove_node(state->path);
    }
    return SQLITE_OK;
}

int read(sqlite3_file* file, void* into, int bytes, sqlite3_int64 at) {
    const State& state = state_of(file);
    const std::span text(static_cast<char*>(into), static_cast<std::size_t>(bytes));
    std::size_t got = 0;
    const auto error = state.disk.read(*state.node, static_cast<std::uint64_t>(at), text, got);
    if (error != DiskError::None) {
        return SQLITE_IOERR_READ;
    }
    std::fill(text.begin() + static_cast<std::ptrdiff_t>(got), text.end(), '\0');
    return got < text.size() ? SQLITE_IOERR_SHORT_READ : SQLITE_OK;
}

int write(sqlite3_file* file, const void* from, int bytes, sqlite3_int64 at) {
    const State& state = state_of(file);
    const std::string_view text(static_cast<const char*>(from), static_cast<std::size_t>(bytes));
    const auto error =
        state.disk.write(*state.node, state.path, static_cast<std::uint64_t>(at), text);
    return as_code(error, SQLITE_IOERR_WRITE);
}

int truncate(sqlite3_file* file, sqlite3_int64 size) {
    const State& state = state_of(file);
    const auto error =
        state.disk.truncate(*state.node, state.path, static_cast<std::uint64_t>(size));
    return as_code(error, SQLITE_IOERR_TRUNCATE);
}

int sync(sqlite3_file* file, int /*flags*/) {
    State& state = state_of(file);
    if (state.disk.sync(*state.node, state.path) != DiskError::None) {
        return SQLITE_IOERR_FSYNC;
    }
    if (std::exchange(state.sync_its_directory, false) &&
        state.disk.sync_names(directory_of(state.path)) != DiskError::None) {
        return SQLITE_IOERR_DIR_FSYNC;
    }
    return SQLITE_OK;
}

int file_size(sqlite3_file* file, sqlite3_int64* size) {
    const State& state = state_of(file);
    *size = static_cast<sqlite3_int64>(state.disk.size(*state.node));
    return SQLITE_OK;
}

bool lock_up(State& state, int level) {
    DiskNode& node = *state.node;
    if (node.exclusive) {
        return false;
    }
    if (level == SQLITE_LOCK_SHARED) {
        ++node.shared_locks;
    } else if (level == SQLITE_LOCK_RESERVED) {
        if (node.reserved) {
            return false;
        }
        node.reserved = true;
    } else {
        const bool another_reserved = node.reserved && state.lock < SQLITE_LOCK_RESERVED;
        if (another_reserved || node.shared_locks > 1) {
            return false;
        }
        node.reserved = true;
        node.exclusive = true;
    }
    state.lock = level;
    return true;
}

int lock(sqlite3_file* file, int level) {
    State& state = state_of(file);
    if (state.lock >= level) {
        return SQLITE_OK;
    }
    return state.disk.locked([&] { return lock_up(state, level); }) ? SQLITE_OK : SQLITE_BUSY;
}

int check_reserved(sqlite3_file* file, int* out) {
    const State& state = state_of(file);
    *out = state.disk.locked([&] { return state.node->reserved ? 1 : 0; });
    return SQLITE_OK;
}

int file_control(sqlite3_file* /*file*/, int /*what*/, void* /*with*/) {
    return SQLITE_NOTFOUND;
}
int sector_size(sqlite3_file* /*file*/) {
    return kSectorBytes;
}
// A write does not harm the bytes beside it, cut or not; SQLite takes that for granted on Unix.
int characteristics(sqlite3_file* /*file*/) {
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

const sqlite3_io_methods kMethods{
    .iVersion = 1,
    .xClose = close,
    .xRead = read,
    .xWrite = write,
    .xTruncate = truncate,
    .xSync = sync,
    .xFileSize = file_size,
    .xLock = lock,
    .xUnlock = unlock,
    .xCheckReservedLock = check_reserved,
    .xFileControl = file_control,
    .xSectorSize = sector_size,
    .xDeviceCharacteristics = characteristics,
    .xShmMap = nullptr,
    .xShmLock = nullptr,
    .xShmBarrier = nullptr,
    .xShmUnmap = nullptr,
    .xFetch = nullptr,
    .xUnfetch = nullptr
};

// -- the file system --

DiskError find_or_create(
    SimulatedDisk& disk, const char* path, int flags, SimulatedDisk::Node& out
) {
    if (path == nullptr) {
        out = std::make_shared<DiskNode>();
        return DiskError::None;
    }
    if ((flags & SQLITE_OPEN_CREATE) != 0) {
        return disk.create_node(path, out);
    }
    out = disk.find(path);
    return out && !out->directory ? DiskError::None : DiskError::NoEntry;
}

int open(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* out_flags) {
    file->pMethods = nullptr;
    SimulatedDisk::Node node;
    if (const auto error = find_or_create(disk_of(vfs), path, flags, node);
        error != DiskError::None) {
        return as_code(error, SQLITE_CANTOPEN);
    }
    constexpr int kNamesAreSynced =
        SQLITE_OPEN_SUPER_JOURNAL | SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL;
    auto* opened = reinterpret_cast<File*>(file);
    opened->state = new State{
        .disk = disk_of(vfs),
        .node = std::move(node),
        .path = path == nullptr ? "" : path,
        .remove_on_close = (flags & SQLITE_OPEN_DELETEONCLOSE) != 0,
        .sync_its_directory = (flags & SQLITE_OPEN_CREATE) != 0 && (flags & kNamesAreSynced) != 0,
    };
    file->pMethods = &kMethods;
    if (out_flags != nullptr) {
        *out_flags = flags;
    }
    return SQLITE_OK;
}

int remove(sqlite3_vfs* vfs, const char* path, int sync_directory) {
    const auto error = disk_of(vfs).remove_node(path);
    if (error == DiskError::NoEntry) {
        return SQLITE_IOERR_DELETE_NOENT;
    }
    if (error == DiskError::None && (sync_directory & 1) != 0 &&
        disk_of(vfs).sync_names(directory_of(path)) != DiskError::None) {
        return SQLITE_IOERR_DIR_FSYNC;
    }
    return as_code(error, SQLITE_IOERR_DELETE);
}

// An empty file does not count as being there, as in SQLite's own.
int access(sqlite3_vfs* vfs, const char* path, int what, int* out) {
    const auto node = disk_of(vfs).find(path);
    const bool counts =
        node && (what != SQLITE_ACCESS_EXISTS || node->directory || disk_of(vfs).size(*node) > 0);
    *out = counts ? 1 : 0;
    return SQLITE_OK;
}

int full_path(sqlite3_vfs* /*vfs*/, const char* path, int bytes, char* out) {
    if (std::strlen(path) >= static_cast<std::size_t>(bytes)) {
        return SQLITE_CANTOPEN;
    }
    std::strcpy(out, path);
    return SQLITE_OK;
}

// What a test should not have to simulate.
sqlite3_vfs& usual() {
    return *sqlite3_vfs_find(nullptr);
}
int randomness(sqlite3_vfs* /*vfs*/, int bytes, char* out) {
    return usual().xRandomness(&usual(), bytes, out);
}
int sleep(sqlite3_vfs* /*vfs*/, int us) {
    return us;
}
int current_time(sqlite3_vfs* /*vfs*/, double* out) {
    return usual().xCurrentTime(&usual(), out);
}
int last_error(sqlite3_vfs* /*vfs*/, int /*bytes*/, char* /*out*/) {
    return 0;
}

std::string next_name() {
    static std::atomic<int> number{0};
    return "simulated-disk-" + std::to_string(++number);
}

}  // namespace

SimulatedVfs::SimulatedVfs(SimulatedDisk& disk) : name_(next_name()) {
    PATRON_CHECK(sqlite3_initialize() == SQLITE_OK);
    vfs_.iVersion = 1;
    vfs_.szOsFile = sizeof(File);
    vfs_.mxPathname = kPathBytesMax;
    vfs_.zName = name_.c_str();
    vfs_.pAppData = &disk;
    vfs_.xOpen = open;
    vfs_.xDelete = remove;
    vfs_.xAccess = access;
    vfs_.xFullPathname = full_path;
    vfs_.xRandomness = randomness;
    vfs_.xSleep = sleep;
    vfs_.xCurrentTime = current_time;
    vfs_.xGetLastError = last_error;
    PATRON_CHECK(sqlite3_vfs_register(&vfs_, 0) == SQLITE_OK);
}

SimulatedVfs::~SimulatedVfs() {
    sqlite3_vfs_unregister(&vfs_);
}

}  // namespace patron::store
