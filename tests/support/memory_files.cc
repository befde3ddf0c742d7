#include "tests/support/memory_files.h"

#include <cstring>
#include <string_view>
#include <utility>

namespace patron::store {

class MemoryFiles::Output : public OutputFile {
  public:
    Output(MemoryFiles& files, std::string path) : files_(files), path_(std::move(path)) {}

    Result<void> append(std::span<const std::byte> bytes) override {
        return files_.append(path_, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    }
    Result<void> sync() override {
        const std::lock_guard lock(files_.mutex_);
        return files_.step("sync", path_);
    }

  private:
    MemoryFiles& files_;
    std::string path_;
};

class MemoryFiles::Input : public InputFile {
  public:
    explicit Input(std::shared_ptr<const std::string> bytes) : bytes_(std::move(bytes)) {}

    std::uint64_t size() const override { return bytes_->size(); }
    Result<void> read_at(std::uint64_t offset, std::span<std::byte> into) const override {
        if (offset > bytes_->size() || into.size() > bytes_->size() - offset) {
            return fail(FaultCode::DiskFailed, "read beyond the end");
        }
        if (!into.empty()) {
            std::memcpy(into.data(), bytes_->data() + offset, into.size());
        }
        return {};
    }

  private:
    std::shared_ptr<const std::string> bytes_;
};

Result<void> MemoryFiles::step(const std::string& kind, const std::string& what) {
    steps_.push_back(kind + " " + what);
    if (failure_ && failure_->kind == kind && --failure_->left == 0) {
        const FaultCode code = failure_->code;
        failure_.reset();
        return fail(code, kind + " failed as asked");
    }
    return {};
}

Result<void> MemoryFiles::append(const std::string& path, std::string_view bytes) {
    std::unique_lock lock(mutex_);
    gate_.wait(lock, [this] { return gate_open_ || let_through_ > 0; });
    let_through_ -= gate_open_ ? 0 : 1;
    const auto stepped = step("append", path);
    files_.at(path)->append(stepped ? bytes : bytes.substr(0, bytes.size() / 2));
    return stepped;
}

Result<std::unique_ptr<OutputFile>> MemoryFiles::create(const std::string& path) {
    const std::lock_guard lock(mutex_);
    if (auto stepped = step("create", path); !stepped) {
        return std::unexpected(stepped.error());
    }
    files_[path] = std::make_shared<std::string>();
    return std::make_unique<Output>(*this, path);
}

Result<std::unique_ptr<InputFile>> MemoryFiles::open(const std::string& path) {
    const std::lock_guard lock(mutex_);
    const auto found = files_.find(path);
    if (found == files_.end()) {
        return fail(FaultCode::DiskFailed, path + ": no such file");
    }
    return std::make_unique<Input>(found->second);
}

Result<void> MemoryFiles::rename(const std::string& from, const std::string& to) {
    const std::lock_guard lock(mutex_);
    if (auto stepped = step("rename", from + " " + to); !stepped) {
        return stepped;
    }
    auto node = files_.extract(from);
    if (node.empty()) {
        return fail(FaultCode::DiskFailed, from + ": no such file");
    }
    files_[to] = std::move(node.mapped());
    return {};
}

Result<void> MemoryFiles::remove(const std::string& path) {
    const std::lock_guard lock(mutex_);
    if (auto stepped = step("remove", path); !stepped) {
        return stepped;
    }
    if (files_.erase(path) == 0) {
        return fail(FaultCode::DiskFailed, path + ": no such file");
    }
    return {};
}

Result<void> MemoryFiles::make_directory(const std::string& path) {
    const std::lock_guard lock(mutex_);
    return step("make_directory", path);
}

Result<void> MemoryFiles::sync_directory(const std::string& path) {
    const std::lock_guard lock(mutex_);
    return step("sync_directory", path);
}

Result<std::vector<std::string>> MemoryFiles::list(const std::string& directory) {
    const std::lock_guard lock(mutex_);
    if (auto stepped = step("list", directory); !stepped) {
        return std::unexpected(stepped.error());
    }
    std::vector<std::string> names;
    for (const auto& [path, bytes] : files_) {
        if (path.substr(0, path.rfind('/')) == directory) {
            names.push_back(path.substr(path.rfind('/') + 1));
        }
    }
    return names;
}

void MemoryFiles::fail_at(const std::string& kind, std::size_t nth, FaultCode code) {
    const std::lock_guard lock(mutex_);
    failure_ = Failure{kind, nth, code};
}

void MemoryFiles::close_gate() {
    const std::lock_guard lock(mutex_);
    gate_open_ = false;
}

void MemoryFiles::open_gate() {
    const std::lock_guard lock(mutex_);
    gate_open_ = true;
    gate_.notify_all();
}

void MemoryFiles::let_through(std::size_t appends) {
    const std::lock_guard lock(mutex_);
    let_through_ += appends;
    gate_.notify_all();
}

std::vector<std::string> MemoryFiles::steps() const {
    const std::lock_guard lock(mutex_);
    return steps_;
}

std::vector<std::string> MemoryFiles::names() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> names;
    for (const auto& [path, bytes] : files_) {
        names.push_back(path);
    }
    return names;
}

std::string MemoryFiles::content(const std::string& path) const {
    const std::lock_guard lock(mutex_);
    return *files_.at(path);
}

void MemoryFiles::set_content(const std::string& path, std::string bytes) {
    const std::lock_guard lock(mutex_);
    files_[path] = std::make_shared<std::string>(std::move(bytes));
}

}  // namespace patron::store
