#include "tools/patron/log_command.h"

#include <iostream>
#include <memory>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "server/start_fault.h"
#include "store/clock.h"
#include "store/folder_check.h"
#include "store/folder_repair.h"
#include "tools/patron/event_dump.h"
#include "tools/patron/folder_report.h"

namespace patron::tools {
namespace {

using server::ExitCode;
using server::StartError;

struct LogOptions {
    std::string data = "patron-data";
    std::string output = "text";
    DumpRange range;
    bool yes = false;
};

[[noreturn]] void stop(const std::string& folder, const store::Fault& fault) {
    throw server::start_error_of("the data folder " + folder, fault);
}

template <class T>
T need(const std::string& folder, store::Result<T> result) {
    if (!result) {
        stop(folder, result.error());
    }
    return *std::move(result);
}
void need(const std::string& folder, const store::Result<void>& result) {
    if (!result) {
        stop(folder, result.error());
    }
}

store::FolderReading open_folder(const LogOptions& options) {
    return need(options.data, store::FolderReading::open(store::system_files(), options.data));
}

ExitCode verify(const LogOptions& options, std::ostream& out, std::ostream&) {
    auto folder = open_folder(options);
    const store::FolderReport report = check_folder(folder);
    if (options.output == "json") {
        print_report_json(out, options.data, report);
    } else {
        print_report(out, options.data, report);
    }
    return report.findings.empty() ? ExitCode::Ok : ExitCode::Findings;
}

ExitCode dump(const LogOptions& options, std::ostream& out, std::ostream& err) {
    auto folder = open_folder(options);
    const auto meta = need(options.data, store::read_meta(folder.db()));
    const auto currency = need(options.data, currency_of(meta));
    wire::ByteWriter lines;
    bool sound = true;
    store::BatchWalk walk(folder.db(), options.range.from);
    for (store::WalkedBatch found; walk.next(found);) {
        if (found.row && found.stored.first_seq > options.range.to) {
            break;
        }
        if (found.damage) {
            sound = false;
            err << "patron log: left out" << (found.row ? " the batch of seq " : "")
                << (found.row ? std::to_string(found.stored.first_seq) : "") << ": "
                << found.damage->detail << '\n';
            continue;
        }
        lines.clear();
        write_batch(lines, found, options.range, currency);
        if (!out.write(lines.data(), static_cast<std::streamsize>(lines.size()))) {
            throw StartError(ExitCode::IoError, "the output cannot be written");
        }
    }
    out.flush();
    return sound ? ExitCode::Ok : ExitCode::Findings;
}

void tell(std::ostream& out, const LogOptions& options, const store::RepairPlan& plan) {
    if (plan.kept.last >= plan.kept.first) {
        out << "keep events " << plan.kept.first << " to " << plan.kept.last;
    } else {
        out << "keep no event";
    }
    out << " of " << plan.reached;
    if (plan.led_up_by) {
        out << ", behind the snapshot " << *plan.led_up_by;
    }
    out << "\nmove patron.db as it is, with its WAL and the snapshots that do not fit, to "
        << options.data << "/damaged-<time>/\n";
    for (const store::SeqRange& run : plan.set_aside) {
        out << "write events " << run.first << " to " << run.last
            << ", sound but not kept, to not-kept.ndjson there, for `patron import`\n";
    }
}

// What is sound and not kept, so that it can be sent again.
void write_not_kept(
    store::FolderReading& folder,
    const store::RepairPlan& plan,
    const scoring::CurrencyTable& currency,
    const std::string& path
) {
    const std::string& where = folder.directory();
    const auto file = need(where, folder.files().create(path));
    wire::ByteWriter lines;
    store::BatchWalk walk(folder.db());
    for (store::WalkedBatch found; walk.next(found);) {
        const bool kept =
            found.stored.first_seq >= plan.kept.first && found.stored.first_seq <= plan.kept.last;
        if (!found.damage && !kept) {
            lines.clear();
            write_events(lines, found, currency);
            need(where, file->append(std::as_bytes(std::span(lines.data(), lines.size()))));
        }
    }
    need(where, file->sync());
}

ExitCode carry_out(
    store::FolderReading& folder,
    const store::RepairPlan& plan,
    const scoring::CurrencyTable& currency,
    std::ostream& out
) {
    const store::Instant now = store::SystemClock().now();
    const std::string& where = folder.directory();
    const std::string aside = folder.path(store::damaged_name(now));
    if (folder.files().list(aside)) {
        throw StartError(ExitCode::CannotCreate, aside + " is there already; try again");
    }
    need(where, folder.files().make_directory(aside));
    if (!plan.set_aside.empty()) {
        write_not_kept(folder, plan, currency, aside + "/not-kept.ndjson");
    }
    const auto done = need(where, repair_folder(folder, plan, aside, now));
    for (const std::string& notice : done.notices) {
        out << "not kept: " << notice << '\n';
    }
    out << "done: " << done.batches << " batches kept; what was there is in " << aside << '\n';
    return ExitCode::Ok;
}

ExitCode repair(const LogOptions& options, std::ostream& out, std::ostream&) {
    auto folder = open_folder(options);
    const store::FolderReport report = check_folder(folder);
    const auto plan = need(options.data, plan_repair(report));
    print_report(out, options.data, report);
    if (!plan) {
        out << "nothing to repair\n";
        return ExitCode::Ok;
    }
    tell(out, options, *plan);
    if (!options.yes) {
        out << "nothing was changed; say --yes to do it\n";
        return ExitCode::Findings;
    }
    return carry_out(folder, *plan, need(options.data, currency_of(*report.meta)), out);
}

void add_actions(CLI::App& log, Run& run, std::ostream& out, std::ostream& err) {
    auto options = std::make_shared<LogOptions>();
    const auto add = [&](const char* name, const char* what, auto action) {
        CLI::App* command = log.add_subcommand(name, what);
        command->add_option("--data", options->data, "the data folder, of a stopped server")
            ->capture_default_str();
        command->callback([&run, &out, &err, options, action] {
            run = [&out, &err, options, action] {
                return action(*options, out, err);
            };
        });
        return command;
    };
    log.require_subcommand(1);
    add("verify", "look at everything in a data folder", verify)
        ->add_option("--output", options->output, "text or json")
        ->check(CLI::IsMember({"text", "json"}))
        ->capture_default_str();
    CLI::App* print = add("dump", "print the logged events as lines of JSON", dump);
    print->add_option("--from", options->range.from, "number of the first event");
    print->add_option("--to", options->range.to, "number of the last event");
    add("repair", "set damage aside and keep the longest usable history", repair)
        ->add_flag("--yes", options->yes, "do it, not only say it");
}

}  // namespace

void add_log_command(CLI::App& app, Run& run) {
    add_actions(
        *app.add_subcommand("log", "verify, print and repair what a server keeps"),
        run,
        std::cout,
        std::cerr
    );
}

int log_command(std::span<const std::string> args, std::ostream& out, std::ostream& err) {
    return run_command(
        "verify, print and repair what a server keeps",
        "patron log",
        [&](CLI::App& app, Run& run) { add_actions(app, run, out, err); },
        args,
        out,
        err
    );
}

}  // namespace patron::tools
