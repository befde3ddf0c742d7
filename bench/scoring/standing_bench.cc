// A reader's score from the published record, beside the full evaluation, and what making it costs.

#include "scoring/standing.h"

#include <string>

#include <benchmark/benchmark.h>

#include "bench/scoring/customers.h"
#include "scoring/check.h"

namespace patron::scoring {
namespace {

struct Published {
    explicit Published(int orders)
        : policy(bench_policy())
        , customer(orders)
        , facts(customer.facts())
        , rollup(roll_up(*policy, facts, customer.now))
        , state(customer.state(*policy))
        , standing(make_standing(moment(), state)) {}
    Moment moment() const { return {*policy, facts, rollup, customer.now}; }

    std::shared_ptr<const CompiledPolicy> policy;
    BenchCustomer customer;
    Facts facts;
    Rollup rollup;
    State state;
    Standing standing;
};

void run_score(benchmark::State& state, int orders) {
    const Published p(orders);
    PATRON_CHECK(
        score_at(*p.policy, p.standing, p.customer.now)->churn_risk ==
        churn_risk(p.moment(), p.state)
    );
    std::int64_t later = 0;
    for (auto _ : state) {
        later = (later + 1) & 0xff;
        benchmark::DoNotOptimize(score_at(*p.policy, p.standing, plus_ms(p.customer.now, later)));
    }
    state.SetItemsProcessed(state.iterations());
}

void run_naive_score(benchmark::State& state, int orders) {
    const Published p(orders);
    std::int64_t later = 0;
    for (auto _ : state) {
        later = (later + 1) & 0xff;
        const Instant now = plus_ms(p.customer.now, later);
        const Rollup rollup = roll_up(*p.policy, p.facts, now);
        benchmark::DoNotOptimize(churn_risk({*p.policy, p.facts, rollup, now}, p.state));
    }
    state.SetItemsProcessed(state.iterations());
}

void run_make(benchmark::State& state, int orders) {
    const Published p(orders);
    for (auto _ : state) {
        benchmark::DoNotOptimize(make_standing(p.moment(), p.state));
    }
    state.SetItemsProcessed(state.iterations());
}

void run_outlook(benchmark::State& state, int orders) {
    const Published p(orders);
    for (auto _ : state) {
        Standing s = p.standing;
        add_outlook(*p.policy, p.facts, s);
        benchmark::DoNotOptimize(s);
    }
    state.SetItemsProcessed(state.iterations());
}

const int kRegistered = [] {
    for (const int orders : {1, 10, 100}) {
        if (bench_small() && orders > 10) {
            continue;
        }
        const std::string tail = "/orders:" + std::to_string(orders);
        const std::string score = "scoring/score_at";
        benchmark::RegisterBenchmark((score + tail).c_str(), run_score, orders);
        benchmark::RegisterBenchmark((score + "/naive" + tail).c_str(), run_naive_score, orders);
        benchmark::RegisterBenchmark(("scoring/make_standing" + tail).c_str(), run_make, orders);
        benchmark::RegisterBenchmark(("scoring/add_outlook" + tail).c_str(), run_outlook, orders);
    }
    return 0;
}();

}  // namespace
}  // namespace patron::scoring
