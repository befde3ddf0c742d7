#include "tools/patron/policy_command.h"

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "scoring/currency.h"
#include "server/wire/json_place.h"
#include "server/wire/json_string.h"
#include "server/wire/nearest_name.h"
#include "server/wire/policy_document.h"
#include "server/wire/policy_presets.h"
#include "tools/patron/byte_source.h"

namespace patron::tools {
namespace {

using server::ExitCode;
using server::StartError;
using wire::json_string;
using wire::PolicyProblem;

constexpr const char* kDefaultName = "default";

struct PolicyOptions {
    std::vector<std::string> files;
    std::string shown = kDefaultName;
    std::string currency = "CNY";
    std::string output = "text";
};

scoring::FactSchema schema_of(const std::string& currency) {
    const auto code = scoring::parse_currency_code(currency);
    const auto digits = code ? scoring::currency_digits(*code) : std::nullopt;
    if (!digits) {
        throw StartError(
            ExitCode::Usage, "--currency '" + currency + "' is no ISO 4217 code, as CNY or EUR"
        );
    }
    scoring::FactSchema schema;
    schema.currency = currency;
    schema.currency_digits = *digits;
    return schema;
}

// At most one byte more than a policy may have: enough for the parser to refuse it.
std::string read_text(const std::string& path) {
    const auto source = open_source(path);
    std::string text(wire::JsonTree::kTextBytesMax + 1, '\0');
    std::size_t size = 0;
    while (size < text.size()) {
        const std::size_t read = source->read({text.data() + size, text.size() - size});
        if (read == 0) {
            break;
        }
        size += read;
    }
    text.resize(size);
    return text;
}

struct Verdict {
    std::string file;
    bool valid = false;
    std::string name;
    std::size_t tiers = 0;
    std::vector<PolicyProblem> problems;
};

Verdict judge(const std::string& file, const scoring::FactSchema& schema) {
    const auto document = wire::parse_policy(read_text(file), schema);
    if (!document) {
        return {file, false, "", 0, document.error()};
    }
    const scoring::Policy& policy = document->policy;
    return {file, true, policy.name, policy.tiers.size(), document->warnings};
}

void print_problem(std::ostream& out, const std::string& file, const PolicyProblem& problem) {
    out << file << ':' << problem.line << ':' << problem.column << ": "
        << (problem.error ? "error" : "warning") << ": " << problem.message;
    if (!problem.pointer.empty()) {
        out << " at " << problem.pointer;
    }
    out << '\n';
}

void print_text(std::ostream& out, const Verdict& verdict) {
    for (const PolicyProblem& problem : verdict.problems) {
        print_problem(out, verdict.file, problem);
    }
    if (verdict.valid) {
        out << verdict.file << ": policy " << verdict.name << " with " << verdict.tiers
            << " tiers is valid\n";
    }
}

void print_json(std::ostream& out, const Verdict& verdict) {
    out << "{\"file\":" << json_string(verdict.file)
        << ",\"valid\":" << (verdict.valid ? "true" : "false") << ",\"problems\":[";
    const char* comma = "";
    for (const PolicyProblem& problem : verdict.problems) {
        out << comma << "{\"severity\":" << (problem.error ? "\"error\"" : "\"warning\"")
            << ",\"pointer\":" << json_string(problem.pointer) << ",\"line\":" << problem.line
            << ",\"column\":" << problem.column << ",\"message\":" << json_string(problem.message)
            << '}';
        comma = ",";
    }
    out << "]}";
}

ExitCode validate(const PolicyOptions& options, std::ostream& out) {
    const scoring::FactSchema schema = schema_of(options.currency);
    std::vector<Verdict> verdicts;
    for (const std::string& file : options.files) {
        verdicts.push_back(judge(file, schema));
    }
    if (options.output == "json") {
        out << "{\"files\":[";
        for (std::size_t i = 0; i < verdicts.size(); ++i) {
            out << (i == 0 ? "" : ",");
            print_json(out, verdicts[i]);
        }
        out << "]}\n";
    } else {
        std::ranges::for_each(verdicts, [&](const Verdict& v) { print_text(out, v); });
    }
    return std::ranges::all_of(verdicts, &Verdict::valid) ? ExitCode::Ok : ExitCode::Findings;
}

// A word that is neither a preset nor a file.
[[noreturn]] void throw_unknown(const std::string& word) {
    std::vector<std::string> names{kDefaultName};
    for (const wire::Preset& preset : wire::presets()) {
        names.emplace_back(preset.name);
    }
    throw StartError(
        ExitCode::NoInput,
        "'" + word + "' is neither a preset nor a file" + wire::suggestion(word, names)
    );
}

ExitCode show(const PolicyOptions& options, std::ostream& out) {
    const std::string& word = options.shown;
    if (word == kDefaultName) {
        out << wire::default_policy_text();
        return ExitCode::Ok;
    }
    if (const wire::Preset* preset = wire::find_preset(word)) {
        out << preset->text;
        return ExitCode::Ok;
    }
    std::error_code error;
    if (word != "-" && !std::filesystem::exists(word, error)) {
        throw_unknown(word);
    }
    const scoring::FactSchema schema = schema_of(options.currency);
    const auto document = wire::parse_policy(read_text(word), schema);
    if (!document) {
        for (const PolicyProblem& problem : document.error()) {
            print_problem(out, word, problem);
        }
        return ExitCode::Findings;
    }
    out << wire::write_policy(document->policy, schema);
    return ExitCode::Ok;
}

ExitCode list_presets(const PolicyOptions& options, std::ostream& out) {
    const bool json = options.output == "json";
    out << (json ? "{\"presets\":[" : "");
    const char* comma = "";
    for (const wire::Preset& preset : wire::presets()) {
        const std::string name(preset.name);
        if (json) {
            out << comma << "{\"name\":" << json_string(name)
                << ",\"title\":" << json_string(preset.title) << '}';
            comma = ",";
        } else {
            out << name << std::string(12 - std::min<std::size_t>(11, name.size()), ' ')
                << preset.title << '\n';
        }
    }
    out << (json ? "]}\n" : "");
    return ExitCode::Ok;
}

void add_output(CLI::App& command, PolicyOptions& options) {
    command.add_option("--output", options.output, "text or json")
        ->check(CLI::IsMember({"text", "json"}))
        ->capture_default_str();
}

void add_currency(CLI::App& command, PolicyOptions& options) {
    command.add_option("--currency", options.currency, "base currency of the data folder")
        ->capture_default_str();
}

void add_actions(CLI::App& policy, Run& run, std::ostream& out) {
    auto options = std::make_shared<PolicyOptions>();
    const auto runs = [&run, options, &out](auto action) {
        return [&run, options, &out, action] {
            run = [options, &out, action] {
                return action(*options, out);
            };
        };
    };
    policy.require_subcommand(1);

    CLI::App* check = policy.add_subcommand("validate", "tell every mistake in policy files");
    check->add_option("FILE", options->files, "policy files, - for standard input")->required();
    add_currency(*check, *options);
    add_output(*check, *options);
    check->callback(runs(validate));

    CLI::App* print = policy.add_subcommand("show", "print a preset, or a file in canonical form");
    print->add_option("NAME|FILE", options->shown, "a preset or a policy file")
        ->capture_default_str();
    add_currency(*print, *options);
    print->callback(runs(show));

    CLI::App* list = policy.add_subcommand("presets", "list the policies that ship");
    add_output(*list, *options);
    list->callback(runs(list_presets));
}

}  // namespace

void add_policy_command(CLI::App& app, Run& run) {
    add_actions(*app.add_subcommand("policy", "check and show policies"), run, std::cout);
}

int policy_command(std::span<const std::string> args, std::ostream& out, std::ostream& err) {
    return run_command(
        "check and show policies",
        "patron policy",
        [&](CLI::App& app, Run& run) { add_actions(app, run, out); },
        args,
        out,
        err
    );
}

}  // namespace patron::tools
