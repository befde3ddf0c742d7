#pragma once
// Risk bands with hysteresis: a band is entered at its threshold and left below threshold - hysteresis.
//
// Range      risk in [0, 1]; Band::None stands before the first purchase only.
// Threads    pure.

#include "scoring/policy.h"

namespace patron::scoring {

inline Band band_after(const RiskBands& bands, Band current, double risk) {
    if (risk >= bands.high) {
        return Band::High;
    }
    const bool stays_high = current == Band::High && risk >= bands.high - bands.hysteresis;
    if (stays_high) {
        return Band::High;
    }
    if (risk >= bands.medium) {
        return Band::Medium;
    }
    const bool stays_medium = current >= Band::Medium && risk >= bands.medium - bands.hysteresis;
    return stays_medium ? Band::Medium : Band::Low;
}

}  // namespace patron::scoring
