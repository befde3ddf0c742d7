#pragma once
// From options to classes of requests: who sends what at which rate on how many connections.
//
// Shapes     one class, but for mixed (read, ingest, scan) and stream (change, screen). Rates and
//            connections are shared out among the parts; only the first part scans.
// Errors     StartError from `before` and `after`, which ask the server.
// Threads    one owner.

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "tools/load/generator.h"
#include "tools/load/load_options.h"

namespace patron::tools {

class LoadPlanner {
  public:
    LoadPlanner(const LoadOptions& options, const ServerUrl& url, std::int64_t run_ms);

    GeneratorPlan generator_plan(std::uint32_t part) const;
    void add_to(Generator& generator, std::uint32_t part);
    // For stream: no customer has an override when it begins, nor when it is over.
    void before(const ServerUrl& url) { lift_overrides(url, "before"); }
    void after(const ServerUrl& url) { lift_overrides(url, "after"); }

  private:
    RequestContext context(std::uint32_t part) const;
    std::optional<ArrivalPlan> arrivals(double rate, std::uint32_t part) const;
    void add_requests(Generator& generator, std::uint32_t part);
    void add_events(Generator& generator, std::uint32_t part);
    void add_scan(Generator& generator);
    void add_stream(Generator& generator);
    void lift_overrides(const ServerUrl& url, std::string_view when) const;

    const LoadOptions& options_;
    std::string host_;
    std::string prefix_;
    std::int64_t run_ms_;
    std::unique_ptr<ChangeDues> dues_;
};

// Requests a second of a class; none: closed loop, or nobody asks for it.
std::optional<double> asked_rate(const LoadOptions& options, std::string_view name);
// What the units of a class are: "events", "ids" or nothing.
std::string unit_of(const LoadOptions& options, std::string_view name);

}  // namespace patron::tools
