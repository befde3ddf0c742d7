#include "scoring/value_index.h"

#include <algorithm>
#include <cmath>

namespace patron::scoring {

double points(std::span<const Breakpoint> norm, double value) {
    if (std::isnan(value)) {
        return std::min_element(
                   norm.begin(),
                   norm.end(),
                   [](const auto& a, const auto& b) { return a.points < b.points; }
        )->points;
    }
    if (value <= norm.front().at) {
        return norm.front().points;
    }
    for (std::size_t i = 1; i < norm.size(); ++i) {
        if (value < norm[i].at) {
            const Breakpoint& low = norm[i - 1];
            const double share = (value - low.at) / (norm[i].at - low.at);
            return low.points + share * (norm[i].points - low.points);
        }
    }
    return norm.back().points;
}

}  // namespace patron::scoring
