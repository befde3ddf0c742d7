#pragma once
// What was refused: counted by reason, and written to a file where one is asked for.
//
// Shapes     CSV with the columns file, line, reason, detail, raw. `raw` is the row; for what the
// server
//            refused it is the event as sent, with the first line of its order.
// Errors     StartError (CannotCreate, IoError).
// Threads    any.

#include <cstdint>
#include <cstdio>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "tools/patron/refusal.h"

namespace patron::tools {

class RefusalLog {
  public:
    explicit RefusalLog(const std::string& path);  // "": counts only

    void add(
        std::string_view file, std::uint64_t line, const Refusal& refusal, std::string_view raw
    );
    std::map<std::string, std::uint64_t> counts() const;
    void finish();

  private:
    struct CloseFile {
        void operator()(std::FILE* file) const { std::fclose(file); }
    };

    mutable std::mutex mutex_;
    std::unique_ptr<std::FILE, CloseFile> out_;
    std::map<std::string, std::uint64_t> counts_;
    std::string path_;
};

}  // namespace patron::tools
