#pragma once
// Why a program of ours cannot start or go on: the one exception, caught in main and printed as one
// line.
//
// Shapes     what() says what is wrong and the next step, without a line break.
// Source     exit codes: 0 done, 1 done with findings, 2 usage, beyond that sysexits.h.

#include <stdexcept>
#include <string>

namespace patron::server {

enum class ExitCode : int {
    Ok = 0,
    Findings = 1,
    Usage = 2,
    DataError = 65,
    NoInput = 66,
    Unavailable = 69,
    Software = 70,
    OsError = 71,
    CannotCreate = 73,
    IoError = 74,
    Protocol = 76,
    NoPermission = 77,
    Config = 78,
};

class StartError : public std::runtime_error {
  public:
    StartError(ExitCode code, const std::string& message)
        : std::runtime_error(message), code_(code) {}
    ExitCode code() const { return code_; }

  private:
    ExitCode code_;
};

}  // namespace patron::server
