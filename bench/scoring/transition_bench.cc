// All rules at one instant, and the search for the next transition, beside the reference's.

#include "scoring/transition.h"

#include <string>

#include <benchmark/benchmark.h>

#include "bench/scoring/customers.h"
#include "scoring/check.h"
#include "tests/support/reference_scoring.h"

namespace patron::scoring {
namespace {

void run_step(benchmark::State& state, int orders) {
    const auto policy = bench_policy();
    const BenchCustomer customer(orders);
    const Facts facts = customer.facts();
    const Rollup rollup = roll_up(*policy, facts, customer.now);
    const Moment moment{*policy, facts, rollup, customer.now};
    const State before = first_state(customer.now);
    const ReferenceCustomer reference(*policy, facts);
    PATRON_CHECK(step(moment, before).same_standing(reference.step(before, customer.now)));
    for (auto _ : state) {
        benchmark::DoNotOptimize(step(moment, before));
    }
    state.SetItemsProcessed(state.iterations());
}

void run_naive_step(benchmark::State& state, int orders) {
    const auto policy = bench_policy();
    const BenchCustomer customer(orders);
    const Facts facts = customer.facts();
    const State before = first_state(customer.now);
    for (auto _ : state) {
        const ReferenceCustomer reference(*policy, facts);
        benchmark::DoNotOptimize(reference.step(before, customer.now));
    }
    state.SetItemsProcessed(state.iterations());
}

// What an order costs beyond its place in the ledger: the sums anew, and all rules.
void run_event(benchmark::State& state, int orders) {
    const auto policy = bench_policy();
    const BenchCustomer customer(orders);
    const Facts facts = customer.facts();
    const State before = customer.state(*policy);
    for (auto _ : state) {
        const Rollup rollup = roll_up(*policy, facts, customer.now);
        benchmark::DoNotOptimize(step({*policy, facts, rollup, customer.now}, before));
    }
    state.SetItemsProcessed(state.iterations());
}

void run_next(benchmark::State& state, int orders) {
    const auto policy = bench_policy();
    const BenchCustomer customer(orders);
    const Facts facts = customer.facts();
    const State settled = customer.state(*policy);
    for (auto _ : state) {
        benchmark::DoNotOptimize(next_transition(*policy, facts, settled));
    }
    state.SetItemsProcessed(state.iterations());
}

void run_naive_next(benchmark::State& state, int orders) {
    const auto policy = bench_policy();
    const BenchCustomer customer(orders);
    const Facts facts = customer.facts();
    const State settled = customer.state(*policy);
    const Instant until = plus_days(customer.now, bench_small() ? 10 : 100);
    for (auto _ : state) {
        const ReferenceCustomer reference(*policy, facts);
        benchmark::DoNotOptimize(reference.next_visible_change(settled, until));
    }
    state.SetItemsProcessed(state.iterations());
}

const int kRegistered = [] {
    for (const int orders : {1, 10, 100}) {
        if (bench_small() && orders > 10) {
            continue;
        }
        const std::string tail = "/orders:" + std::to_string(orders);
        const std::string next = "scoring/next_transition";
        benchmark::RegisterBenchmark(("scoring/step" + tail).c_str(), run_step, orders);
        benchmark::RegisterBenchmark(("scoring/step/naive" + tail).c_str(), run_naive_step, orders);
        benchmark::RegisterBenchmark(
            ("scoring/roll_up_and_step" + tail).c_str(), run_event, orders
        );
        benchmark::RegisterBenchmark((next + tail).c_str(), run_next, orders);
        benchmark::RegisterBenchmark((next + "/naive" + tail).c_str(), run_naive_next, orders);
    }
    return 0;
}();

}  // namespace
}  // namespace patron::scoring
