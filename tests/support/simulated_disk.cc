#include "tests/support/simulated_disk.h"

#include <algorithm>
#include <utility>

#include "store/check.h"
#include "tests/support/simulated_vfs.h"

namespace patron::store {
namespace {

Result<void> as_result(DiskError error, const char* what, const std::string& path) {
    const std::string call = std::string(what) + " of " + path + " (simulated): ";
    switch (error) {
        case DiskError::None:
            return {};
        case DiskError::Full:
            return fail(FaultCode::DiskFull, call + "no room");
        case DiskError::NoEntry:
            return fail(FaultCode::DiskFailed, call + "no such file");
        case DiskError::Failed:
            break;
    }
    return fail(FaultCode::DiskFailed, call + "failed");
}

class SimulatedOutput final : public OutputFile {
  public:
    SimulatedOutput(SimulatedDisk& disk, SimulatedDisk::Node node, std::string path)
        : disk_(disk), node_(std::move(node)), path_(std::move(path)) {}

    Result<void> append(std::span<const std::byte> bytes) override {
        if (bytes.empty()) {
            return {};
        }
        const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
        const auto error = disk_.write(*node_, path_, disk_.size(*node_), text);
        return as_result(error, "write", path_);
    }
    Result<void> sync() override { return as_result(disk_.sync(*node_, path_), "sync", path_); }

  private:
    SimulatedDisk& disk_;
    SimulatedDisk::Node node_;
    std::string path_;
};

class SimulatedInput final : public InputFile {
  public:
    SimulatedInput(const SimulatedDisk& disk, SimulatedDisk::Node node, std::string path)
        : disk_(disk), node_(std::move(node)), path_(std::move(path)), size_(disk.size(*node_)) {}

    std::uint64_t size() const override { return size_; }
    Result<void> read_at(std::uint64_t offset, std::span<std::byte> into) const override {
        std::size_t got = 0;
        const std::span text(reinterpret_cast<char*>(into.data()), into.size());
        const auto error = disk_.read(*node_, offset, text, got);
        const bool short_read = error == DiskError::None && got < into.size();
        return as_result(short_read ? DiskError::Failed : error, "read", path_);
    }

