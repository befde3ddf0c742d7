#include "server/policy_file.h"

#include <cerrno>
#include <cstring>
#include <fstream>

#include "server/start_error.h"
#include "server/wire/policy_document.h"
#include "server/wire/policy_presets.h"

namespace patron::server {
namespace {

constexpr std::size_t kFileBytesMax = 1024 * 1024;

std::string read_file(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) {
        throw StartError(
            ExitCode::NoInput, "cannot read the policy " + path + ": " + std::strerror(errno)
        );
    }
    std::string text(kFileBytesMax + 1, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (in.bad()) {
        throw StartError(ExitCode::IoError, "reading the policy " + path + " failed");
    }
    text.resize(static_cast<std::size_t>(in.gcount()));
    if (text.size() > kFileBytesMax) {
        throw StartError(ExitCode::Config, "the policy " + path + " is larger than 1 MiB");
    }
    return text;
}

}  // namespace

scoring::Policy load_policy(const std::string& path, const scoring::FactSchema& schema) {
    if (path.empty()) {
        return wire::default_policy(schema);
    }
    auto document = wire::parse_policy(read_file(path), schema);
    if (document) {
        return std::move(document->policy);
    }
    for (const wire::PolicyProblem& problem : document.error()) {
        if (problem.error) {
            throw StartError(
                ExitCode::Config,
                path + ":" + std::to_string(problem.line) + ":" + std::to_string(problem.column) +
                    ": " + problem.message + "; see all with `patron policy validate " + path + "`"
            );
        }
    }
    throw StartError(ExitCode::Config, path + " is no policy");
}

}  // namespace patron::server
