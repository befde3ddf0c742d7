#pragma once
// Files in memory that fail when told to, and can hold a writer up.
//
// Order      `steps` names what was done, in order: "create a", "append a", "sync a", "rename a b",
//            "remove a", "sync_directory d", "list d".
// Errors     the n-th step of a kind fails with the fault asked for; a failed append keeps half of it.
// Threads    any.

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "store/file_system.h"

namespace patron::store {

class MemoryFiles : public FileSystem {
  public:
    Result<std::unique_ptr<OutputFile>> create(const std::string& path) override;
    Result<std::unique_ptr<InputFile>> open(const std::string& path) override;
    Result<void> rename(const std::string& from, const std::string& to) override;
    Result<void> remove(const std::string& path) override;
    Result<void> make_directory(const std::string& path) override;
    Result<void> sync_directory(const std::string& path) override;
    Result<std::vector<std::string>> list(const std::string& directory) override;

    // The `nth` step of `kind` from now on fails, 1 being the next.
    void fail_at(const std::string& kind, std::size_t nth, FaultCode code);
    // Appends wait until the gate opens, or is opened for some of them.
    void close_gate();
    void open_gate();
    void let_through(std::size_t appends);

    std::vector<std::string> steps() const;
    std::vector<std::string> names() const;  // of all files, whole paths
    std::string content(const std::string& path) const;
    void set_content(const std::string& path, std::string bytes);

  private:
    class Output;
    class Input;
    struct Failure {
        std::string kind;
        std::size_t left = 0;
        FaultCode code = FaultCode::DiskFailed;
    };
    Result<void> step(const std::string& kind, const std::string& what);
    Result<void> append(const std::string& path, std::string_view bytes);

    mutable std::mutex mutex_;
    std::condition_variable gate_;
    bool gate_open_ = true;
    std::size_t let_through_ = 0;
    std::map<std::string, std::shared_ptr<std::string>> files_;
    std::vector<std::string> steps_;
    std::optional<Failure> failure_;
};

}  // namespace patron::store
