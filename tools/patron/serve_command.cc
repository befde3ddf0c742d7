#include "tools/patron/serve_command.h"

#include <memory>

#include <CLI/CLI.hpp>

#include "server/app.h"
#include "tools/patron/option_flags.h"

namespace patron::tools {

void add_serve_command(CLI::App& app, Run& run) {
    auto flags = std::make_shared<OptionFlags>();
    CLI::App* command = app.add_subcommand("serve", "run the server");
    flags->add_to(*command);
    command->footer("The first line on stdout is `patron listening on http://ADDR:PORT`.");
    command->callback([flags, &run] {
        run = [flags] {
            server::serve(server::read_options(server::resolve_options(flags->sources())));
            return server::ExitCode::Ok;
        };
    });
}

}  // namespace patron::tools
