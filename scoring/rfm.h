#pragma once
// RFM scores 1..5 from cut points, and the class that three scores make.
//
// Shapes     spans of one call hold the same row count, n >= 0; outputs overlap nothing.
// Units      a value is any integer oriented so that larger is better: -recency_days, purchase
//            days, sum of minor units.
// Range      values above the smallest int64; scores 1..5. Equal values always score equally.
// Errors     none at run time; a span length mismatch or a path the CPU lacks stops the process.
// Threads    pure.
// Cost       cuts: O(n) for rule A, O(n log n) for rule B, one copy of the values. Scores: four
//            compares a value.

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "scoring/simd_path.h"

namespace patron::scoring {

// Ascending; a value scores 1 + the number of cuts it is above. Frozen between computations, so
// that a customer's score changes by own events and the passing of days only.
struct RfmCuts {
    std::array<std::int64_t, 4> above{};
    bool operator==(const RfmCuts&) const = default;
};

// Rule A, the inverse of the distribution: the k-th cut is the ceil(k n / 5)-th smallest value. A
// value that more than a fifth of the customers share makes scores be skipped. No values: everybody
// scores 1.
RfmCuts compute_cuts_rule_a(std::span<const std::int64_t> oriented);

// Rule B, middle ranks: a value with L smaller and E equal ones scores 1 + floor(5 (2 L + E) / (2
// n)), at most 5; the k-th cut is the largest value that scores k or less. Unseen values go by the
// cuts.
RfmCuts compute_cuts_rule_b(std::span<const std::int64_t> oriented);

constexpr std::uint8_t rfm_score(const RfmCuts& cuts, std::int64_t oriented) {
    int score = 1;
    for (const std::int64_t cut : cuts.above) {
        score += oriented > cut ? 1 : 0;
    }
    return static_cast<std::uint8_t>(score);
}

// The plain reference, the batch on the best path, and the batch on one path.
void rfm_score_plain(
    const RfmCuts& cuts, std::span<const std::int64_t> oriented, std::span<std::uint8_t> scores_out
);
void rfm_score_batch(
    const RfmCuts& cuts, std::span<const std::int64_t> oriented, std::span<std::uint8_t> scores_out
);
void rfm_score_on(
    SimdPath path,
    const RfmCuts& cuts,
    std::span<const std::int64_t> oriented,
    std::span<std::uint8_t> scores_out
);

struct RfmScores {
    std::uint8_t recency = 1;
    std::uint8_t frequency = 1;
    std::uint8_t monetary = 1;
    bool operator==(const RfmScores&) const = default;
};

// How many of the three scores are high, that is 4 or 5.
enum class RfmClass : std::uint8_t { LowValue, General, Potential, HighValue };

inline constexpr std::uint8_t kRfmHighScoreMin = 4;

constexpr RfmClass rfm_class(const RfmScores& scores) {
    const int high = (scores.recency >= kRfmHighScoreMin ? 1 : 0) +
                     (scores.frequency >= kRfmHighScoreMin ? 1 : 0) +
                     (scores.monetary >= kRfmHighScoreMin ? 1 : 0);
    return static_cast<RfmClass>(high);
}

// "low_value", "general", "potential", "high_value".
std::string_view rfm_class_name(RfmClass rfm_class);

}  // namespace patron::scoring
