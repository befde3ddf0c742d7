#include "tools/patron/option_flags.h"

#include <CLI/CLI.hpp>

namespace patron::tools {

void OptionFlags::add_to(CLI::App& command) {
    command.add_option("--config", file_, "instead of ./patron.toml")->type_name("FILE");
    for (const server::OptionSpec& spec : server::option_specs()) {
        Flag& flag = flags_.emplace_back();
        flag.key = spec.key;
        std::string help(spec.help);
        if (spec.value.empty()) {
            flag.option = command.add_flag(std::string(spec.flag), flag.on, help);
            continue;
        }
        if (!spec.initial.empty()) {
            help += " [" + std::string(spec.initial) + "]";
        }
        flag.option = command.add_option(std::string(spec.flag), flag.text, help);
        flag.option->type_name(std::string(spec.value));
    }
}

server::OptionSources OptionFlags::sources() const {
    server::OptionSources sources;
    for (const Flag& flag : flags_) {
        if (flag.option->count() > 0) {
            const bool is_switch = flag.option->get_type_size() == 0;
            sources.flags[flag.key] = is_switch ? (flag.on ? "true" : "false") : flag.text;
        }
    }
    sources.environment = server::environment_of_process();
    if (!file_.empty()) {
        sources.file = file_;
    }
    return sources;
}

}  // namespace patron::tools
