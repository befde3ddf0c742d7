// The one program: `patron <command>`.

#include <cstdio>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "server/build_info.h"
#include "tools/patron/backup_command.h"
#include "tools/patron/config_command.h"
#include "tools/patron/import_command.h"
#include "tools/patron/load_command.h"
#include "tools/patron/log_command.h"
#include "tools/patron/policy_command.h"
#include "tools/patron/restore_command.h"
#include "tools/patron/serve_command.h"
#include "tools/patron/simulate_command.h"
#include "tools/patron/snapshot_command.h"
#include "tools/patron/stream_command.h"
#include "tools/patron/version_command.h"

namespace {

using patron::server::ExitCode;
using patron::server::StartError;
using patron::tools::Run;

void add_commands(CLI::App& app, Run& run) {
    patron::tools::add_serve_command(app, run);
    patron::tools::add_import_command(app, run);
    patron::tools::add_simulate_command(app, run);
    patron::tools::add_policy_command(app, run);
    patron::tools::add_snapshot_command(app, run);
    patron::tools::add_backup_command(app, run);
    patron::tools::add_config_command(app, run);
    patron::tools::add_log_command(app, run);
    patron::tools::add_restore_command(app, run);
    patron::tools::add_stream_command(app, run);
    patron::tools::add_load_command(app, run);
    patron::tools::add_version_command(app, run);
    app.require_subcommand(1);
    app.set_version_flag("--version", fmt::format("patron {}", patron::server::kVersion));
    app.footer(
        "Exit codes: 0 done, 1 done with findings, 2 usage; others as in sysexits.h.\n"
        "Options of the server also come from patron.toml and PATRON__SECTION__KEY: see `patron "
        "config "
        "print --origin`."
    );
}

int run_program(int argc, char** argv) {
    CLI::App app("Patron scores customers in memory: tiers, churn risk, and why.", "patron");
    Run run;
    add_commands(app, run);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        const bool asked = error.get_exit_code() == 0;  // --help, --version
        app.exit(error);
        return static_cast<int>(asked ? ExitCode::Ok : ExitCode::Usage);
    }
    return static_cast<int>(run());
}

}  // namespace

int main(int argc, char** argv) {
    try {
        return run_program(argc, argv);
    } catch (const StartError& error) {
        fmt::print(stderr, "patron: {}\n", error.what());
        return static_cast<int>(error.code());
    } catch (const std::exception& error) {
        fmt::print(stderr, "patron: unexpected: {}\n", error.what());
        return static_cast<int>(ExitCode::Software);
    }
}
