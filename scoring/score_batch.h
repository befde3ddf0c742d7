#pragma once
// The scores of many customers at one instant: what score_at says of each, by the vector kernels.
//
// Shapes     any number of rows; one alone pays for the width of one vector.
// Range      `score` is as score_at's where `holds`, else unspecified.
// Accuracy   the bits of score_at.
// Threads    pure.
// Cost       no allocation.

#include <span>

#include "scoring/standing.h"

namespace patron::scoring {

struct ScoreRow {
    const Standing* standing = nullptr;
    Score score;
    bool holds = false;  // false where score_at gives nothing
};

void score_rows(const CompiledPolicy& policy, Instant now, std::span<ScoreRow> rows);

}  // namespace patron::scoring
