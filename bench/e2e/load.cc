// One load for all contenders: a single pinned thread, a closed loop, the answers checked.
//
//     patron_load KIND --port P [options]      prints one JSON object; exit 1 after a wrong answer

#include <cstdio>
#include <functional>
#include <map>
#include <memory>
#include <random>

#include <CLI/CLI.hpp>
#include <fmt/core.h>

#include "bench/e2e/batch_reads.h"
#include "bench/e2e/closed_loop.h"
#include "bench/e2e/event_loads.h"
#include "bench/e2e/hash_reads.h"
#include "bench/e2e/point_reads.h"
#include "bench/e2e/sockets.h"

namespace patron::bench {
namespace {

struct Options {
    std::string kind;
    LoopOptions loop;
    ReadOptions reads;
    std::uint32_t orders_each = 0;
    int core = 1;
    std::uint64_t seed = 0;
};

using Maker = std::function<std::unique_ptr<Workload>(const Options&)>;

template <typename Load>
std::unique_ptr<Workload> events(const Options& o) {
    auto facts = std::make_unique<LiveFacts>(o.reads.customers, o.seed);
    return std::make_unique<Load>(std::move(facts), o.reads.per_write);
}

template <typename Load>
std::unique_ptr<Workload> history(const Options& o) {
    auto facts = std::make_unique<PastFacts>(o.reads.customers, o.orders_each, o.seed);
    return std::make_unique<Load>(std::move(facts), o.reads.per_write);
}

template <typename Load>
std::unique_ptr<Workload> reads(const Options& o) {
    return std::make_unique<Load>(o.reads, o.seed);
}

template <typename Load>
std::unique_ptr<Workload> puts(const Options& o) {
    return std::make_unique<Load>(o.reads);
}

const std::map<std::string, Maker>& makers() {
    static const std::map<std::string, Maker> kMakers{
        {"http-reads", reads<HttpReads>},
        {"redis-reads", reads<RedisReads>},
        {"redis-values", puts<RedisValues>},
        {"redis-hash-reads", reads<RedisHashReads>},
        {"redis-hashes", puts<RedisHashes>},
        {"http-batch-reads", reads<HttpBatchReads>},
        {"redis-batch-reads", reads<RedisBatchReads>},
        {"http-events", events<HttpEvents>},
        {"http-history", history<HttpEvents>},
        {"redis-events", events<RedisEvents>},
        {"redis-history", history<RedisEvents>},
    };
    return kMakers;
}

void declare(CLI::App& app, Options& o) {
    app.add_option(
           "kind",
           o.kind,
           "http- or redis- reads, batch-reads, events, history; redis-values, -hashes, -hash-reads"
    )
        ->required();
    app.add_option("--port", o.loop.port)->required();
    app.add_option("--connections", o.loop.connections);
    app.add_option("--per-write", o.reads.per_write, "requests, ids or events in one write");
    app.add_option("--warmup", o.loop.warmup_s, "seconds");
    app.add_option("--seconds", o.loop.seconds, "0: until everything was said (history, values)");
    app.add_option("--units", o.loop.units, "end after so many; 0: no such end");
    app.add_option("--customers", o.reads.customers);
    app.add_option("--orders-each", o.orders_each, "of a customer's history; 0: one to five");
    app.add_option("--value-bytes", o.reads.value_bytes, "of a value in Redis");
    app.add_flag("--check-id", o.reads.check_id, "the answer must be about the customer asked for");
    app.add_option("--core", o.core, "-1: any");
    app.add_option("--seed", o.seed, "default: a new one, printed");
}

double to_us(std::uint64_t ns) {
    return static_cast<double>(ns) / 1e3;
}

void print(const Options& options, const LoopResult& result) {
    const auto& latencies = result.latencies;
    const auto per_unit = [&](std::uint64_t count) {
        return result.units == 0 ? 0.0
                                 : static_cast<double>(count) / static_cast<double>(result.units);
    };
    fmt::print(
        R"({{"kind":"{}","seed":{},"rate":{:.0f},"seconds":{:.4f},"units":{},"units_all":{},)"
        R"("batches":{},"wrong":{},"cpu_s":{:.4f},"p50_us":{:.1f},"p99_us":{:.1f},"p999_us":{:.1f},)"
        R"("max_us":{:.1f},"sent_per_unit":{:.1f},"heard_per_unit":{:.1f}}})"
        "\n",
        options.kind,
        options.seed,
        static_cast<double>(result.units) / result.seconds,
        result.seconds,
        result.units,
        result.units_all,
        result.batches,
        result.wrong,
        result.cpu_s,
        to_us(latencies.quantile_ns(0.5)),
        to_us(latencies.quantile_ns(0.99)),
        to_us(latencies.quantile_ns(0.999)),
        to_us(latencies.max_ns()),
        per_unit(result.bytes_out),
        per_unit(result.bytes_in)
    );
}

int run(const Options& options) {
    const auto maker = makers().find(options.kind);
    if (maker == makers().end() || options.reads.customers == 0 || options.reads.per_write == 0) {
        fail("unknown kind, or no customers, or nothing per write; see --help");
    }
    if (options.core >= 0) {
        pin_to_core(options.core);
    }
    const auto workload = maker->second(options);
    const LoopResult result = run_closed_loop(*workload, options.loop);
    print(options, result);
    if (result.wrong != 0) {
        fmt::print(stderr, "{} wrong answers; the first:\n{}\n", result.wrong, result.first_wrong);
    }
    return result.wrong == 0 ? 0 : 1;
}

}  // namespace
}  // namespace patron::bench

int main(int argc, char** argv) {
    CLI::App app("Load for Patron and its peers");
    patron::bench::Options options;
    options.seed = std::random_device{}();
    patron::bench::declare(app, options);
    CLI11_PARSE(app, argc, argv);
    return patron::bench::run(options);
}
