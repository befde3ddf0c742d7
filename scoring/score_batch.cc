#include "scoring/score_batch.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "scoring/purchase_batch.h"
#include "scoring/risk_band.h"

namespace patron::scoring {
namespace {

constexpr std::size_t kBlockRows = 32;
// Columns are filled up to whole vectors of the widest kind: a loop's odd rows run one by one.
constexpr std::size_t kVectorRows = 8;

constexpr std::size_t whole_vectors(std::size_t rows) {
    return (rows + kVectorRows - 1) / kVectorRows * kVectorRows;
}

// Of the rows that have a purchase.
struct Columns {
    alignas(64) std::array<double, kBlockRows> t_x;
    alignas(64) std::array<double, kBlockRows> age;
    alignas(64) std::array<double, kBlockRows> logit;
    alignas(64) std::array<double, kBlockRows> p_alive;
    alignas(64) std::array<double, 2 * kBlockRows> chances;  // of churn, then of a purchase
    alignas(64) std::array<std::uint32_t, kBlockRows> x;
    std::array<ScoreRow*, kBlockRows> rows;
    std::size_t size = 0;
};

void gather(const CompiledPolicy& policy, Instant now, std::span<ScoreRow> rows, Columns& columns) {
    for (ScoreRow& row : rows) {
        const Standing& s = *row.standing;
        row.score = {};
        row.score.as_of = std::max(now, s.state.settled_at);
        row.holds = row.score.as_of < s.valid_until;
        if (!row.holds || !s.has_purchase) {
            continue;
        }
        const ModelInputs in =
            model_inputs(policy, s.x, s.t_x_days, s.first_midnight, row.score.as_of);
        const std::size_t at = columns.size++;
        columns.x[at] = in.x;
        columns.t_x[at] = in.t_x;
        columns.age[at] = in.age;
        columns.rows[at] = &row;
    }
}

void evaluate(const CompiledPolicy& policy, Columns& columns) {
    const std::size_t n = whole_vectors(columns.size);
    for (std::size_t i = columns.size; i < n; ++i) {
        columns.x[i] = 0;
        columns.t_x[i] = 0;
        columns.age[i] = 0;
    }
    const std::span x(columns.x.data(), n);
    const std::span t_x(columns.t_x.data(), n);
    const std::span age(columns.age.data(), n);
    const std::span logit(columns.logit.data(), n);
    const std::span p_alive(columns.p_alive.data(), n);
    churn_base_batch(policy.model, x, t_x, age, logit, p_alive);
    const std::size_t size = columns.size;
    for (std::size_t i = 0; i < size; ++i) {
        columns.chances[i] = columns.logit[i] + columns.rows[i]->standing->signals_logit;
        columns.chances[size + i] = -columns.logit[i];
    }
    const std::size_t chances = whole_vectors(2 * size);
    std::fill(
        columns.chances.begin() + static_cast<std::ptrdiff_t>(2 * size),
        columns.chances.begin() + static_cast<std::ptrdiff_t>(chances),
        0.0
    );
    const std::span both(columns.chances.data(), chances);
    sigmoid_batch(both, both);
}

void scatter(const CompiledPolicy& policy, const Columns& columns) {
    for (std::size_t i = 0; i < columns.size; ++i) {
        ScoreRow& row = *columns.rows[i];
        const Band band = row.standing->state.band;
        row.score.churn_risk = columns.chances[i];
        row.score.p_alive = columns.p_alive[i];
        row.score.purchase_probability = columns.chances[columns.size + i];
        row.holds = band_after(policy.policy.bands, band, row.score.churn_risk) == band;
    }
}

}  // namespace

void score_rows(const CompiledPolicy& policy, Instant now, std::span<ScoreRow> rows) {
    Columns columns;
    while (!rows.empty()) {
        const std::size_t block = std::min(rows.size(), kBlockRows);
        columns.size = 0;
        gather(policy, now, rows.first(block), columns);
        if (columns.size != 0) {
            evaluate(policy, columns);
            scatter(policy, columns);
        }
        rows = rows.subspan(block);
    }
}

}  // namespace patron::scoring
