#pragma once
// A data folder of a test's own, and a disk under it that can be made to wait.
//
// Owns       the folder on the disk, until its end.
// Threads    the gate from any thread.

#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>

#include <gtest/gtest.h>

#include "server/wire/policy_document.h"
#include "server/wire/policy_presets.h"
#include "store/data_folder.h"
#include "tests/endpoints/test_api.h"

namespace patron::testing {

class TestFolder {
  public:
    TestFolder() {
        std::string path = (std::filesystem::temp_directory_path() / "patron_api_XXXXXX").string();
        EXPECT_NE(::mkdtemp(path.data()), nullptr);
        root_ = path;
    }
    ~TestFolder() { std::filesystem::remove_all(root_); }
    TestFolder(const TestFolder&) = delete;
    TestFolder& operator=(const TestFolder&) = delete;

    std::filesystem::path path() const { return root_ / "data"; }

    std::unique_ptr<store::DataFolder> open(store::FileSystem& files = store::system_files())
        const {
        store::FolderOptions options;
        const scoring::Policy policy = wire::default_policy(options.schema);
        options.policy_name = policy.name + "@1";
        options.policy_document = wire::write_policy(policy, options.schema);
        options.partitions = 3;
        options.now = kNoon;
        auto folder = store::DataFolder::open(files, path().string(), options);
        EXPECT_TRUE(folder.has_value()) << folder.error().detail;
        return folder ? std::move(*folder) : nullptr;
    }

  private:
    std::filesystem::path root_;
};

// The real files, except that listing a folder waits while the gate is closed.
class GatedFiles final : public store::FileSystem {
  public:
    void close() {
        const std::lock_guard lock(mutex_);
        open_ = false;
    }
    void open_gate() {
        const std::lock_guard lock(mutex_);
        open_ = true;
        opened_.notify_all();
    }

    store::Result<std::unique_ptr<store::OutputFile>> create(const std::string& path) override {
        return files_.create(path);
    }
    store::Result<std::unique_ptr<store::InputFile>> open(const std::string& path) override {
        return files_.open(path);
    }
    store::Result<void> rename(const std::string& from, const std::string& to) override {
        return files_.rename(from, to);
    }
    store::Result<void> remove(const std::string& path) override { return files_.remove(path); }
    store::Result<void> make_directory(const std::string& path) override {
        return files_.make_directory(path);
    }
    store::Result<void> sync_directory(const std::string& path) override {
        return files_.sync_directory(path);
    }
    store::Result<std::vector<std::string>> list(const std::string& directory) override {
        std::unique_lock lock(mutex_);
        opened_.wait(lock, [this] { return open_; });
        return files_.list(directory);
    }

  private:
    store::FileSystem& files_ = store::system_files();
    std::mutex mutex_;
    std::condition_variable opened_;
    bool open_ = true;
};

}  // namespace patron::testing
