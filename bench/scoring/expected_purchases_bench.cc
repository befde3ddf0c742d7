// E[purchases in the next t weeks], customers per second: series at four horizons, and the
// quadrature.

#include "scoring/expected_purchases.h"

#include <cstdint>
#include <cstdlib>
#include <string>

#include <benchmark/benchmark.h>

#include "scoring/mbg_nbd.h"
#include "scoring/purchase_params.h"

namespace patron::scoring {
namespace {

std::uint32_t bench_customers() {
    return std::getenv("PATRON_BENCH_SMALL") != nullptr ? 20 : 2'000;
}

ExpectedPurchasesInput customer(std::uint32_t i) {
    const PurchaseParams& p = kCdnowMbgNbd;
    const std::uint32_t x = i % 20;
    return {p.r, p.alpha, p.a, mbg_nbd::survival_shape(p, x), x, 39};
}

template <typename Way>
void run(benchmark::State& state, Way way, double weeks) {
    const std::uint32_t customers = bench_customers();
    for (auto _ : state) {
        double sum = 0;
        for (std::uint32_t i = 0; i < customers; ++i) {
            sum += way(customer(i), weeks);
        }
        benchmark::DoNotOptimize(sum);
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * customers);
}

const int kRegistered = [] {
    const std::string tail = "/customers:" + std::to_string(bench_customers());
    for (const int weeks : {1, 13, 39, 104}) {
        benchmark::RegisterBenchmark(
            ("scoring/expected_purchases/series/weeks:" + std::to_string(weeks) + tail).c_str(),
            [weeks](benchmark::State& state) { run(state, expected_purchases_series, weeks); }
        );
    }
    benchmark::RegisterBenchmark(
        ("scoring/expected_purchases/quadrature/weeks:39" + tail).c_str(),
        [](benchmark::State& state) { run(state, expected_purchases_quadrature, 39); }
    );
    return 0;
}();

}  // namespace
}  // namespace patron::scoring
