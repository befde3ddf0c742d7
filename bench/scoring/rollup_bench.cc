// One customer's facts added up, by number of orders, beside the reference's loops for the features
// that a policy of three tiers reads.

#include "scoring/rollup.h"

#include <string>

#include <benchmark/benchmark.h>

#include "bench/scoring/customers.h"
#include "scoring/check.h"
#include "tests/support/reference_scoring.h"

namespace patron::scoring {
namespace {

void run_fast(benchmark::State& state, int orders) {
    const auto policy = bench_policy();
    const BenchCustomer customer(orders);
    const Facts facts = customer.facts();
    const Rollup rollup = roll_up(*policy, facts, customer.now);
    const ReferenceCustomer reference(*policy, facts);
    const double spend = reference.feature({FeatureKind::SpendWindow, 2}, customer.now);
    PATRON_CHECK(static_cast<double>(rollup.window[2].spend.minor) == spend);
    for (auto _ : state) {
        benchmark::DoNotOptimize(roll_up(*policy, facts, customer.now));
    }
    state.SetItemsProcessed(state.iterations());
    state.SetBytesProcessed(
        state.iterations() * static_cast<std::int64_t>(facts.ledger.size_bytes())
    );
}

void run_naive(benchmark::State& state, int orders) {
    const auto policy = bench_policy();
    const BenchCustomer customer(orders);
    const Facts facts = customer.facts();
    for (auto _ : state) {
        const ReferenceCustomer reference(*policy, facts);
        for (std::uint8_t w = 0; w < 3; ++w) {
            benchmark::DoNotOptimize(reference.feature({FeatureKind::SpendWindow, w}, customer.now)
            );
            benchmark::DoNotOptimize(reference.feature({FeatureKind::OrdersWindow, w}, customer.now)
            );
        }
        benchmark::DoNotOptimize(reference.feature({FeatureKind::X, 0}, customer.now));
        benchmark::DoNotOptimize(reference.feature({FeatureKind::ComplaintLoad, 0}, customer.now));
    }
    state.SetItemsProcessed(state.iterations());
}

const int kRegistered = [] {
    for (const int orders : {1, 10, 100, 1000}) {
        if (bench_small() && orders > 10) {
            continue;
        }
        const std::string tail = "/orders:" + std::to_string(orders);
        benchmark::RegisterBenchmark(("scoring/roll_up" + tail).c_str(), run_fast, orders);
        benchmark::RegisterBenchmark(("scoring/roll_up/naive" + tail).c_str(), run_naive, orders);
    }
    return 0;
}();

}  // namespace
}  // namespace patron::scoring
