#include "server/start_fault.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include <unistd.h>

namespace patron::server {
namespace {

using store::FaultCode;

// The folder's lock is held by another process.
constexpr std::string_view kLockField = "lock";

ExitCode exit_code_of(const store::Fault& fault) {
    switch (fault.code) {
        case FaultCode::DataDamaged:
            return ExitCode::DataError;
        case FaultCode::DataFolder:
            return fault.field == kLockField ? ExitCode::Unavailable : ExitCode::Config;
        case FaultCode::DiskFull:
        case FaultCode::DiskFailed:
        case FaultCode::NoDescriptors:
        case FaultCode::WritesStopped:
            return ExitCode::IoError;
        case FaultCode::StoreFull:
        case FaultCode::PolicyInvalid:
            return ExitCode::Config;
        default:
            return ExitCode::Software;
    }
}

std::string why(int error) {
    return std::string(": ") + std::strerror(error);
}

}  // namespace

StartError start_error_of(const std::string& where, const store::Fault& fault) {
    std::string line = where + (where.empty() ? "" : ": ") + fault.detail;
    std::ranges::replace(line, '\n', ' ');
    return {exit_code_of(fault), line};
}

void require_usable_folder(const std::string& folder) {
    namespace fs = std::filesystem;
    std::error_code error;
    const bool is_there = fs::exists(folder, error);
    if (is_there && !fs::is_directory(folder, error)) {
        throw StartError(
            ExitCode::CannotCreate,
            folder + " is no folder, events cannot be kept there; say --data with another place"
        );
    }
    const fs::path needed = is_there ? fs::path(folder) : fs::absolute(folder).parent_path();
    if (::access(needed.c_str(), R_OK | W_OK | X_OK) == 0) {
        return;
    }
    const int reason = errno;
    if (is_there) {
        throw StartError(
            ExitCode::NoPermission,
            "the data folder " + folder + " cannot be read and written" + why(reason) +
                "; run as its owner or say --data with another place"
        );
    }
    throw StartError(
        ExitCode::CannotCreate,
        "the data folder " + folder + " cannot be made in " + needed.string() + why(reason) +
            "; make that folder first or say --data with another place"
    );
}

}  // namespace patron::server
