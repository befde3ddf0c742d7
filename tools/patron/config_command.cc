#include "tools/patron/config_command.h"

#include <algorithm>
#include <memory>
#include <string_view>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "server/wire/json_string.h"
#include "tools/patron/option_flags.h"

namespace patron::tools {
namespace {

struct ConfigOptions {
    OptionFlags flags;
    std::string output = "text";
    bool origin = false;
};

std::string_view origin_name(server::Origin origin) {
    switch (origin) {
        case server::Origin::Default:
            return "default";
        case server::Origin::File:
            return "file";
        case server::Origin::Environment:
            return "environment";
        case server::Origin::Flag:
            return "flag";
    }
    return "";
}

bool stands_bare(std::string_view text) {
    const bool number =
        !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
    return number || text == "true" || text == "false";
}

std::string toml_value(const std::string& text) {
    return stands_bare(text) ? text : wire::json_string(text);
}

server::ExitCode print_config(const ConfigOptions& options) {
    const server::OptionValues values = server::resolve_options(options.flags.sources());
    fmt::print(
        "{}", options.output == "json" ? config_json(values) : config_text(values, options.origin)
    );
    server::read_options(values);  // a value that would not do is told after it has been shown
    return server::ExitCode::Ok;
}

}  // namespace

std::string config_text(const server::OptionValues& values, bool with_origin) {
    constexpr std::size_t kValueWidth = 44;
    std::string out;
    std::string_view section;
    for (const server::OptionSpec& spec : server::option_specs()) {
        const std::size_t dot = spec.key.find('.');
        if (spec.key.substr(0, dot) != section) {
            section = spec.key.substr(0, dot);
            out += fmt::format("{}[{}]\n", out.empty() ? "" : "\n", section);
        }
        const server::OptionValue& value = values.find(spec.key)->second;
        std::string line = fmt::format("{} = {}", spec.key.substr(dot + 1), toml_value(value.text));
        if (with_origin) {
            line = fmt::format("{:<{}}  # {}", line, kValueWidth, value.place);
        }
        out += line + "\n";
    }
    return out;
}

std::string config_json(const server::OptionValues& values) {
    std::string out = "[";
    for (const server::OptionSpec& spec : server::option_specs()) {
        const server::OptionValue& value = values.find(spec.key)->second;
        out += fmt::format(
            "{}\n {{\"key\":{},\"value\":{},\"origin\":\"{}\",\"place\":{}}}",
            out.size() == 1 ? "" : ",",
            wire::json_string(spec.key),
            wire::json_string(value.text),
            origin_name(value.origin),
            wire::json_string(value.place)
        );
    }
    return out + "\n]\n";
}

void add_config_command(CLI::App& app, Run& run) {
    auto options = std::make_shared<ConfigOptions>();
    CLI::App* config = app.add_subcommand("config", "look at the options of the server");
    config->require_subcommand(1);
    CLI::App* print = config->add_subcommand("print", "print the options that are in force");
    print->add_flag("--origin", options->origin, "say where each value comes from");
    print->add_option("--output", options->output, "text or json")
        ->check(CLI::IsMember({"text", "json"}))
        ->capture_default_str();
    options->flags.add_to(*print);
    print->callback([options, &run] {
        run = [options] {
            return print_config(*options);
        };
    });
}

}  // namespace patron::tools
