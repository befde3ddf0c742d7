#include "tools/patron/restore_command.h"

#include <filesystem>
#include <iostream>
#include <memory>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "server/start_fault.h"
#include "store/backup_restore.h"
#include "store/clock.h"
#include "store/folder_lock.h"
#include "store/folder_repair.h"
#include "tools/patron/folder_report.h"

namespace patron::tools {
namespace {

namespace fs = std::filesystem;
using server::ExitCode;
using server::StartError;

struct RestoreOptions {
    std::string backup;
    std::string data = "patron-data";
    bool replace = false;
};

template <class T>
T need(const std::string& where, store::Result<T> result) {
    if (!result) {
        throw server::start_error_of(where, result.error());
    }
    if constexpr (!std::is_void_v<T>) {
        return *std::move(result);
    }
}

// Without slashes at its end, so that names can be made beside it.
std::string plain_path(std::string path) {
    while (path.size() > 1 && path.ends_with('/')) {
        path.pop_back();
    }
    return path;
}

std::string parent_of(const std::string& path) {
    const std::string parent = fs::path(path).parent_path().string();
    return parent.empty() ? "." : parent;
}

bool is_occupied(const std::string& directory) {
    std::error_code error;
    if (!fs::exists(directory, error)) {
        return false;
    }
    if (!fs::is_directory(directory, error)) {
        throw StartError(ExitCode::CannotCreate, directory + " is no directory");
    }
    return !fs::is_empty(directory, error);
}

// A name that is free: "DIR.before-20261121T141701Z".
std::string name_for_the_old(const std::string& directory, store::Instant now) {
    const std::string damaged = store::damaged_name(now);
    const std::string name = directory + ".before" + damaged.substr(damaged.find('-'));
    std::error_code error;
    if (fs::exists(name, error)) {
        throw StartError(ExitCode::CannotCreate, name + " is there already; try again");
    }
    return name;
}

// Beside the folder; what a restore that was cut short left there is its own and goes.
std::string make_staging(const std::string& directory) {
    const std::string staging = directory + ".restoring";
    std::error_code error;
    fs::remove_all(staging, error);
    if (!error) {
        fs::create_directories(parent_of(staging), error);
    }
    if (error) {
        throw StartError(ExitCode::CannotCreate, staging + ": " + error.message());
    }
    return staging;
}

void put_in_place(
    const RestoreOptions& options, const std::string& staging, store::Instant now, std::ostream& out
) {
    store::FileSystem& files = store::system_files();
    if (is_occupied(options.data)) {
        const std::string old = name_for_the_old(options.data, now);
        need(options.data, files.rename(options.data, old));
        out << "the folder that was there is now " << old << '\n';
    }
    need(options.data, files.rename(staging, options.data));
    need(options.data, files.sync_directory(parent_of(options.data)));
}

ExitCode restore(RestoreOptions options, std::ostream& out) {
    options.backup = plain_path(options.backup);
    options.data = plain_path(options.data);
    store::FileSystem& files = store::system_files();
    const auto verdict =
        need("the backup " + options.backup, store::check_backup(files, options.backup));
    if (!verdict.report.findings.empty()) {
        print_report(out, options.backup, verdict.report);
        out << "nothing was restored\n";
        return ExitCode::Findings;
    }
    store::FolderLock lock;
    if (is_occupied(options.data)) {
        if (!options.replace) {
            throw StartError(
                ExitCode::CannotCreate,
                options.data +
                    " is not empty; name another folder, or say --replace to move it aside"
            );
        }
        lock = need(options.data, store::FolderLock::take(options.data));
    }
    const store::Instant now = store::SystemClock().now();
    const std::string staging = make_staging(options.data);
    need(staging, store::stage_backup(files, options.backup, verdict.manifest, staging, now));
    put_in_place(options, staging, now, out);
    out << options.data << ": restored, up to event " << verdict.manifest.seq << '\n';
    return ExitCode::Ok;
}

void add_arguments(CLI::App& command, Run& run, std::ostream& out) {
    auto options = std::make_shared<RestoreOptions>();
    command.add_option("BACKUP", options->backup, "a backup: a directory with a MANIFEST")
        ->required();
    command.add_option("--data", options->data, "the data folder to make")->capture_default_str();
    command.add_flag("--replace", options->replace, "move what is there aside");
    command.callback([&run, &out, options] {
        run = [&out, options] {
            return restore(*options, out);
        };
    });
}

}  // namespace

void add_restore_command(CLI::App& app, Run& run) {
    add_arguments(
        *app.add_subcommand("restore", "make a data folder from a backup"), run, std::cout
    );
}

int restore_command(std::span<const std::string> args, std::ostream& out, std::ostream& err) {
    return run_command(
        "make a data folder from a backup",
        "patron restore",
        [&](CLI::App& app, Run& run) { add_arguments(app, run, out); },
        args,
        out,
        err
    );
}

}  // namespace patron::tools
