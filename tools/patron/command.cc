#include "tools/patron/command.h"

#include <vector>

#include <CLI/CLI.hpp>

namespace patron::tools {

int run_command(
    const std::string& description,
    const std::string& name,
    const std::function<void(CLI::App&, Run&)>& add,
    std::span<const std::string> args,
    std::ostream& out,
    std::ostream& err
) {
    Run run;
    CLI::App app(description, name);
    add(app, run);
    try {
        app.parse(std::vector<std::string>(args.rbegin(), args.rend()));  // read from the back
        return static_cast<int>(run());
    } catch (const CLI::Success& done) {
        return app.exit(done, out, err);
    } catch (const CLI::ParseError& error) {
        app.exit(error, out, err);
        return static_cast<int>(server::ExitCode::Usage);
    } catch (const server::StartError& error) {
        err << name << ": " << error.what() << '\n';
        return static_cast<int>(error.code());
    }
}

}  // namespace patron::tools
