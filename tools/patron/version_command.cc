#include "tools/patron/version_command.h"

#include <memory>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "server/build_info.h"

namespace patron::tools {

void add_version_command(CLI::App& app, Run& run) {
    auto output = std::make_shared<std::string>("text");
    CLI::App* command = app.add_subcommand("version", "print which build this is");
    command->add_option("--output", *output, "text or json")
        ->check(CLI::IsMember({"text", "json"}))
        ->capture_default_str();
    command->callback([output, &run] {
        run = [output] {
            const char* const format = *output == "json"
                                           ? "{{\"version\":\"{}\",\"commit\":\"{}\",\"build\":\"{}"
                                             "\",\"compiler\":\"{}\"}}\n"
                                           : "patron {} ({}, {}, {})\n";
            fmt::print(
                fmt::runtime(format),
                server::kVersion,
                server::kGitCommit,
                server::kBuildType,
                server::kCompiler
            );
            return server::ExitCode::Ok;
        };
    });
}

}  // namespace patron::tools
