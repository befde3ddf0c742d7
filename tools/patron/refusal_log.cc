#include "tools/patron/refusal_log.h"

#include <cerrno>
#include <cstring>

#include "server/start_error.h"

namespace patron::tools {
namespace {

using server::ExitCode;
using server::StartError;

void append_quoted(std::string& out, std::string_view text) {
    out += '"';
    for (const char c : text) {
        out.append(c == '"' ? 2 : 1, c);
    }
    out += '"';
}

}  // namespace

RefusalLog::RefusalLog(const std::string& path) : path_(path) {
    if (path.empty()) {
        return;
    }
    out_.reset(std::fopen(path.c_str(), "we"));
    if (!out_) {
        throw StartError(
            ExitCode::CannotCreate, "cannot write " + path + ": " + std::strerror(errno)
        );
    }
    std::fputs("file,line,reason,detail,raw\n", out_.get());
}

void RefusalLog::add(
    std::string_view file, std::uint64_t line, const Refusal& refusal, std::string_view raw
) {
    const std::lock_guard lock(mutex_);
    ++counts_[refusal.reason];
    if (!out_) {
        return;
    }
    std::string row;
    append_quoted(row, file);
    row += "," + std::to_string(line) + "," + refusal.reason + ",";
    append_quoted(row, refusal.detail);
    row += ',';
    append_quoted(row, raw);
    row += '\n';
    std::fwrite(row.data(), 1, row.size(), out_.get());
}

std::map<std::string, std::uint64_t> RefusalLog::counts() const {
    const std::lock_guard lock(mutex_);
    return counts_;
}

void RefusalLog::finish() {
    const std::lock_guard lock(mutex_);
    if (out_ && (std::fflush(out_.get()) != 0 || std::ferror(out_.get()) != 0)) {
        throw StartError(
            ExitCode::IoError, "writing " + path_ + " failed: " + std::strerror(errno)
        );
    }
}

}  // namespace patron::tools
