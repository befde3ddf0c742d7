#pragma once
// Every feature that a rollup leads to, beside the plain reference's.
//
// Threads    one.

#include <algorithm>
#include <cmath>
#include <string>

#include <gtest/gtest.h>

#include "scoring/moment.h"
#include "scoring/rollup.h"
#include "tests/support/reference_scoring.h"

namespace patron::scoring {

inline void expect_same_number(double got, double want, const char* what) {
    EXPECT_EQ(std::isnan(got), std::isnan(want)) << what;
    if (!std::isnan(want)) {
        EXPECT_NEAR(got, want, 1e-11 * std::max(1.0, std::fabs(want))) << what;
    }
}

inline void expect_features(
    const CompiledPolicy& policy, const Facts& facts, const Rollup& rollup, Instant now
) {
    const ReferenceCustomer reference(policy, facts);
    const Moment moment{policy, facts, rollup, now};
    for (const FeatureInfo& entry : feature_table()) {
        const std::size_t windows = entry.windowed ? policy.windows : 1;
        for (std::size_t w = 0; w < windows; ++w) {
            const Feature feature{entry.kind, static_cast<std::uint8_t>(w)};
            const std::string name = feature_name(feature, policy.policy.window_days);
            expect_same_number(
                feature_value(moment, feature), reference.feature(feature, now), name.c_str()
            );
        }
    }
}

}  // namespace patron::scoring
