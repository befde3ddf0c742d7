#pragma once
// Churn base and P(alive) for a run of customers, read column by column.
//
// Shapes     every span of one call holds the same row count, n >= 0; outputs overlap nothing.
// Units      t_x and age in model units of the prepared model.
// Range      rows are valid histories (purchase_params.h). logit_out is logit(1 - p_any), finite;
//            p_alive_out lies in [0, 1].
// Accuracy   every path returns the bits of PreparedPurchaseModel's single-row functions.
// Errors     none at run time; a span length mismatch or a path the CPU lacks stops the process.
// Threads    pure; any number of callers with disjoint outputs.
// Cost       one pass, no allocation.

#include <cstdint>
#include <span>

#include "scoring/purchase_model.h"
#include "scoring/simd_path.h"

namespace patron::scoring {

// The plain reference: one single-row call after the other.
void churn_base_plain(
    const PreparedPurchaseModel& model,
    std::span<const std::uint32_t> x,
    std::span<const double> t_x,
    std::span<const double> age,
    std::span<double> logit_out,
    std::span<double> p_alive_out
);

void churn_base_batch(
    const PreparedPurchaseModel& model,
    std::span<const std::uint32_t> x,
    std::span<const double> t_x,
    std::span<const double> age,
    std::span<double> logit_out,
    std::span<double> p_alive_out
);

void churn_base_on(
    SimdPath path,
    const PreparedPurchaseModel& model,
    std::span<const std::uint32_t> x,
    std::span<const double> t_x,
    std::span<const double> age,
    std::span<double> logit_out,
    std::span<double> p_alive_out
);

// out[i] = vm::sigmoid(in[i]); `out` may be `in` itself.
void sigmoid_plain(std::span<const double> in, std::span<double> out);
void sigmoid_batch(std::span<const double> in, std::span<double> out);
void sigmoid_on(SimdPath path, std::span<const double> in, std::span<double> out);

}  // namespace patron::scoring
