#include "server/wire/policy_presets.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "scoring/policy_lint.h"
#include "server/wire/policy_document.h"

namespace patron::wire {
namespace {

using scoring::FactSchema;
using scoring::Policy;

Policy policy_of(std::string_view name) {
    const Preset* preset = find_preset(name);
    EXPECT_NE(preset, nullptr) << name;
    auto document = parse_policy(preset->text, FactSchema{});
    EXPECT_TRUE(document) << name;
    return document ? document->policy : Policy{};
}

std::vector<std::string> tier_names(const Policy& policy) {
    std::vector<std::string> names;
    for (const scoring::Tier& tier : policy.tiers) {
        names.push_back(tier.name);
    }
    return names;
}

TEST(Presets, AreValidWithoutWarnings) {
    EXPECT_EQ(presets().size(), 3U);
    for (const Preset& preset : presets()) {
        const auto document = parse_policy(preset.text, FactSchema{});
        if (!document) {
            for (const PolicyProblem& problem : document.error()) {
                ADD_FAILURE() << preset.name << ":" << problem.line << ":" << problem.column << " "
                              << problem.message << " at " << problem.pointer;
            }
            continue;
        }
        EXPECT_TRUE(document->warnings.empty()) << preset.name;
        EXPECT_TRUE(scoring::lint(document->policy, FactSchema{}).empty()) << preset.name;
        EXPECT_EQ(document->policy.name, preset.name);
        EXPECT_FALSE(document->policy.label.zh.empty()) << preset.name;
    }
}

TEST(Presets, ReadInCurrenciesWithOtherDecimals) {
    for (const auto& [code, own] : {std::pair{"JPY", 0}, {"EUR", 2}, {"KWD", 3}, {"CLF", 4}}) {
        FactSchema schema;
        schema.currency = code;
        schema.currency_digits = own;
        for (const Preset& preset : presets()) {
            EXPECT_TRUE(parse_policy(preset.text, schema)) << preset.name << " in " << code;
        }
    }
}

TEST(Presets, TiersStandLowestFirst) {
    using Names = std::vector<std::string>;
    EXPECT_EQ(tier_names(policy_of("vip")), (Names{"prospect", "regular", "vip"}));
    EXPECT_EQ(tier_names(policy_of("value")), (Names{"low_value", "mid_value", "high_value"}));
    EXPECT_EQ(tier_names(policy_of("loyalty")), (Names{"standard", "silver", "gold", "platinum"}));
}

TEST(Presets, LabelsAreBilingual) {
    const Policy loyalty = policy_of("loyalty");
    EXPECT_EQ(loyalty.tiers[0].label.zh, "普通");
    EXPECT_EQ(loyalty.tiers[1].label.zh, "白银");
    EXPECT_EQ(loyalty.tiers[2].label.zh, "黄金");
    EXPECT_EQ(loyalty.tiers[3].label.zh, "铂金");
    EXPECT_EQ(loyalty.tiers[3].label.en, "Platinum");
    EXPECT_EQ(policy_of("value").tiers[2].label.zh, "高价值");
    EXPECT_EQ(policy_of("vip").tiers[0].label.zh, "潜在客户");
}

TEST(Presets, TheLoyaltyKeepIsLowerThanEnter) {
    const Policy policy = policy_of("loyalty");
    EXPECT_EQ(policy.grace_days, 30);
    EXPECT_EQ(policy.max_step, 1);
    for (std::size_t i = 1; i < policy.tiers.size(); ++i) {
        const scoring::Tier& tier = policy.tiers[i];
        ASSERT_EQ(tier.enter.size(), 1U);
        ASSERT_TRUE(tier.keep && tier.keep->size() == 1);
        ASSERT_EQ(tier.enter[0].size(), tier.keep->front().size());
        for (std::size_t a = 0; a < tier.enter[0].size(); ++a) {
            EXPECT_EQ(tier.enter[0][a].feature, tier.keep->front()[a].feature);
            EXPECT_GT(tier.enter[0][a].threshold, tier.keep->front()[a].threshold);
        }
    }
}

TEST(Presets, ThresholdsArriveInMinorUnits) {
    const scoring::Clause silver = policy_of("loyalty").tiers[1].enter[0];
    EXPECT_EQ(silver[0].feature, (scoring::Feature{scoring::FeatureKind::SpendWindow, 2}));
    EXPECT_EQ(silver[0].threshold, 200'000);
    EXPECT_EQ(silver[1].threshold, 3);
}

TEST(Presets, ModelAndSignalsAreThePriorsTheyClaimToBe) {
    for (const Preset& preset : presets()) {
        const Policy policy = policy_of(preset.name);
        EXPECT_EQ(policy.purchase, scoring::kCdnowMbgNbd);
        EXPECT_TRUE(policy.purchase_is_prior);
        EXPECT_TRUE(policy.purchase_source.starts_with("prior"));
        EXPECT_EQ(
            policy.signal_weights,
            (std::array<double, scoring::kSignals>{
                0.8, 0.5, 0.3, 0.6, 0.5, 0.4, 0.5, 0.4, 0, 0.3, 0.2
            })
        );
        EXPECT_NE(preset.text.find("PRIOR"), std::string_view::npos);
    }
}

TEST(Presets, RecencyCutsAreMinusDays) {
    const Policy policy = policy_of("loyalty");
    ASSERT_TRUE(policy.rfm);
    EXPECT_EQ(policy.rfm->r, (std::array<double, 4>{-365, -180, -90, -30}));
    EXPECT_EQ(policy.rfm->m, (std::array<double, 4>{20'000, 80'000, 250'000, 800'000}));
}

TEST(Presets, TheDefaultIsLoyaltyUnderItsOwnName) {
    Policy policy = default_policy(FactSchema{});
    EXPECT_EQ(policy.name, "default");
    EXPECT_EQ(policy.revision, 1U);
    policy.name = "loyalty";
    EXPECT_EQ(write_policy(policy, FactSchema{}), write_policy(policy_of("loyalty"), FactSchema{}));
    // The rest of the text is untouched.
    std::string text = default_policy_text();
    text.replace(text.find("\"default\""), 9, "\"loyalty\"");
    EXPECT_EQ(text, find_preset("loyalty")->text);
    EXPECT_EQ(find_preset("default"), nullptr);
}

}  // namespace
}  // namespace patron::wire
