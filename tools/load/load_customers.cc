#include "tools/load/load_customers.h"

#include <chrono>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "server/start_error.h"
#include "store/clock.h"
#include "tools/load/server_probe.h"
#include "tools/patron/event_batch.h"
#include "tools/patron/event_sender.h"
#include "tools/patron/progress.h"
#include "tools/patron/simulated_world.h"

namespace patron::tools {
namespace {

using server::ExitCode;
using server::StartError;

HttpAnswer answer_of(const ServerUrl& url, const std::string& path) {
    auto answer = get_once(url, path);
    if (!answer) {
        throw StartError(
            ExitCode::Findings, answer.error() + "; is a server running there? (patron serve)"
        );
    }
    return std::move(*answer);
}

void look_for(const ServerUrl& url, std::uint32_t customer) {
    const std::string id = simulated_customer_id(customer);
    const HttpAnswer answer = answer_of(url, "/v1/customers/" + id + "/score");
    if (answer.status == 200) {
        return;
    }
    throw StartError(
        ExitCode::Findings,
        fmt::format(
            "{} answered {} for {}: {}; --fill N puts customers in, --customers N says how many of "
            "`patron simulate` there are, --target PATH asks for any other path",
            url.text(),
            answer.status,
            id,
            problem_detail(answer.body)
        )
    );
}

}  // namespace

void fill_server(const ServerUrl& url, const LoadOptions& options) {
    WorldOptions world;
    world.customers = options.fill;
    world.seed = options.seed;
    world.until = store::SystemClock().now();
    constexpr std::size_t kConnections = 4;
    constexpr std::size_t kBatchBytes = 512 * 1024;
    constexpr std::size_t kBatchEvents = 8192;
    EventSender sender({url, kConnections, kBatchBytes, kBatchEvents}, [](const RefusedEvent&) {});
    Progress progress("events put in", options.quiet);
    std::uint64_t events = 0;
    const auto begun = std::chrono::steady_clock::now();
    simulate_world(world, [&](std::string_view customer, std::string_view line) {
        sender.send(customer, line, ++events);
        progress.step(events, [] { return std::optional<double>(); });
    });
    const SendTotals totals = sender.finish();
    if (totals.refused > 0) {
        throw StartError(
            ExitCode::Findings,
            fmt::format("the server refused {} events of --fill", totals.refused)
        );
    }
    if (!options.quiet) {
        const auto took = std::chrono::steady_clock::now() - begun;
        fmt::print(
            stderr,
            "{} events of {} customers put in, in {:.1f} s\n",
            totals.accepted + totals.duplicates,
            options.fill,
            std::chrono::duration<double>(took).count()
        );
    }
}

void look_for_customers(const ServerUrl& url, const LoadOptions& options) {
    if (!options.asks_for_customers()) {
        answer_of(url, options.target);
        return;
    }
    look_for(url, 0);
    look_for(url, options.customers - 1);
}

}  // namespace patron::tools
