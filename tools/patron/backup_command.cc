#include "tools/patron/backup_command.h"

#include <filesystem>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <boost/json.hpp>

#include "tools/patron/move_folder.h"
#include "tools/patron/server_call.h"

namespace patron::tools {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using server::ExitCode;
using server::StartError;

struct BackupOptions {
    std::string directory;
    std::string to = kDefaultServer;
    std::string output = "text";
};

void require_new(const fs::path& directory) {
    std::error_code error;
    if (fs::exists(fs::symlink_status(directory, error))) {
        throw StartError(
            ExitCode::CannotCreate, directory.string() + " exists already; name a new folder"
        );
    }
    if (!fs::is_directory(directory.parent_path(), error)) {
        throw StartError(
            ExitCode::CannotCreate,
            directory.parent_path().string() + " is no folder; make it first"
        );
    }
}

void move_from_server(const fs::path& made, const fs::path& directory) {
    std::error_code error;
    if (!fs::is_directory(made, error)) {
        throw StartError(
            ExitCode::Unavailable,
            "the backup is whole at " + made.string() +
                " on the server's machine, which cannot be seen from here; move it from there"
        );
    }
    if (const auto moved = move_folder(made, directory); !moved) {
        throw StartError(
            ExitCode::CannotCreate,
            "the backup is whole at " + made.string() + " but could not be moved: " + moved.error()
        );
    }
}

ExitCode make_backup(const BackupOptions& options) {
    fs::path directory = fs::absolute(options.directory).lexically_normal();
    if (!directory.has_filename()) {
        directory = directory.parent_path();  // DIR/
    }
    require_new(directory);
    json::object made = call_server(options.to, "/v1/backups");
    move_from_server(text_member(made, "directory"), directory);
    made["directory"] = directory.string();
    if (options.output == "json") {
        fmt::print("{}\n", json::serialize(made));
    } else {
        fmt::print(
            "{}: everything up to seq {}, {} bytes\n",
            directory.string(),
            count_member(made, "seq"),
            count_member(made, "bytes")
        );
    }
    return ExitCode::Ok;
}

}  // namespace

void add_backup_command(CLI::App& app, Run& run) {
    auto options = std::make_shared<BackupOptions>();
    CLI::App* command = app.add_subcommand("backup", "have a server make a backup");
    command->add_option("DIR", options->directory, "where it goes; must not exist yet")->required();
    command->add_option("--to", options->to, "the server, on this machine")->capture_default_str();
    command->add_option("--output", options->output, "text or json")
        ->check(CLI::IsMember({"text", "json"}))
        ->capture_default_str();
    command->callback([options, &run] {
        run = [options] {
            return make_backup(*options);
        };
    });
}

}  // namespace patron::tools
