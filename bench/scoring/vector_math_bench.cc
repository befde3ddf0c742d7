// The functions of vector_math.h, a value at a time and in loops, beside libm.

#include "scoring/vector_math.h"

#include <cmath>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

namespace patron::scoring {
namespace {

std::size_t bench_values() {
    return std::getenv("PATRON_BENCH_SMALL") != nullptr ? 100 : 4'096;
}

template <typename Function>
[[gnu::always_inline]] inline void apply(
    Function f, const double* __restrict in, double* __restrict out, std::size_t n
) {
    for (std::size_t i = 0; i < n; ++i) {
        out[i] = f(in[i]);
    }
}

// One function per instruction set, as the kernels have them.
template <typename Function>
[[gnu::noinline]] void apply_baseline(Function f, const double* in, double* out, std::size_t n) {
    apply(f, in, out, n);
}

#if defined(__x86_64__)
template <typename Function>
[[gnu::noinline, gnu::target("avx2")]] void apply_avx2(
    Function f, const double* in, double* out, std::size_t n
) {
    apply(f, in, out, n);
}
#endif

template <typename Function, typename Loop>
void run(benchmark::State& state, Function f, Loop loop, double lo, double hi) {
    std::mt19937_64 random(3);
    std::uniform_real_distribution<double> values(lo, hi);
    std::vector<double> in(bench_values());
    for (double& x : in) {
        x = values(random);
    }
    std::vector<double> out(in.size());
    for (auto _ : state) {
        loop(f, in.data(), out.data(), in.size());
        benchmark::ClobberMemory();
    }
    const auto iterations = static_cast<std::int64_t>(state.iterations());
    state.SetItemsProcessed(iterations * static_cast<std::int64_t>(in.size()));
}

template <typename Ours, typename Libm>
void register_pair(const std::string& name, Ours ours, Libm libm, double lo, double hi) {
    const std::string tail = "/values:" + std::to_string(bench_values());
    const auto add = [&](const std::string& kind, auto f, auto loop) {
        benchmark::RegisterBenchmark(
            ("scoring/vector_math/" + name + "/" + kind + tail).c_str(),
            [=](benchmark::State& state) { run(state, f, loop, lo, hi); }
        );
    };
    add("libm", libm, apply_baseline<Libm>);
    add("baseline", ours, apply_baseline<Ours>);
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2") != 0) {
        add("avx2", ours, apply_avx2<Ours>);
    }
#endif
}

const int kRegistered = [] {
    const auto log_libm = [](double x) {
        return std::log(x);
    };
    const auto log1p_libm = [](double x) {
        return std::log1p(x);
    };
    const auto exp_libm = [](double x) {
        return std::exp(x);
    };
    const auto expm1_libm = [](double x) {
        return std::expm1(x);
    };
    register_pair("log", [](double x) { return vm::log(x); }, log_libm, 1e-3, 1e3);
    register_pair("log1p", [](double x) { return vm::log1p(x); }, log1p_libm, 0, 10);
    register_pair("exp", [](double x) { return vm::exp(x); }, exp_libm, -30, 30);
    register_pair("expm1", [](double x) { return vm::expm1(x); }, expm1_libm, -5, 0);
    return 0;
}();

}  // namespace
}  // namespace patron::scoring
