// RFM: cut points by selection beside a full sort, scores by compares beside a search.

#include "scoring/rfm.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "scoring/check.h"

namespace patron::scoring {
namespace {

std::size_t bench_rows() {
    return std::getenv("PATRON_BENCH_SMALL") != nullptr ? 100 : 65'536;
}

std::vector<std::int64_t> monetary(std::size_t rows) {
    std::mt19937_64 random(5);
    std::lognormal_distribution<double> cents(8, 1.2);
    std::vector<std::int64_t> values(rows);
    for (auto& v : values) {
        v = static_cast<std::int64_t>(cents(random));
    }
    return values;
}

void report(benchmark::State& state, std::size_t rows, std::int64_t bytes_per_row) {
    const auto items =
        static_cast<std::int64_t>(rows) * static_cast<std::int64_t>(state.iterations());
    state.SetItemsProcessed(items);
    state.SetBytesProcessed(items * bytes_per_row);
}

void run_cuts(
    benchmark::State& state, std::size_t rows, RfmCuts (*cuts)(std::span<const std::int64_t>)
) {
    const auto values = monetary(rows);
    for (auto _ : state) {
        benchmark::DoNotOptimize(cuts(values));
    }
    report(state, rows, 8);
}

RfmCuts cuts_by_sorting(std::span<const std::int64_t> oriented) {
    std::vector<std::int64_t> sorted(oriented.begin(), oriented.end());
    std::sort(sorted.begin(), sorted.end());
    RfmCuts cuts;
    for (std::size_t k = 1; k <= 4; ++k) {
        cuts.above[k - 1] = sorted[(k * sorted.size() + 4) / 5 - 1];
    }
    return cuts;
}

// What one writes first: look the value up among the cuts.
void scores_by_search(
    const RfmCuts& cuts, std::span<const std::int64_t> oriented, std::span<std::uint8_t> out
) {
    for (std::size_t i = 0; i < oriented.size(); ++i) {
        const auto at = std::lower_bound(cuts.above.begin(), cuts.above.end(), oriented[i]);
        out[i] = static_cast<std::uint8_t>(1 + (at - cuts.above.begin()));
    }
}

template <typename Score>
void run_scores(benchmark::State& state, std::size_t rows, Score score) {
    const auto values = monetary(rows);
    const RfmCuts cuts = compute_cuts_rule_a(values);
    std::vector<std::uint8_t> plain(rows);
    std::vector<std::uint8_t> scores(rows);
    rfm_score_plain(cuts, values, plain);
    score(cuts, values, scores);
    PATRON_CHECK(plain == scores);
    for (auto _ : state) {
        score(cuts, values, scores);
        benchmark::ClobberMemory();
    }
    report(state, rows, 9);
}

const int kRegistered = [] {
    const std::size_t rows = bench_rows();
    const std::string tail = "/rows:" + std::to_string(rows);
    const auto add_scores = [&](const std::string& kind, auto score) {
        benchmark::RegisterBenchmark(
            ("scoring/rfm_score/" + kind + tail).c_str(),
            [=](benchmark::State& state) { run_scores(state, rows, score); }
        );
    };
    add_scores("search", scores_by_search);
    add_scores("plain", rfm_score_plain);
    add_scores("simd", rfm_score_batch);
    benchmark::RegisterBenchmark(
        ("scoring/rfm_cuts/sort" + tail).c_str(), run_cuts, rows, cuts_by_sorting
    );
    benchmark::RegisterBenchmark(
        ("scoring/rfm_cuts/rule_a" + tail).c_str(), run_cuts, rows, compute_cuts_rule_a
    );
    benchmark::RegisterBenchmark(
        ("scoring/rfm_cuts/rule_b" + tail).c_str(), run_cuts, rows, compute_cuts_rule_b
    );
    return 0;
}();

}  // namespace
}  // namespace patron::scoring