  private:
    const SimulatedDisk& disk_;
    SimulatedDisk::Node node_;
    std::string path_;
    std::uint64_t size_;
};

std::vector<std::string_view> steps_of(std::string_view path) {
    std::vector<std::string_view> steps;
    while (!path.empty()) {
        const auto end = std::min(path.find('/'), path.size());
        if (const auto step = path.substr(0, end); !step.empty() && step != ".") {
            steps.push_back(step);
        }
        path.remove_prefix(std::min(end + 1, path.size()));
    }
    return steps;
}

SimulatedDisk::Node new_directory() {
    auto node = std::make_shared<DiskNode>();
    node->directory = true;
    return node;
}

}  // namespace

std::string directory_of(const std::string& path) {
    const auto slash = path.rfind('/');
    return slash == std::string::npos ? "" : path.substr(0, slash);
}

SimulatedDisk::SimulatedDisk()
    : root_(new_directory()), vfs_(std::make_unique<SimulatedVfs>(*this)) {}
SimulatedDisk::~SimulatedDisk() = default;

const char* SimulatedDisk::sqlite_vfs() const {
    return vfs_->name();
}

// -- what every operation begins with --

SimulatedDisk::Lock SimulatedDisk::begin(
    DiskOperation operation, const std::string& path, DiskError& error
) {
    Lock lock(mutex_);
    if (hook_) {
        const auto hook = hook_;
        const std::uint64_t done = operations_;
        lock.unlock();
        hook(done);
        lock.lock();
    }
    ++operations_;
    ++by_kind_[static_cast<std::size_t>(operation)];
    error = off() ? DiskError::Failed : planned(operation, path).value_or(DiskError::None);
    return lock;
}

std::optional<DiskError> SimulatedDisk::planned(DiskOperation operation, const std::string& path) {
    std::optional<DiskError> error;
    for (PlannedFault& fault : faults_) {
        if (fault.operation != operation || path.find(fault.path_part) == std::string::npos) {
            continue;
        }
        if (fault.nth > 1) {
            --fault.nth;
        } else if (fault.times > 0) {
            --fault.times;
            ++faults_came_;
            error = fault.error;
        }
    }
    return error;
}

SimulatedDisk::Node SimulatedDisk::find_locked(std::string_view path) const {
    Node node = root_;
    for (const auto step : steps_of(path)) {
        if (!node->directory) {
            return nullptr;
        }
        const auto at = node->entries.find(std::string(step));
        if (at == node->entries.end()) {
            return nullptr;
        }
        node = at->second;
    }
    return node;
}

SimulatedDisk::Node SimulatedDisk::parent_locked(std::string_view path, std::string& name) const {
    const auto steps = steps_of(path);
    PATRON_CHECK(!steps.empty());
    name = steps.back();
    const auto above = static_cast<std::size_t>(steps.back().data() - path.data());
    const Node parent = find_locked(path.substr(0, above));
    return parent && parent->directory ? parent : nullptr;
}

// -- files --

SimulatedDisk::Node SimulatedDisk::find(const std::string& path) const {
    const Lock lock(mutex_);
    return off() ? nullptr : find_locked(path);
}

DiskError SimulatedDisk::create_node(const std::string& path, Node& out) {
    if ((out = find(path))) {
        return out->directory ? DiskError::Failed : DiskError::None;
    }
    DiskError error{};
    const Lock lock = begin(DiskOperation::Create, path, error);
    std::string name;
    const Node parent = parent_locked(path, name);
    if (error != DiskError::None || !parent) {
        return parent ? error : DiskError::NoEntry;
    }
    out = std::make_shared<DiskNode>();
    parent->enter({.name = name, .node = out, .from = {}});
    return DiskError::None;
}

DiskError SimulatedDisk::write(
    DiskNode& file, const std::string& path, std::uint64_t at, std::string_view bytes
) {
    DiskError error{};
    const Lock lock = begin(DiskOperation::Write, path, error);
    if (off()) {
        return error;
    }
    if (error != DiskError::None) {
        const std::uint64_t half = (at + bytes.size() / 2) / kDiskSectorBytes * kDiskSectorBytes;
        bytes = bytes.substr(0, half > at ? half - at : 0);
    }
    const std::uint64_t end = at + bytes.size();
    std::uint64_t more = end > file.now.size() ? end - file.now.size() : 0;
    if (room_ && more > *room_) {
        error = DiskError::Full;
        const std::uint64_t over = more - *room_;
        bytes = bytes.substr(0, bytes.size() - std::min<std::uint64_t>(over, bytes.size()));
        more = *room_;
    }
    if (room_) {
        *room_ -= more;
    }
    if (!bytes.empty()) {
        file.write(at, std::string(bytes));
    }
    return error;
}

DiskError SimulatedDisk::truncate(DiskNode& file, const std::string& path, std::uint64_t size) {
    DiskError error{};
    const Lock lock = begin(DiskOperation::Truncate, path, error);
    if (error == DiskError::None) {
        if (room_ && size < file.now.size()) {
            *room_ += file.now.size() - size;
        }
        file.truncate(size);
    }
    return error;
}

DiskError SimulatedDisk::sync(DiskNode& file, const std::string& path) {
    DiskError error{};
    const Lock lock = begin(DiskOperation::Sync, path, error);
    if (off()) {
        return error;
    }
    if (error != DiskError::None) {
        file.fail_sync(random_);
    } else {
        file.sync();
    }
    return error;
}

DiskError SimulatedDisk::read(
    const DiskNode& file, std::uint64_t at, std::span<char> into, std::size_t& got
) const {
    const Lock lock(mutex_);
    if (off()) {
        return DiskError::Failed;
    }
    const std::size_t there = at < file.now.size() ? file.now.size() - at : 0;
    got = std::min(there, into.size());
    std::copy_n(file.now.data() + (got == 0 ? 0 : at), got, into.data());
    return DiskError::None;
}

std::uint64_t SimulatedDisk::size(const DiskNode& file) const {
    return locked([&] { return file.now.size(); });
}

DiskError SimulatedDisk::remove_node(const std::string& path) {
    DiskError error{};
    const Lock lock = begin(DiskOperation::Remove, path, error);
    std::string name;
    const Node parent = parent_locked(path, name);
    if (error == DiskError::None && (!parent || !parent->entries.contains(name))) {
        return DiskError::NoEntry;
    }
    if (error == DiskError::None) {
        if (room_) {
            *room_ += parent->entries[name]->now.size();
        }
        parent->enter({.name = name, .node = nullptr, .from = {}});
    }
    return error;
}

DiskError SimulatedDisk::sync_names(const std::string& path) {
    DiskError error{};
    const Lock lock = begin(DiskOperation::SyncDirectory, path, error);
    const Node node = find_locked(path);
    if (error == DiskError::None && (!node || !node->directory)) {
        return DiskError::NoEntry;
    }
    if (error == DiskError::None) {
        node->sync_entries();
    }
    return error;
}

// -- as a FileSystem --

Result<std::unique_ptr<OutputFile>> SimulatedDisk::create(const std::string& path) {
    Node node;
    auto error = create_node(path, node);
    if (error == DiskError::None && size(*node) > 0) {
        error = truncate(*node, path, 0);
    }
    if (error != DiskError::None) {
        return std::unexpected(as_result(error, "create", path).error());
    }
    return std::make_unique<SimulatedOutput>(*this, std::move(node), path);
}

Result<std::unique_ptr<InputFile>> SimulatedDisk::open(const std::string& path) {
    Node node = find(path);
    if (!node || node->directory) {
        return std::unexpected(as_result(DiskError::NoEntry, "open", path).error());
    }
    return std::make_unique<SimulatedInput>(*this, std::move(node), path);
}

Result<void> SimulatedDisk::rename(const std::string& from, const std::string& to) {
    PATRON_CHECK(directory_of(from) == directory_of(to));
    DiskError error{};
    const Lock lock = begin(DiskOperation::Rename, from, error);
    std::string old_name;
    std::string new_name;
    const Node parent = parent_locked(from, old_name);
    parent_locked(to, new_name);
    if (error == DiskError::None && (!parent || !parent->entries.contains(old_name))) {
        error = DiskError::NoEntry;
    }
    if (error == DiskError::None && old_name != new_name) {
        const Node node = parent->entries[old_name];
        parent->enter({.name = new_name, .node = node, .from = old_name});
    }
    return as_result(error, "rename", from);
}

Result<void> SimulatedDisk::remove(const std::string& path) {
    return as_result(remove_node(path), "remove", path);
}

Result<void> SimulatedDisk::make_directory(const std::string& path) {
    if (const Node there = find(path); there && there->directory) {
        return {};
    }
    DiskError error{};
    const Lock lock = begin(DiskOperation::MakeDirectory, path, error);
    std::string name;
    const Node parent = parent_locked(path, name);
    if (error == DiskError::None && (!parent || parent->entries.contains(name))) {
        error = DiskError::NoEntry;
    }
    if (error == DiskError::None) {
        parent->enter({.name = name, .node = new_directory(), .from = {}});
    }
    return as_result(error, "make_directory", path);
}

Result<void> SimulatedDisk::sync_directory(const std::string& path) {
    return as_result(sync_names(path), "sync_directory", path);
}

Result<std::vector<std::string>> SimulatedDisk::list(const std::string& directory) {
    const Node node = find(directory);
    if (!node || !node->directory) {
        return std::unexpected(as_result(DiskError::NoEntry, "list", directory).error());
    }
    const Lock lock(mutex_);
    std::vector<std::string> names;
    for (const auto& [name, child] : node->entries) {
        if (!child->directory) {
            names.push_back(name);
        }
    }
    return names;
}

// -- faults --

void SimulatedDisk::plan(PlannedFault fault) {
    const Lock lock(mutex_);
    faults_.push_back(std::move(fault));
}
void SimulatedDisk::forget_faults() {
    const Lock lock(mutex_);
    faults_.clear();
}
void SimulatedDisk::set_room(std::optional<std::uint64_t> bytes) {
    const Lock lock(mutex_);
    room_ = bytes;
}
void SimulatedDisk::power_off_at(std::uint64_t operation) {
    const Lock lock(mutex_);
    off_at_ = operation;
}

std::unique_ptr<SimulatedDisk> SimulatedDisk::power_cut(std::uint64_t seed) const {
    auto after = std::make_unique<SimulatedDisk>();
    std::mt19937_64 random(seed);
    const Lock lock(mutex_);
    after->root_ = after_power_cut(*root_, random);
    after->random_.seed(seed);
    return after;
}

std::unique_ptr<SimulatedDisk> SimulatedDisk::copy() const {
    auto out = std::make_unique<SimulatedDisk>();
    const Lock lock(mutex_);
    out->root_ = as_seen(*root_);
    return out;
}

// -- to look at --

std::uint64_t SimulatedDisk::faults() const {
    return locked([&] { return faults_came_; });
}
std::uint64_t SimulatedDisk::operations() const {
    return locked([&] { return operations_; });
}
std::uint64_t SimulatedDisk::operations(DiskOperation kind) const {
    return locked([&] { return by_kind_[static_cast<std::size_t>(kind)]; });
}
void SimulatedDisk::set_hook(std::function<void(std::uint64_t)> hook) {
    const Lock lock(mutex_);
    hook_ = std::move(hook);
}

std::optional<std::string> SimulatedDisk::content(const std::string& path) const {
    const Lock lock(mutex_);
    const Node node = find_locked(path);
    return node && !node->directory ? std::optional(node->now) : std::nullopt;
}

void SimulatedDisk::set_content(const std::string& path, std::string content) {
    const Lock lock(mutex_);
    std::string name;
    const Node parent = parent_locked(path, name);
    PATRON_CHECK(parent != nullptr);
    auto node = std::make_shared<DiskNode>();
    node->now = content;
    node->durable = std::move(content);
    parent->entries[name] = node;
    parent->durable_entries[name] = node;
}

}  // namespace patron::store
