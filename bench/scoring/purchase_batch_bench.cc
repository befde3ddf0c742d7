// Churn base and P(alive), rows per second: the naive loop over libm, the plain reference, the
// batch.

#include "scoring/purchase_batch.h"

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "scoring/check.h"

namespace patron::scoring {
namespace {

constexpr double kHorizonWeeks = 90.0 / 7;

struct Columns {
    std::vector<std::uint32_t> x;
    std::vector<double> t_x;
    std::vector<double> age;
    std::vector<double> logit;
    std::vector<double> alive;

    // Half of the customers bought once; the others up to 40 times more within five years.
    explicit Columns(std::size_t rows) : x(rows), t_x(rows), age(rows), logit(rows), alive(rows) {
        std::mt19937_64 random(11);
        std::uniform_real_distribution<double> unit(0, 1);
        for (std::size_t i = 0; i < rows; ++i) {
            age[i] = 260 * unit(random);
            x[i] = unit(random) < 0.5 ? 0 : 1 + static_cast<std::uint32_t>(40 * unit(random));
            t_x[i] = x[i] == 0 ? 0 : age[i] * unit(random);
        }
    }
};

std::size_t small_or(std::size_t rows) {
    return std::getenv("PATRON_BENCH_SMALL") != nullptr ? 100 : rows;
}

void naive_libm(const PurchaseParams& p, Columns& c) {
    for (std::size_t i = 0; i < c.x.size(); ++i) {
        const double rho = p.r + c.x[i];
        const double odds =
            p.a / (p.b + c.x[i]) * std::pow((p.alpha + c.age[i]) / (p.alpha + c.t_x[i]), rho);
        const double alive = 1 / (1 + odds);
        const double quiet =
            std::pow((p.alpha + c.age[i]) / (p.alpha + c.age[i] + kHorizonWeeks), rho);
        const double any = alive * (1 - quiet);
        c.logit[i] = std::log((1 - any) / any);
        c.alive[i] = alive;
    }
}

void check_same_as_plain(const PreparedPurchaseModel& model, Columns& c, SimdPath path) {
    std::vector<double> logit(c.x.size());
    std::vector<double> alive(c.x.size());
    churn_base_plain(model, c.x, c.t_x, c.age, logit, alive);
    churn_base_on(path, model, c.x, c.t_x, c.age, c.logit, c.alive);
    PATRON_CHECK(logit == c.logit && alive == c.alive);
}

void report(benchmark::State& state, std::size_t rows) {
    const auto items =
        static_cast<std::int64_t>(rows) * static_cast<std::int64_t>(state.iterations());
    constexpr std::int64_t kBytesPerRow = 4 + 4 * 8;
    state.SetItemsProcessed(items);
    state.SetBytesProcessed(items * kBytesPerRow);
}

void run_naive(benchmark::State& state, std::size_t rows) {
    Columns columns(rows);
    for (auto _ : state) {
        naive_libm(kCdnowMbgNbd, columns);
        benchmark::DoNotOptimize(columns.logit.data());
        benchmark::ClobberMemory();
    }
    report(state, rows);
}

void run_plain(benchmark::State& state, std::size_t rows) {
    Columns c(rows);
    const auto model = PreparedPurchaseModel::prepare(kCdnowMbgNbd, kHorizonWeeks);
    for (auto _ : state) {
        churn_base_plain(model, c.x, c.t_x, c.age, c.logit, c.alive);
        benchmark::ClobberMemory();
    }
    report(state, rows);
}

void run_single_read(benchmark::State& state, std::size_t rows) {
    Columns c(rows);
    const auto model = PreparedPurchaseModel::prepare(kCdnowMbgNbd, kHorizonWeeks);
    for (auto _ : state) {
        double previous = 0;  // makes every read wait for the one before
        for (std::size_t i = 0; i < rows; ++i) {
            const double age = c.age[i] + previous * 0x1p-60;
            previous = model.churn_base(c.x[i], c.t_x[i], age).no_purchase_logit;
        }
        benchmark::DoNotOptimize(previous);
    }
    report(state, rows);
}

void run_batch(benchmark::State& state, std::size_t rows, SimdPath path, std::uint32_t more_x) {
    if (!simd_path_supported(path)) {
        state.SkipWithError("this CPU lacks the instruction set");
        return;
    }
    Columns c(rows);
    for (auto& x : c.x) {
        x += more_x;
    }
    const auto model = PreparedPurchaseModel::prepare(kCdnowMbgNbd, kHorizonWeeks);
    check_same_as_plain(model, c, path);
    for (auto _ : state) {
        churn_base_on(path, model, c.x, c.t_x, c.age, c.logit, c.alive);
        benchmark::ClobberMemory();
    }
    report(state, rows);
}

void run_sigmoid(benchmark::State& state, std::size_t rows, SimdPath path) {
    if (!simd_path_supported(path)) {
        state.SkipWithError("this CPU lacks the instruction set");
        return;
    }
    Columns c(rows);
    for (auto _ : state) {
        sigmoid_on(path, c.age, c.logit);
        benchmark::ClobberMemory();
    }
    report(state, rows);
}

const int kRegistered = [] {
    const std::size_t rows = small_or(65'536);
    const std::string tail = "/rows:" + std::to_string(rows);
    const std::string churn = "scoring/churn_base/";
    benchmark::RegisterBenchmark((churn + "naive_libm" + tail).c_str(), run_naive, rows);
    benchmark::RegisterBenchmark((churn + "plain" + tail).c_str(), run_plain, rows);
    benchmark::RegisterBenchmark((churn + "single_read" + tail).c_str(), run_single_read, rows);
    struct Path {
        const char* name;
        SimdPath path;
    };
    constexpr Path kPaths[] = {
        {"baseline", SimdPath::Baseline}, {"avx2", SimdPath::Avx2}, {"avx512", SimdPath::Avx512}
    };
    for (const auto& [name, path] : kPaths) {
        const std::string text = name + tail;
        benchmark::RegisterBenchmark((churn + "simd/" + text).c_str(), run_batch, rows, path, 0u);
        benchmark::RegisterBenchmark(
            (churn + "simd_large_x/" + text).c_str(), run_batch, rows, path, 256u
        );
        benchmark::RegisterBenchmark(
            ("scoring/sigmoid/simd/" + text).c_str(), run_sigmoid, rows, path
        );
    }
    return 0;
}();

}  // namespace
}  // namespace patron::scoring
