#include "tools/patron/import_command.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "server/wire/instant_text.h"
#include "tools/patron/csv_import.h"
#include "tools/patron/event_sender.h"
#include "tools/patron/ndjson_import.h"
#include "tools/patron/progress.h"
#include "tools/patron/refusal_log.h"

namespace patron::tools {
namespace {

using server::ExitCode;
using server::StartError;

// Batches are refused item by item; the server lists this many of them.
constexpr std::size_t kBatchEventsMax = 1000;

struct ImportOptions {
    std::vector<std::string> files;
    std::string to = "http://127.0.0.1:8080";
    std::string format = "auto";
    std::vector<std::string> map;
    std::string at_format = "auto";
    std::string time_zone = "Asia/Shanghai";
    std::string delimiter = ",";
    std::string header = "auto";
    std::string errors;
    std::string refund_prefix;
    std::string until;
    std::string output = "text";
    int decimals = -1;
    std::size_t batch_bytes = 256 * 1024;
    std::size_t connections = 4;
    bool decimal_comma = false;
    bool trim_decimal_ids = false;
    bool quiet = false;
};

CsvFormat csv_format(const std::string& delimiter) {
    if (delimiter == "spaces") {
        return {' ', Split::AtSpaces};
    }
    if (delimiter == "tab" || delimiter == "\\t") {
        return {'\t', Split::AtDelimiter};
    }
    const bool usable = delimiter.size() == 1 && delimiter != "\"" && delimiter != "\n";
    if (!usable) {
        throw StartError(
            ExitCode::Usage, "--delimiter '" + delimiter + "': one character, or tab, or spaces"
        );
    }
    return {delimiter.front(), Split::AtDelimiter};
}

std::optional<scoring::Instant> until_of(const std::string& text) {
    if (text.empty()) {
        return std::nullopt;
    }
    const auto until = wire::parse_instant(text);
    if (!until) {
        throw StartError(
            ExitCode::Usage,
            "--until '" + text + "' is no RFC 3339 time, as 2026-11-21T00:00:00+08:00"
        );
    }
    return until;
}

CsvRules csv_rules(const ImportOptions& options) {
    auto time_format = TimeFormat::make(options.at_format);
    if (!time_format) {
        throw StartError(ExitCode::Usage, "--at-format: " + time_format.error());
    }
    auto zone = scoring::DayClock::make(options.time_zone);
    if (!zone) {
        throw StartError(
            ExitCode::Usage,
            "--time-zone '" + options.time_zone + "' is none, as Asia/Shanghai or UTC"
        );
    }
    const HeaderRow header = options.header == "yes"  ? HeaderRow::Yes
                             : options.header == "no" ? HeaderRow::No
                                                      : HeaderRow::Auto;
    CsvRules rules{
        csv_format(options.delimiter),
        {ColumnMap::parse(options.map),
         header,
         *time_format,
         *zone,
         options.decimal_comma ? ',' : '.',
         options.trim_decimal_ids},
        {options.refund_prefix, std::nullopt},
        until_of(options.until)
    };
    if (options.decimals >= 0) {
        rules.orders.decimals = options.decimals;
    }
    if (header == HeaderRow::No && rules.rows.map.needs_header()) {
        throw StartError(ExitCode::Usage, "without a header, --map names columns by number");
    }
    return rules;
}

bool is_ndjson(const ImportOptions& options, std::string path) {
    if (options.format != "auto") {
        return options.format == "ndjson";
    }
    if (path.ends_with(".gz")) {
        path.resize(path.size() - 3);
    }
    return path.ends_with(".ndjson") || path.ends_with(".jsonl") || path.ends_with(".json");
}

class SendingSink final : public ImportSink {
  public:
    SendingSink(const ImportOptions& options, RefusalLog& refusals)
        : files_(options.files)
        , refusals_(refusals)
        , sender_(
              {parse_server_url(options.to),
               options.connections,
               options.batch_bytes,
               kBatchEventsMax},
              [this](const RefusedEvent& event) {
                  refuse(Place::unpacked(event.place), event.refusal, event.line);
              }
          ) {}

    void event(std::string_view customer, std::string_view line, Place place) override {
        sender_.send(customer, line, place.packed());
    }
    void refuse(Place place, const Refusal& refusal, std::string_view raw) override {
        refusals_.add(files_[place.file], place.line, refusal, raw);
    }
    SendTotals finish() { return sender_.finish(); }

