#include "scoring/feature.h"

#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace patron::scoring {
namespace {

const std::vector<int> kWindows{30, 90, 365};

TEST(Feature, EveryNameReadsBackAsItself) {
    for (const FeatureInfo& entry : feature_table()) {
        const std::size_t windows = entry.windowed ? kWindows.size() : 1;
        for (std::size_t w = 0; w < windows; ++w) {
            const Feature feature{entry.kind, static_cast<std::uint8_t>(w)};
            const std::string name = feature_name(feature, kWindows);
            EXPECT_EQ(parse_feature(name, kWindows), feature) << name;
        }
    }
}

TEST(Feature, NamesAreUnique) {
    std::set<std::string> names;
    for (const FeatureInfo& entry : feature_table()) {
        EXPECT_TRUE(names.insert(feature_name({entry.kind, 0}, kWindows)).second) << entry.name;
        EXPECT_FALSE(entry.meaning.empty()) << entry.name;
    }
    EXPECT_EQ(names.size(), kFeatureKinds);
}

TEST(Feature, WindowsAreNamedAfterTheirDays) {
    EXPECT_EQ(feature_name({FeatureKind::SpendWindow, 2}, kWindows), "spend_365d");
    EXPECT_EQ(feature_name({FeatureKind::ReturnRateWindow, 0}, kWindows), "return_rate_30d");
    EXPECT_EQ(feature_name({FeatureKind::SpendLifetime, 0}, kWindows), "spend_lifetime");
}

TEST(Feature, UnknownNamesAndWindowsAreRefused) {
    for (const char* name :
         {"",
          "spend",
          "spend_",
          "spend_d",
          "spend_60d",
          "spend_030d",
          "spend_+30d",
          "spend_30",
          "spend_30d ",
          "Spend_30d",
          "spend_99999999999999999999d",
          "orders_-30d",
          "x_30d",
          "nps_last_365d",
          "value"}) {
        EXPECT_FALSE(parse_feature(name, kWindows)) << name;
    }
    EXPECT_FALSE(parse_feature("spend_30d", {}));
}

FeatureMotion motion(FeatureKind kind) {
    return info(kind).motion;
}

TEST(Feature, MotionsAreWhatSilenceDoesToThem) {
    EXPECT_EQ(motion(FeatureKind::RecencyDays), FeatureMotion::Rises);
    EXPECT_EQ(motion(FeatureKind::TenureDays), FeatureMotion::Rises);
    EXPECT_EQ(motion(FeatureKind::OldestOpenHours), FeatureMotion::Rises);
    EXPECT_EQ(motion(FeatureKind::PAlive), FeatureMotion::Falls);
    EXPECT_EQ(motion(FeatureKind::PurchaseProbability), FeatureMotion::Falls);
    for (const FeatureKind kind :
         {FeatureKind::RecencyWholeDays,
          FeatureKind::TenureWholeDays,
          FeatureKind::Activity,
          FeatureKind::ComplaintLoad,
          FeatureKind::ContactPressure,
          FeatureKind::RfmR,
          FeatureKind::ValueIndex}) {
        EXPECT_EQ(motion(kind), FeatureMotion::Days) << info(kind).name;
    }
    EXPECT_EQ(motion(FeatureKind::SpendWindow), FeatureMotion::Steps);
    EXPECT_EQ(motion(FeatureKind::RfmF), FeatureMotion::Steps);
}

TEST(Feature, OnlyWhatACustomerCanBringMoreOfIsDemanded) {
    std::set<std::string_view> demanded;
    for (const FeatureInfo& entry : feature_table()) {
        if (entry.demanded) {
            demanded.insert(entry.name);
        }
    }
    EXPECT_EQ(
        demanded,
        (std::set<std::string_view>{
            "spend",
            "orders",
            "spend_lifetime",
            "orders_lifetime",
            "purchase_days",
            "referrals_made",
            "referrals_converted",
            "trainings_completed",
            "value_index"
        })
    );
}

}  // namespace
}  // namespace patron::scoring
