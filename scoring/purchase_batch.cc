#include "scoring/purchase_batch.h"

#include <algorithm>
#include <cstddef>

#include "scoring/check.h"
#include "scoring/purchase_formulas.h"
#include "scoring/vector_math.h"

// The bodies are plain loops that the compiler vectorises, inlined into one function per
// instruction set. Attributes on those functions rather than target_clones: no ifunc resolver,
// which runs before the sanitizers are up, and tests can call every path by name.
#if defined(__x86_64__)
#define PATRON_AVX2 [[gnu::target("avx2")]]
#define PATRON_AVX512 [[gnu::target("avx512f,avx512dq,avx512vl,avx512bw")]]
#endif

// Row i reads and writes row i only; without this, one of the inlined loops stays scalar, as gcc
// gives up on the aliases among five columns.
#if defined(__clang__)
#define PATRON_INDEPENDENT_ROWS _Pragma("clang loop vectorize(assume_safety)")
#else
#define PATRON_INDEPENDENT_ROWS _Pragma("GCC ivdep")
#endif

namespace patron::scoring {

namespace {

// Rows looked at before choosing between the table and the logarithm; they stay in the first cache.
constexpr std::size_t kBlockRows = 512;

struct Rows {
    const std::uint32_t* x;
    const double* t_x;
    const double* age;
    double* logit_out;
    double* p_alive_out;
};

[[gnu::always_inline]] inline std::uint32_t largest(const std::uint32_t* x, std::size_t n) {
    std::uint32_t top = 0;
    for (std::size_t i = 0; i < n; ++i) {
        top = std::max(top, x[i]);
    }
    return top;
}

// `kTable`: every x of the block is below kTableRows.
template <bool kTable>
[[gnu::always_inline]] inline void churn_base_block(
    const PreparedPurchaseModel& model, const Rows& rows, std::size_t n
) {
    const std::uint32_t* __restrict x = rows.x;
    const double* __restrict t_x = rows.t_x;
    const double* __restrict age = rows.age;
    double* __restrict logit_out = rows.logit_out;
    double* __restrict p_alive_out = rows.p_alive_out;
    const double* __restrict table = model.habit_table();
    const double r = model.params().r;
    const double alpha = model.params().alpha;
    const double b = model.params().b;
    const double horizon = model.horizon_units();
    const double log_a = model.log_a();
    const double shift = model.count_shift();
    const double habit_at_zero = table[0];

    PATRON_INDEPENDENT_ROWS
    for (std::size_t i = 0; i < n; ++i) {
        const auto count = static_cast<std::int32_t>(x[i]);
        const auto purchases = static_cast<double>(count);
        double habit;
        if constexpr (kTable) {
            habit = table[count];
        } else {
            const double computed = log_a - vm::log(b + (purchases - shift));
            habit = count == 0 ? habit_at_zero : computed;
        }
        const double rho = r + purchases;
        const double odds = purchase_formulas::log_odds_death(habit, rho, alpha, t_x[i], age[i]);
        const double quiet = purchase_formulas::quiet_exponent(rho, alpha, age[i], horizon);
        logit_out[i] = purchase_formulas::no_purchase_logit(odds, quiet);
        p_alive_out[i] = purchase_formulas::p_alive(odds);
    }
}

[[gnu::always_inline]] inline void churn_base_rows(
    const PreparedPurchaseModel& model, Rows rows, std::size_t n
) {
    while (n > 0) {
        const std::size_t block = std::min(n, kBlockRows);
        if (largest(rows.x, block) < PreparedPurchaseModel::kTableRows) {
            churn_base_block<true>(model, rows, block);
        } else {
            churn_base_block<false>(model, rows, block);
        }
        rows = {
            rows.x + block,
            rows.t_x + block,
            rows.age + block,
            rows.logit_out + block,
            rows.p_alive_out + block
        };
        n -= block;
    }
}

[[gnu::always_inline]] inline void sigmoid_rows(const double* in, double* out, std::size_t n) {
    PATRON_INDEPENDENT_ROWS
    for (std::size_t i = 0; i < n; ++i) {
        out[i] = vm::sigmoid(in[i]);
    }
}

void churn_base_baseline(const PreparedPurchaseModel& model, const Rows& rows, std::size_t n) {
    churn_base_rows(model, rows, n);
}

void sigmoid_baseline(const double* in, double* out, std::size_t n) {
    sigmoid_rows(in, out, n);
}

#if defined(__x86_64__)
PATRON_AVX2 void churn_base_avx2(
    const PreparedPurchaseModel& model, const Rows& rows, std::size_t n
) {
    churn_base_rows(model, rows, n);
}

PATRON_AVX512 void churn_base_avx512(
    const PreparedPurchaseModel& model, const Rows& rows, std::size_t n
) {
    churn_base_rows(model, rows, n);
}

PATRON_AVX2 void sigmoid_avx2(const double* in, double* out, std::size_t n) {
    sigmoid_rows(in, out, n);
}

PATRON_AVX512 void sigmoid_avx512(const double* in, double* out, std::size_t n) {
    sigmoid_rows(in, out, n);
}
#endif

}  // namespace

void churn_base_plain(
    const PreparedPurchaseModel& model,
    std::span<const std::uint32_t> x,
    std::span<const double> t_x,
    std::span<const double> age,
    std::span<double> logit_out,
    std::span<double> p_alive_out
) {
    const std::size_t n = x.size();
    PATRON_CHECK(t_x.size() == n && age.size() == n);
    PATRON_CHECK(logit_out.size() == n && p_alive_out.size() == n);
    for (std::size_t i = 0; i < n; ++i) {
        const ChurnBase base = model.churn_base(x[i], t_x[i], age[i]);
        logit_out[i] = base.no_purchase_logit;
        p_alive_out[i] = base.p_alive;
    }
}

void churn_base_batch(
    const PreparedPurchaseModel& model,
    std::span<const std::uint32_t> x,
    std::span<const double> t_x,
    std::span<const double> age,
    std::span<double> logit_out,
    std::span<double> p_alive_out
) {
    churn_base_on(best_simd_path(), model, x, t_x, age, logit_out, p_alive_out);
}

void churn_base_on(
    SimdPath path,
    const PreparedPurchaseModel& model,
    std::span<const std::uint32_t> x,
    std::span<const double> t_x,
    std::span<const double> age,
    std::span<double> logit_out,
    std::span<double> p_alive_out
) {
    const std::size_t n = x.size();
    PATRON_CHECK(t_x.size() == n && age.size() == n);
    PATRON_CHECK(logit_out.size() == n && p_alive_out.size() == n);
    PATRON_CHECK(simd_path_supported(path));
    const Rows rows{x.data(), t_x.data(), age.data(), logit_out.data(), p_alive_out.data()};
#if defined(__x86_64__)
    if (path == SimdPath::Avx512) {
        return churn_base_avx512(model, rows, n);
    }
    if (path == SimdPath::Avx2) {
        return churn_base_avx2(model, rows, n);
    }
#endif
    churn_base_baseline(model, rows, n);
}

void sigmoid_plain(std::span<const double> in, std::span<double> out) {
    for (std::size_t i = 0; i < in.size(); ++i) {
        out[i] = vm::sigmoid(in[i]);
    }
}

void sigmoid_batch(std::span<const double> in, std::span<double> out) {
    sigmoid_on(best_simd_path(), in, out);
}

void sigmoid_on(SimdPath path, std::span<const double> in, std::span<double> out) {
    PATRON_CHECK(in.size() == out.size());
    PATRON_CHECK(simd_path_supported(path));
#if defined(__x86_64__)
    if (path == SimdPath::Avx512) {
        return sigmoid_avx512(in.data(), out.data(), in.size());
    }
    if (path == SimdPath::Avx2) {
        return sigmoid_avx2(in.data(), out.data(), in.size());
    }
#endif
    sigmoid_baseline(in.data(), out.data(), in.size());
}

}  // namespace patron::scoring
