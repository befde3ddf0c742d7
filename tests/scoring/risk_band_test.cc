// Bands at, above and below their thresholds.

#include "scoring/risk_band.h"

#include <gtest/gtest.h>

namespace patron::scoring {
namespace {

// Values that are exact in binary.
constexpr RiskBands kBandsExact{.medium = 0.5, .high = 0.75, .hysteresis = 0.125};

TEST(RiskBand, AThresholdIsReachedExactly) {
    EXPECT_EQ(band_after(kBandsExact, Band::Low, 0.5 - 0x1p-53), Band::Low);
    EXPECT_EQ(band_after(kBandsExact, Band::Low, 0.5), Band::Medium);
    EXPECT_EQ(band_after(kBandsExact, Band::Medium, 0.75 - 0x1p-53), Band::Medium);
    EXPECT_EQ(band_after(kBandsExact, Band::Medium, 0.75), Band::High);
}

TEST(RiskBand, ABandIsLeftOnlyBelowItsHysteresis) {
    EXPECT_EQ(band_after(kBandsExact, Band::High, 0.625), Band::High);
    EXPECT_EQ(band_after(kBandsExact, Band::High, 0.625 - 0x1p-53), Band::Medium);
    EXPECT_EQ(band_after(kBandsExact, Band::Medium, 0.375), Band::Medium);
    EXPECT_EQ(band_after(kBandsExact, Band::Medium, 0.375 - 0x1p-54), Band::Low);
    EXPECT_EQ(band_after(kBandsExact, Band::High, 0.375), Band::Medium);
    EXPECT_EQ(band_after(kBandsExact, Band::High, 0.1), Band::Low);
}

TEST(RiskBand, TheFirstBandKnowsNoHysteresis) {
    EXPECT_EQ(band_after(kBandsExact, Band::None, 0.49), Band::Low);
    EXPECT_EQ(band_after(kBandsExact, Band::None, 0.5), Band::Medium);
    EXPECT_EQ(band_after(kBandsExact, Band::None, 1), Band::High);
}

TEST(RiskBand, AskingTwiceChangesNothing) {
    for (int i = 0; i <= 64; ++i) {
        for (const Band before : {Band::None, Band::Low, Band::Medium, Band::High}) {
            const Band once = band_after(kBandsExact, before, i / 64.0);
            EXPECT_EQ(band_after(kBandsExact, once, i / 64.0), once) << i;
        }
    }
}

}  // namespace
}  // namespace patron::scoring
