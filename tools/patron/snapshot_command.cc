#include "tools/patron/snapshot_command.h"

#include <filesystem>
#include <iostream>
#include <memory>
#include <vector>

#include <CLI/CLI.hpp>

#include <boost/json.hpp>

#include "server/wire/byte_writer.h"
#include "server/wire/instant_text.h"
#include "store/file_system.h"
#include "store/snapshot_file.h"
#include "tools/patron/server_call.h"

namespace patron::tools {
namespace {

namespace json = boost::json;
using server::ExitCode;
using server::StartError;

struct SnapshotOptions {
    std::string to = kDefaultServer;
    std::string file;
    std::string output = "text";
};

void print(const json::object& snapshot, const SnapshotOptions& options, std::ostream& out) {
    if (options.output == "json") {
        out << json::serialize(snapshot) << '\n';
        return;
    }
    out << text_member(snapshot, "name") << ": " << count_member(snapshot, "customers")
        << " customers as of seq " << count_member(snapshot, "seq") << ", "
        << count_member(snapshot, "bytes") << " bytes, made at " << text_member(snapshot, "made_at")
        << '\n';
}

ExitCode take_snapshot(const SnapshotOptions& options, std::ostream& out) {
    print(call_server(options.to, "/v1/snapshots"), options, out);
    return ExitCode::Ok;
}

json::object members_of(const store::SnapshotInfo& snapshot) {
    wire::ByteWriter made_at;
    wire::append_instant(made_at, snapshot.made_at);
    return {
        {"name", snapshot.name},
        {"from_seq", snapshot.from_seq},
        {"seq", snapshot.to_seq},
        {"customers", snapshot.rows},
        {"bytes", snapshot.bytes},
        {"made_at", made_at.view()}
    };
}

ExitCode verify_file(const SnapshotOptions& options, std::ostream& out) {
    std::error_code error;
    if (!std::filesystem::is_regular_file(options.file, error)) {
        throw StartError(
            ExitCode::NoInput, options.file + " is no file" + (error ? ": " + error.message() : "")
        );
    }
    const auto read = store::verify_snapshot(store::system_files(), options.file);
    if (!read) {
        const bool damaged = read.error().code == store::FaultCode::DataDamaged;
        throw StartError(
            damaged ? ExitCode::DataError : ExitCode::IoError,
            options.file + ": " + read.error().detail
        );
    }
    print(members_of(*read), options, out);
    return ExitCode::Ok;
}

void add_actions(CLI::App& snapshot, Run& run, std::ostream& out) {
    auto options = std::make_shared<SnapshotOptions>();
    const auto add_output = [&](CLI::App& command) {
        command.add_option("--output", options->output, "text or json")
            ->check(CLI::IsMember({"text", "json"}))
            ->capture_default_str();
    };
    snapshot.add_option("--to", options->to, "the server")->capture_default_str();
    add_output(snapshot);
    snapshot.require_subcommand(0, 1);
    snapshot.callback([&run, &snapshot, options, &out] {
        if (snapshot.get_subcommands().empty()) {
            run = [options, &out] {
                return take_snapshot(*options, out);
            };
        }
    });
    CLI::App* verify = snapshot.add_subcommand("verify", "read all of a snapshot file");
    verify->add_option("FILE", options->file, "snapshot-<seq>.patron")->required();
    add_output(*verify);
    verify->callback([&run, options, &out] {
        run = [options, &out] {
            return verify_file(*options, out);
        };
    });
}

}  // namespace

void add_snapshot_command(CLI::App& app, Run& run) {
    add_actions(
        *app.add_subcommand("snapshot", "have a server write a snapshot, or check a file"),
        run,
        std::cout
    );
}

int snapshot_command(std::span<const std::string> args, std::ostream& out, std::ostream& err) {
    return run_command(
        "snapshots",
        "patron snapshot",
        [&](CLI::App& app, Run& run) { add_actions(app, run, out); },
        args,
        out,
        err
    );
}

}  // namespace patron::tools