  private:
    const std::vector<std::string>& files_;
    RefusalLog& refusals_;
    EventSender sender_;
};

void import_files(const ImportOptions& options, ImportSink& sink, ImportTally& tally) {
    const CsvRules rules = csv_rules(options);
    Progress progress("rows", options.quiet);
    for (std::uint32_t file = 0; file < options.files.size(); ++file) {
        const auto source = open_source(options.files[file]);
        const auto share = [&]() -> std::optional<double> {
            const auto total = source->bytes_total();
            if (!total || *total == 0 || options.files.size() > 1) {
                return std::nullopt;
            }
            return static_cast<double>(source->bytes_taken()) / static_cast<double>(*total);
        };
        const AfterRow after_row = [&] {
            progress.step(tally.rows, share);
        };
        if (is_ndjson(options, options.files[file])) {
            import_ndjson(*source, file, rules.until, sink, tally, after_row);
        } else {
            import_csv(*source, file, rules, sink, tally, after_row);
        }
    }
}

using Counts = std::vector<std::pair<std::string, std::uint64_t>>;

Counts counts_of(const ImportTally& tally, const SendTotals& totals) {
    return {
        {"rows", tally.rows},
        {"rows_later", tally.rows_later},
        {"events_sent", totals.sent},
        {"accepted", totals.accepted},
        {"duplicates", totals.duplicates},
        {"events_refused", totals.refused},
        {"orders_cut", tally.orders_cut}
    };
}

void print_json(const Counts& counts, const std::map<std::string, std::uint64_t>& reasons) {
    std::string out = "{";
    for (const auto& [name, count] : counts) {
        out += fmt::format("\"{}\":{},", name, count);
    }
    out += "\"refused_by_reason\":{";
    for (const auto& [reason, count] : reasons) {
        out += fmt::format("{}\"{}\":{}", out.ends_with('{') ? "" : ",", reason, count);
    }
    fmt::print("{}}}}}\n", out);
}

void print_text(
    const ImportTally& tally,
    const SendTotals& totals,
    const std::map<std::string, std::uint64_t>& reasons
) {
    fmt::print(
        "{} rows read, {} events sent: {} accepted, {} duplicates, {} refused by the server\n",
        tally.rows,
        totals.sent,
        totals.accepted,
        totals.duplicates,
        totals.refused
    );
    if (tally.rows_later > 0) {
        fmt::print("{} rows later than --until left out\n", tally.rows_later);
    }
    if (tally.orders_cut > 0) {
        fmt::print(
            "more than {} orders were open at once: they were sent {} times before the end, and an "
            "order whose lines go on behind such a cut counts as two\n",
            OrderMerger::kOpenOrdersMax,
            tally.orders_cut
        );
    }
    for (const auto& [reason, count] : reasons) {
        fmt::print("refused, {}: {}\n", reason, count);
    }
}

ExitCode run_import(const ImportOptions& options) {
    RefusalLog refusals(options.errors);
    SendingSink sink(options, refusals);
    ImportTally tally;
    import_files(options, sink, tally);
    const SendTotals totals = sink.finish();
    refusals.finish();
    const auto reasons = refusals.counts();
    const Counts counts = counts_of(tally, totals);
    if (options.output == "json") {
        print_json(counts, reasons);
    } else {
        print_text(tally, totals, reasons);
    }
    return reasons.empty() && totals.refused == 0 ? ExitCode::Ok : ExitCode::Findings;
}

void add_file_options(CLI::App& command, ImportOptions& options) {
    command.add_option("FILE", options.files, "files, also .gz; - is standard input")->required();
    command.add_option("--to", options.to, "the server")->capture_default_str();
    command.add_option("--format", options.format, "what the files are; auto: by their names")
        ->check(CLI::IsMember({"auto", "csv", "ndjson"}))
        ->capture_default_str();
    command.add_option("--errors", options.errors, "write refused rows to this CSV file");
    command.add_option("--until", options.until, "leave out rows later than this RFC 3339 time");
    command.add_option("--batch", options.batch_bytes, "bytes of one request at most")
        ->check(CLI::Range(std::size_t{1024}, std::size_t{1024} * 1024))
        ->capture_default_str();
    command.add_option("--connections", options.connections, "requests under way at once")
        ->check(CLI::Range(std::size_t{1}, std::size_t{64}))
        ->capture_default_str();
    command.add_option("--output", options.output, "how to print the summary")
        ->check(CLI::IsMember({"text", "json"}))
        ->capture_default_str();
    command.add_flag("--quiet", options.quiet, "no progress line");
}

void add_row_options(CLI::App& command, ImportOptions& options) {
    command.add_option(
        "--map",
        options.map,
        "FIELD=COLUMN,... by name or number from 1; fields: customer, at, amount or quantity and "
        "price, "
        "order_id, id, type, currency, and those of the events"
    );
    command
        .add_option(
            "--at-format", options.at_format, "auto, rfc3339, unix, unix_ms, or a pattern as %Y%m%d"
        )
        ->capture_default_str();
    command.add_option("--time-zone", options.time_zone, "of times that name no offset")
        ->capture_default_str();
    command.add_option("--delimiter", options.delimiter, "one character, or tab, or spaces")
        ->capture_default_str();
    command.add_option("--header", options.header, "whether the first row names the columns")
        ->check(CLI::IsMember({"yes", "no", "auto"}))
        ->capture_default_str();
    command.add_flag("--decimal-comma", options.decimal_comma, "1,5 is one and a half");
    command.add_option("--decimals", options.decimals, "round amounts to these, half to even")
        ->check(CLI::Range(0, 4));
    command.add_option(
        "--refund-prefix", options.refund_prefix, "order ids that begin so are refunds"
    );
    command.add_flag("--trim-decimal-ids", options.trim_decimal_ids, "the id 17850.0 is 17850");
}

}  // namespace

void add_import_command(CLI::App& app, Run& run) {
    auto options = std::make_shared<ImportOptions>();
    CLI::App* command =
        app.add_subcommand("import", "send files of orders and other events to a server");
    add_file_options(*command, *options);
    add_row_options(*command, *options);
    command->footer(
        "Lines of one order (same customer and order id) become one order. Ids are derived from "
        "the "
        "content,\nso the same file twice counts once. Exit code 1: some rows were refused."
    );
    command->callback([options, &run] {
        run = [options] {
            return run_import(*options);
        };
    });
}

}  // namespace patron::tools
