#include "scoring/rfm.h"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <vector>

#include "scoring/check.h"

namespace patron::scoring {

namespace {

constexpr std::int64_t kNothingIsAbove = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kEverythingIsAbove = std::numeric_limits<std::int64_t>::min();

// The four cuts in registers; the body is inlined into one function per instruction set.
[[gnu::always_inline]] inline void score_rows(
    const RfmCuts& cuts,
    const std::int64_t* __restrict values,
    std::uint8_t* __restrict out,
    std::size_t n
) {
    const std::int64_t c0 = cuts.above[0];
    const std::int64_t c1 = cuts.above[1];
    const std::int64_t c2 = cuts.above[2];
    const std::int64_t c3 = cuts.above[3];
    for (std::size_t i = 0; i < n; ++i) {
        const std::int64_t v = values[i];
        const std::int64_t score = std::int64_t{1} + (v > c0 ? 1 : 0) + (v > c1 ? 1 : 0) +
                                   (v > c2 ? 1 : 0) + (v > c3 ? 1 : 0);
        out[i] = static_cast<std::uint8_t>(score);
    }
}

void score_baseline(
    const RfmCuts& cuts, const std::int64_t* values, std::uint8_t* out, std::size_t n
) {
    score_rows(cuts, values, out, n);
}

#if defined(__x86_64__)
[[gnu::target("avx2")]] void score_avx2(
    const RfmCuts& cuts, const std::int64_t* values, std::uint8_t* out, std::size_t n
) {
    score_rows(cuts, values, out, n);
}

[[gnu::target("avx512f,avx512dq,avx512vl,avx512bw")]] void score_avx512(
    const RfmCuts& cuts, const std::int64_t* values, std::uint8_t* out, std::size_t n
) {
    score_rows(cuts, values, out, n);
}
#endif

}  // namespace

RfmCuts compute_cuts_rule_a(std::span<const std::int64_t> oriented) {
    const std::size_t n = oriented.size();
    RfmCuts cuts;
    cuts.above.fill(kNothingIsAbove);
    if (n == 0) {
        return cuts;
    }
    std::vector<std::int64_t> values(oriented.begin(), oriented.end());
    auto from = values.begin();
    for (std::size_t k = 1; k <= cuts.above.size(); ++k) {
        const std::size_t rank = (k * n + 4) / 5;  // 1-based, at least 1
        const auto at = values.begin() + static_cast<std::ptrdiff_t>(rank - 1);
        std::nth_element(from, at, values.end());
        cuts.above[k - 1] = *at;
        from = at;  // everything before is smaller or equal and no longer needed
    }
    return cuts;
}

RfmCuts compute_cuts_rule_b(std::span<const std::int64_t> oriented) {
    const std::size_t n = oriented.size();
    RfmCuts cuts;
    cuts.above.fill(n == 0 ? kNothingIsAbove : kEverythingIsAbove);
    std::vector<std::int64_t> values(oriented.begin(), oriented.end());
    std::sort(values.begin(), values.end());
    for (std::size_t smaller = 0; smaller < n;) {
        const auto begin = values.begin() + static_cast<std::ptrdiff_t>(smaller);
        const auto end = std::upper_bound(begin, values.end(), *begin);
        const auto equal = static_cast<std::size_t>(end - begin);
        const std::size_t score = std::min<std::size_t>(5, 1 + 5 * (2 * smaller + equal) / (2 * n));
        for (std::size_t k = score; k <= cuts.above.size(); ++k) {
            cuts.above[k - 1] = *begin;
        }
        smaller += equal;
    }
    return cuts;
}

void rfm_score_plain(
    const RfmCuts& cuts, std::span<const std::int64_t> oriented, std::span<std::uint8_t> scores_out
) {
    PATRON_CHECK(oriented.size() == scores_out.size());
    for (std::size_t i = 0; i < oriented.size(); ++i) {
        scores_out[i] = rfm_score(cuts, oriented[i]);
    }
}

void rfm_score_batch(
    const RfmCuts& cuts, std::span<const std::int64_t> oriented, std::span<std::uint8_t> scores_out
) {
    rfm_score_on(best_simd_path(), cuts, oriented, scores_out);
}

void rfm_score_on(
    SimdPath path,
    const RfmCuts& cuts,
    std::span<const std::int64_t> oriented,
    std::span<std::uint8_t> scores_out
) {
    PATRON_CHECK(oriented.size() == scores_out.size());
    PATRON_CHECK(simd_path_supported(path));
#if defined(__x86_64__)
    if (path == SimdPath::Avx512) {
        return score_avx512(cuts, oriented.data(), scores_out.data(), oriented.size());
    }
    if (path == SimdPath::Avx2) {
        return score_avx2(cuts, oriented.data(), scores_out.data(), oriented.size());
    }
#endif
    score_baseline(cuts, oriented.data(), scores_out.data(), oriented.size());
}

std::string_view rfm_class_name(RfmClass rfm_class) {
    switch (rfm_class) {
        case RfmClass::LowValue:
            return "low_value";
        case RfmClass::General:
            return "general";
        case RfmClass::Potential:
            return "potential";
        case RfmClass::HighValue:
            return "high_value";
    }
    PATRON_CHECK(false);
}

}  // namespace patron::scoring
