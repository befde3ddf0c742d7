// Time alone: a clock that leaps makes a storm of transitions, which the store tells in order; beside it
// what one writes first, a scan that evaluates every customer and compares with the last time.

#include <chrono>
#include <ctime>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "bench/store/made_events.h"
#include "scoring/check.h"
#include "server/wire/policy_presets.h"
#include "store/store.h"

namespace patron::store {
namespace {

constexpr std::size_t kPerBatch = 8'192;
constexpr Instant kStart{1'750'000'000'000};

std::size_t customers() {
    return bench_customers();
}

double cpu_seconds() {
    timespec spent{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent);
    return static_cast<double>(spent.tv_sec) + 1e-9 * static_cast<double>(spent.tv_nsec);
}

class SilentStore {
  public:
    SilentStore() : clock_(kStart) {
        StoreOptions o;
        o.policy = wire::default_policy({});
        o.clock = &clock_;
        o.log = make_memory_only_log();
        o.hash_seed = kBenchHashSeed;
        auto opened = Store::open(std::move(o));
        PATRON_CHECK(opened.has_value());
        store_ = *std::move(opened);
        fill();
    }

    Store& operator*() { return *store_; }
    void leap(std::int64_t days) { clock_.set(scoring::plus_days(clock_.now(), days)); }

    // Until everything due has been told.
    void settle() {
        for (bool reached = false; !reached;) {
            std::promise<bool> told;
            const auto refused =
                store_->wait_for_time(clock_.now(), [&](bool yes) { told.set_value(yes); });
            PATRON_CHECK(!refused);
            reached = told.get_future().get();
        }
    }

    struct Look final : Scan {
        Look(std::promise<std::uint64_t>& done, bool outlook) : done_(done), outlook_(outlook) {}
        store::ScanWants wants() const override { return {.outlook = outlook_}; }
        void begin(std::size_t partitions) override { at_risk_.assign(partitions * 8, 0); }
        void row(std::size_t partition, const ScanRow& row) override {
            at_risk_[partition * 8] += row.reading.standing.state.band == scoring::Band::High;
        }
        void finish(const ScanEnd&) override {
            std::uint64_t sum = 0;
            for (const std::uint64_t n : at_risk_) {
                sum += n;
            }
            done_.set_value(sum);
        }
        void abandon() override {}
        std::promise<std::uint64_t>& done_;
        bool outlook_;
        std::vector<std::uint64_t> at_risk_;
    };
    // With outlooks it leaves the store as an idle one becomes by itself.
    std::uint64_t scan(bool outlook = false) {
        std::promise<std::uint64_t> done;
        PATRON_CHECK(!store_->scan(std::make_unique<Look>(done, outlook), std::nullopt));
        return done.get_future().get();
    }

  private:
    void fill() {
        for (std::size_t first = 0; first < customers(); first += kPerBatch) {
            IngestRequest request;
            for (std::size_t i = first; i < std::min(first + kPerBatch, customers()); ++i) {
                add_orders(request.batch, i);
            }
            std::promise<void> done;
            request.done = [&done](const Result<IngestReply>& reply) {
                PATRON_CHECK(reply.has_value());
                done.set_value();
            };
            PATRON_CHECK(!store_->submit(std::move(request)));
            done.get_future().get();
        }
        settle();
    }

    // One to three orders of the last three weeks, at any minute.
    static void add_orders(EventBatch& batch, std::size_t i) {
        const std::string id = "C" + std::to_string(i);
        const std::string_view customer = batch.keep(id);
        std::uint64_t bits = (i + 1) * 0x9e37'79b9'7f4a'7c15U;
        for (std::size_t n = 0; n <= i % 3; ++n) {
            bits = bits * 6'364'136'223'846'793'005U + 1;
            const auto ago = static_cast<std::int64_t>(bits >> 33) % (21 * scoring::kDayMs);
            const std::string_view order = batch.keep("o" + std::to_string(i * 3 + n));
            const auto amount = static_cast<std::int64_t>(10'000 + (bits >> 40) % 300'000);
            Event event;
            event.customer = customer;
            event.id = order;
            event.at = scoring::plus_ms(kStart, -ago);
            event.body = Order{order, Money{amount}, {}, OrderKind::Product};
            batch.events.push_back(std::move(event));
        }
    }

    FixedClock clock_;
    std::unique_ptr<Store> store_;
};

SilentStore& silent_store() {
    static SilentStore store;
    return store;
}

void storm(benchmark::State& state) {
    SilentStore& store = silent_store();
    std::uint64_t told = 0;
    double cpu = 0;
    for (auto _ : state) {
        state.PauseTiming();
        store.scan(true);
        const std::uint64_t before = (*store).changes().head();
        const double cpu_before = cpu_seconds();
        state.ResumeTiming();
        store.leap(7);
        store.settle();
        told += (*store).changes().head() - before;
        cpu += cpu_seconds() - cpu_before;
    }
    state.counters["transitions/s"] =
        benchmark::Counter(static_cast<double>(told), benchmark::Counter::kIsRate);
    state.counters["transitions"] = static_cast<double>(told);
    state.counters["cpu_ns/transition"] =
        1e9 * cpu / static_cast<double>(std::max<std::uint64_t>(told, 1));
}

void scan_all(benchmark::State& state) {
    SilentStore& store = silent_store();
    const double cpu = cpu_seconds();
    for (auto _ : state) {
        benchmark::DoNotOptimize(store.scan());
    }
    state.counters["customers/s"] = benchmark::Counter(
        static_cast<double>(state.iterations()) * static_cast<double>(customers()),
        benchmark::Counter::kIsRate
    );
    state.counters["cpu_ms/scan"] =
        1e3 * (cpu_seconds() - cpu) / static_cast<double>(state.iterations());
}

BENCHMARK(storm)
    ->Name("store/time/storm")
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime()
    ->Iterations(6);
BENCHMARK(scan_all)->Name("store/time/scan")->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace patron::store
